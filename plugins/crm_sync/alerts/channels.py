"""The channels of alerts, each an Airflow hook or notifier with its connection."""

from __future__ import annotations

import html
import logging
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from crm_sync.hooks import configuration
from crm_sync.side_work import beside_the_work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from airflow.sdk import Context

    from crm_sync.alerts.message import Message
    from crm_sync.settings import Settings

    # The name for the log, without an address or key, and the function that sends.
    Delivery = tuple[str, Callable[[], None]]

log = logging.getLogger("crm_sync")

# Channels that need an extra of this package → the module that the extra installs.
_EXTRAS = {"slack": "airflow.providers.slack", "apprise": "airflow.providers.apprise"}


def tell(message: Message, context: Context) -> str:
    """Send a message by every channel, to all of its addresses. Returns why nothing was sent; "" if one delivery
    succeeded."""
    settings = configuration.read().settings  # an invalid one may itself be what the alert is about
    untold = [_untold(name, message, settings, context) for name in settings.alert_channels]
    return "; ".join(untold or ["the setting alert_channels names no channel"]) if all(untold) else ""


def _untold(channel: str, message: Message, settings: Settings, context: Context) -> str:
    if channel not in CHANNELS:
        log.error("no alert by %s: the setting alert_channels knows %s", channel, ", ".join(CHANNELS))
        return f"the setting alert_channels knows no {channel}"
    if channel == "smtp" and not settings.alert_emails:
        log.warning("nobody gets a mail: the setting alert_emails is not set")
        return "the setting alert_emails is not set"
    if channel in _EXTRAS and find_spec(_EXTRAS[channel]) is None:
        log.error("no alert by %s: its package is missing; pip install 'crm-sync[%s]'", channel, channel)
        return f"the package of {channel} is missing: pip install 'crm-sync[{channel}]'"
    told = 0
    with beside_the_work(f"no alert by {channel}"):  # the library or the connection may be missing
        for name, send in CHANNELS[channel](message, settings, context):
            with beside_the_work(f"no alert by {channel}, {name}"):
                send()
                told += 1
                log.info("alert by %s, %s: %s", channel, name, message.subject)
    return "" if told else f"{channel} accepted it for no address; the log of the failed task says why"


def _smtp(message: Message, settings: Settings, _: Context) -> Iterator[Delivery]:
    """One mail for each address: Airflow's hook does not report which of several addresses a server refuses."""
    receivers = settings.alert_emails
    for number, receiver in enumerate(receivers, 1):
        yield f"address {number} of {len(receivers)} in the setting alert_emails", partial(_mail, receiver, message)


def _mail(receiver: str, message: Message) -> None:
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    body = html.escape(message.text).replace("\n", "<br>\n")
    with SmtpHook() as server:
        server.send_email_smtp(to=[receiver], subject=message.subject, html_content=body)


def _slack(message: Message, _: Settings, context: Context) -> Iterator[Delivery]:
    from airflow.providers.slack.notifications.slack_webhook import SlackWebhookNotifier

    subject, text = (html.escape(each, quote=False) for each in (message.subject, message.text))
    notifier = SlackWebhookNotifier(text=f"*{subject}*\n{text}")
    # The notifier itself is not called: it would treat braces in an error's message as a template.
    yield "its webhook", lambda: notifier.notify(context)


def _apprise(message: Message, _: Settings, __: Context) -> Iterator[Delivery]:
    """Airflow's own notifier does not report that nobody was reached, and cannot distinguish the incidents of several
    providers. Its hook and connection are used instead."""
    from airflow.providers.apprise.hooks.apprise import AppriseHook

    hook = AppriseHook()
    found = hook.get_config_from_conn(hook.get_connection(hook.apprise_conn_id))
    entries = found if isinstance(found, list) else [found]
    for number, entry in enumerate(entries, 1):
        tag = f" ({entry['tag']})" if isinstance(entry, dict) and entry.get("tag") else ""
        yield from _of_entry(f"entry {number} of {len(entries)}{tag} in its connection", entry, message)


def _of_entry(name: str, entry: Any, message: Message) -> Iterator[Delivery]:
    """A delivery for each address in the entry, and one that fails if the entry cannot be parsed completely."""
    import apprise

    services = apprise.Apprise()
    is_whole = False
    with beside_the_work(f"no alert by apprise, {name}"), _unheard("apprise"):
        is_whole = services.add(entry["path"].replace("{provider}", message.provider))
    if not is_whole:
        yield name, _unreadable
    for service in services:
        yield name, partial(_post, service, message)


def _unreadable() -> None:
    raise ValueError


def _post(service: Any, message: Message) -> None:
    import apprise

    to = apprise.Apprise()
    to.add(service)
    with _unheard("apprise"):
        is_taken = to.notify(
            title=message.subject,
            body=message.text,
            body_format=apprise.NotifyFormat.TEXT,  # else a mail would be sent as HTML
            notify_type=apprise.NotifyType(message.tone),
        )
    if not is_taken:
        raise RuntimeError


@contextmanager
def _unheard(library: str) -> Iterator[None]:
    """Silence a library that logs every URL that it cannot parse, with its secrets."""
    logger = logging.getLogger(library)
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


# By their names in the setting alert_channels. Each uses an Airflow connection: smtp_default, slack_default or
# apprise_default.
CHANNELS: dict[str, Callable[[Message, Settings, Context], Iterator[Delivery]]] = {
    "smtp": _smtp,
    "slack": _slack,
    "apprise": _apprise,
}
