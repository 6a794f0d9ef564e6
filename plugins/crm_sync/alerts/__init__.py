"""Alerts people when a problem with a provider begins and when it ends: once for each change, not for each run."""

from __future__ import annotations

from crm_sync.alerts.callbacks import (
    report_answer,
    report_brake,
    report_failed_run,
    report_failure,
    report_late,
    report_live,
    report_success,
    report_untold,
)

# The callbacks of every task of a DAG.
CALLBACKS = {"on_failure_callback": report_failure, "on_success_callback": report_success}

__all__ = [
    "CALLBACKS",
    "report_answer",
    "report_brake",
    "report_failed_run",
    "report_failure",
    "report_late",
    "report_live",
    "report_success",
    "report_untold",
]
