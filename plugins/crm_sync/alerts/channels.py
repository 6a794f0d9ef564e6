"""The ways in which people are told, each by an Airflow notifier and its connection."""

from __future__ import annotations

import html
import logging
import os
from typing import TYPE_CHECKING

from airflow.sdk import BaseNotifier

from crm_sync.settings import PREFIX, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow.sdk import Context

    from crm_sync.alerts.message import Message

log = logging.getLogger("crm_sync")

# The only settings that are read here: one that does not fit is itself what people are told of.
_READ = (f"{PREFIX}ALERT_CHANNELS", f"{PREFIX}ALERT_EMAILS")


def tell(message: Message, context: Context) -> bool:
    """Whether anybody was told. Each channel is tried, whatever another met."""
    settings = Settings.from_environment({name: os.environ[name] for name in _READ if name in os.environ})
    told = [_is_told(name, message, settings, context) for name in _names(settings.alert_channels)]
    return any(told)


def _is_told(channel: str, message: Message, settings: Settings, context: Context) -> bool:
    if channel not in CHANNELS:
        log.error("nobody was told by %s: CRM_SYNC_ALERT_CHANNELS knows %s", channel, ", ".join(CHANNELS))
        return False
    try:
        notifier = CHANNELS[channel](message, settings)
        if notifier is not None:
            # Not called: a notifier would take braces in an error's message for a template.
            notifier.notify(context)
            log.info("told by %s: %s", channel, message.subject)
    except Exception as error:  # noqa: BLE001  whatever a mail server does, the others are still told
        log.error("nobody was told by %s: %s", channel, type(error).__name__)  # noqa: TRY400  it may quote an address
        return False
    return notifier is not None


def _smtp(message: Message, settings: Settings) -> BaseNotifier | None:
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    receivers = _names(settings.alert_emails)
    if not receivers:
        log.warning("nobody gets a mail: CRM_SYNC_ALERT_EMAILS is not set")
        return None
    body = html.escape(message.text).replace("\n", "<br>\n")
    return SmtpNotifier(to=receivers, subject=message.subject, html_content=body)


def _slack(message: Message, _: Settings) -> BaseNotifier:
    from airflow.providers.slack.notifications.slack_webhook import SlackWebhookNotifier

    subject, text = (html.escape(each, quote=False) for each in (message.subject, message.text))
    return SlackWebhookNotifier(text=f"*{subject}*\n{text}")


def _apprise(message: Message, _: Settings) -> BaseNotifier:
    return _AppriseNotifier(message)


class _AppriseNotifier(BaseNotifier):
    """Airflow's own notifier does not say when nobody was reached, and cannot tell one provider's incident from
    another's; its hook and connection are used."""

    def __init__(self, message: Message) -> None:
        super().__init__()
        self._message = message

    def notify(self, context: Context) -> None:  # noqa: ARG002  Airflow's interface
        """Send to every address of the connection; a RuntimeError where one of them did not take it."""
        import apprise
        from airflow.providers.apprise.hooks.apprise import AppriseHook

        hook, services = AppriseHook(), apprise.Apprise()
        found = hook.get_config_from_conn(hook.get_connection(hook.apprise_conn_id))
        for each in found if isinstance(found, list) else [found]:
            services.add(each["path"].replace("{provider}", self._message.provider), tag=each.get("tag"))
        if not services.notify(
            title=self._message.subject, body=self._message.text, notify_type=apprise.NotifyType(self._message.tone)
        ):
            raise RuntimeError("not all of the connection's addresses took it")


# CRM_SYNC_ALERT_CHANNELS names them; each uses its Airflow connection: smtp_default, slack_default, apprise_default.
CHANNELS: dict[str, Callable[[Message, Settings], BaseNotifier | None]] = {
    "smtp": _smtp,
    "slack": _slack,
    "apprise": _apprise,
}


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
