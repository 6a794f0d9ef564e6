"""Tells people that a task has failed for good: what happened, what to do, and where to look."""

from __future__ import annotations

import html
import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowException

from crm_sync import providers
from crm_sync.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow.sdk import BaseNotifier, Context

log = logging.getLogger("crm_sync")


@dataclass(frozen=True)
class Alert:
    """What is said: one line, and a few lines of plain text."""

    subject: str
    text: str


def report_failure(context: Context) -> None:
    """Airflow calls this when a task has failed for good. Each channel is tried, whatever another met."""
    settings = Settings.from_environment(os.environ)
    alert = alert_of(context)
    for name in _names(settings.alert_channels):
        try:
            # Not called: a notifier would take braces in an error's message for a template.
            for notifier in CHANNELS[name](alert, settings):
                notifier.notify(context)
                log.info("told of the failure by %s", name)
        except Exception as error:  # noqa: BLE001  whatever a mail server does, the others are still told
            log.error("nobody was told by %s: %s", name, type(error).__name__)  # noqa: TRY400  it may quote an address


def alert_of(context: Context) -> Alert:
    """Provider, stage, the error with its remedy, and the address of the task's log; no person's data, no key."""
    ti, title = context["ti"], providers.get(context["task"].provider).title
    message = _message(context.get("exception"))
    return Alert(
        subject=f"CRM Sync: {title} failed at {ti.task_id}",
        text=f"{message}\n\nProvider: {title}\nStage: {ti.task_id}\nRun: {ti.run_id}\nLog: {ti.log_url}",
    )


def _message(error: Any) -> str:
    """What our own errors say is safe to pass on; of others only the name is."""
    if isinstance(error, AirflowException) and str(error):
        return str(error)
    if type(error).__name__ == "AirflowTaskTimeout":
        return "The task ran longer than it may; what was answered is kept, and the next run goes on."
    return f"The task ended unexpectedly ({type(error).__name__}); its log says where."


def _smtp(alert: Alert, settings: Settings) -> list[BaseNotifier]:
    from airflow.providers.smtp.notifications.smtp import SmtpNotifier

    receivers = _names(settings.alert_emails)
    if not receivers:
        log.warning("nobody gets a mail about this failure: CRM_SYNC_ALERT_EMAILS is not set")
        return []
    body = html.escape(alert.text).replace("\n", "<br>\n")
    return [SmtpNotifier(to=receivers, subject=alert.subject, html_content=body)]


def _slack(alert: Alert, _: Settings) -> list[BaseNotifier]:
    from airflow.providers.slack.notifications.slack_webhook import SlackWebhookNotifier

    return [SlackWebhookNotifier(text=f"*{alert.subject}*\n{alert.text}")]


def _apprise(alert: Alert, _: Settings) -> list[BaseNotifier]:
    from airflow.providers.apprise.notifications.apprise import AppriseNotifier
    from apprise import NotifyType

    return [AppriseNotifier(title=alert.subject, body=alert.text, notify_type=NotifyType.FAILURE)]


# CRM_SYNC_ALERT_CHANNELS names them; each uses its Airflow connection: smtp_default, slack_default, apprise_default.
CHANNELS: dict[str, Callable[[Alert, Settings], list[BaseNotifier]]] = {
    "smtp": _smtp,
    "slack": _slack,
    "apprise": _apprise,
}


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
