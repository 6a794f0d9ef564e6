"""Replacements for features that only newer releases of Airflow have. Each component of Airflow logs the differences
when it starts, and ``crm-sync check`` shows them."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from airflow import __version__
from airflow.listeners import hookimpl
from airflow.sdk.exceptions import TaskDeferred

try:
    from airflow.sdk.exceptions import TaskAwaitingInput
except ImportError:  # before Airflow 3.3
    TaskAwaitingInput = None

if TYPE_CHECKING:
    from datetime import timedelta
    from uuid import UUID

log = logging.getLogger("crm_sync")

# The states of a task that waits for a person's answer.
RESTING = ("awaiting_input", "deferred")
_LACKS_OF_3_2 = (
    "Airflow before 3.3 does not show the sync page at the top of its navigation, and asks about a held plan through"
    " the triggerer: keep one running"
)


def airflow_found() -> str:
    """The release of Airflow, and how it differs from the newest."""
    return ". ".join(filter(None, (__version__, lacks())))


def lacks() -> str:
    """How this Airflow differs from the newest; "" if it does not."""
    return "" if TaskAwaitingInput else _LACKS_OF_3_2


def rest(ti_id: UUID, options: list[str], method_name: str, seconds: timedelta) -> BaseException:
    """The exception with which a task waits until a person chooses one of the options or the time is over. The method
    then gets an event with ``chosen_options`` and ``responded_by_user``, or with ``error``."""
    resting: BaseException
    if TaskAwaitingInput:
        resting = TaskAwaitingInput(method_name=method_name, timeout=seconds)
    else:
        from airflow.providers.standard.triggers.hitl import HITLTrigger

        until = datetime.now(UTC) + seconds
        trigger = HITLTrigger(ti_id=ti_id, options=options, params={}, multiple=False, timeout_datetime=until)
        resting = TaskDeferred(trigger=trigger, method_name=method_name)
    return resting


@hookimpl
def on_starting(component: Any) -> None:
    """Airflow calls this for scheduler, DAG processor and triggerer, and also for each task, which logs nothing."""
    if lacks() and type(component).__name__ == "Job":
        log.warning("Airflow %s", airflow_found())
