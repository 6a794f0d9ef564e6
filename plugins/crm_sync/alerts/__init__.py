"""Tells people when something goes wrong with a provider and when it has ended: once for each change, not each run."""

from __future__ import annotations

from crm_sync.alerts.callbacks import (
    report_answer,
    report_brake,
    report_failed_run,
    report_failure,
    report_late,
    report_success,
    report_untold,
)

# What every task of a DAG calls at its end.
CALLBACKS = {"on_failure_callback": report_failure, "on_success_callback": report_success}

__all__ = [
    "CALLBACKS",
    "report_answer",
    "report_brake",
    "report_failed_run",
    "report_failure",
    "report_late",
    "report_success",
    "report_untold",
]
