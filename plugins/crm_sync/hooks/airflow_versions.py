"""What only newer releases of Airflow have, and what stands in for it in the older ones. Each component of Airflow says
it as it starts, and so does ``crm-sync check``."""

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

# Of a task that waits for a person's answer.
RESTING = ("awaiting_input", "deferred")
_LACKS_OF_3_2 = (
    "Airflow before 3.3 does not show the sync page at the top of its navigation, and asks about a held plan through"
    " the triggerer: keep one running"
)


def airflow_found() -> str:
    """The release of Airflow, and what it does in another way than the newest."""
    return ". ".join(filter(None, (__version__, lacks())))


def lacks() -> str:
    """What this Airflow does in another way than the newest; "" for nothing."""
    return "" if TaskAwaitingInput else _LACKS_OF_3_2


def rest(ti_id: UUID, options: list[str], method_name: str, seconds: timedelta) -> BaseException:
    """What a task raises to rest until a person chooses one of the options, or the time is over: then the method gets
    an event with ``chosen_options`` and ``responded_by_user``, or with ``error``."""
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
    """Airflow asks this of scheduler, DAG processor and triggerer, and of each task, which need not say it again."""
    if lacks() and type(component).__name__ == "Job":
        log.warning("Airflow %s", airflow_found())
