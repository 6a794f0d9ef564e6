"""Codes of the ledger in plain words. A code that is not known here is shown as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_sync import providers, reasons
from crm_sync.run_status import RunStatus, status_of

if TYPE_CHECKING:
    from datetime import datetime

    from crm_sync.reasons import Reason
    from crm_sync.run_status import Row

VERBS = {
    "create": "add the person",
    "update": "update",
    "change_address": "change the address",
    "enable": "enable again",
    "suppress": "disable",
    "archive": "disable",
    "add_to_list": "add to list",
    "remove_from_list": "take out of list",
    "create_list": "make list",
    "rename_list": "rename list",
    "delete_list": "delete list",
}
STATUSES = {
    "pending": "planned",
    "in_doubt": "awaiting an answer",
    "submitted": "submitted",
    "applied": "applied",
    "refused": "refused",
    "deferred": "deferred",
    "held": "held back",
    "dropped": "dropped",
    "not_sent": "not sent",
}
STATES = {
    "active": "active",
    "suppressed": "disabled: Do Not Contact",
    "archived": "disabled: in no list",
    "opted_out": "opted out",
    "cleaned": "bounces",
    "pending": "awaits confirmation",
    "absent": "never accepted",
}
RUN_STATUSES = {
    RunStatus.RUNNING: "under way",
    RunStatus.WAITING: "waits for approval; only Do Not Contact was sent",
    RunStatus.DONE: "done",
    RunStatus.LEFT_OVER: "done, but {waiting}",
    RunStatus.FAILED: "failed",
    RunStatus.REJECTED: "rejected; only Do Not Contact was sent",
    RunStatus.REPLACED: "held, and another run took its place; only Do Not Contact was sent",
    RunStatus.PREVIEW: "preview, nothing was sent",
    RunStatus.IDLE: "nothing to do",
}
RUN_FILTERS = {
    RunStatus.RUNNING: "under way",
    RunStatus.WAITING: "waits for approval",
    RunStatus.DONE: "done",
    RunStatus.LEFT_OVER: "done, but people wait",
    RunStatus.FAILED: "failed",
    RunStatus.REJECTED: "rejected",
    RunStatus.REPLACED: "held, and replaced",
    RunStatus.PREVIEW: "preview",
    RunStatus.IDLE: "nothing to do",
}
STEPS = {"open": "reading and planning", "planned": "sending"}
ALERTS = {
    "load_failed": "runs fail",
    "connection_lost": "the connection is lost",
    "many_refused": "many are refused",
    "records_wait": "calls fail for single records",
    "opt_outs_unwritten": "the CRM does not take opt-outs",
    "brake_waiting": "a plan waits for a decision",
    "late": "no run has ended well for long",
    "not_live": "changes wait for the schedule",
}
ACCOUNT_MODES = {
    "changes": "changes since the last run",
    "compare": "everyone, compared with the ledger",
    "full": "everything",
    "backfill": "a time in the past",
}


def reason(code: str | None, provider: str = "") -> str:
    """What a reason means, in the words of the provider that gave it; without one, of the engine alone."""
    found = _found(code, provider)
    return found.meaning if found else _as_it_is(code)


def remedy(code: str | None, provider: str = "") -> str:
    """What to do about it."""
    found = _found(code, provider)
    return found.remedy if found else ""


def is_permanent(code: str, provider: str) -> bool:
    """Whether nothing that the pipeline does brings the person back."""
    found = _found(code, provider)
    return found is not None and found.is_permanent


def _found(code: str | None, provider: str) -> Reason | None:
    return reasons.find(providers.get(provider).reasons if provider else reasons.ENGINE, code) if code else None


def _as_it_is(code: str | None) -> str:
    return (code or "").replace("_", " ")


def operation_status(code: str, *, is_over: bool = False) -> str:
    """What became of an operation. Nothing sends any more what a run that is over did not."""
    code = "not_sent" if is_over and code == "pending" else code
    return STATUSES.get(code, code)


def run_status(run: Row) -> str:
    """What became of a run, and how many operations wait for a later one."""
    if run.state in STEPS:
        return STEPS[run.state]
    waiting = f"{run.waiting:,} operation{'s' if run.waiting != 1 else ''}"
    status = status_of(run)
    said = RUN_STATUSES[status].format(waiting=f"{waiting} {_wait(run)}")
    if status is RunStatus.FAILED and run.dry_run:
        return "preview failed"
    return f"{said}; {waiting} {_wait(run)}" if status is RunStatus.FAILED and run.waiting else said


def _wait(run: Row) -> str:
    return "wait" if run.waiting != 1 else "waits"


def is_running(run: Row, active: tuple[str, ...] | None) -> bool:
    """Whether a run is on. ``active``: those that Airflow has on; None where nobody asked."""
    return run.state in STEPS and not has_died(run, active)


def has_died(run: Row, active: tuple[str, ...] | None) -> bool:
    """Whether a run is on by its own row alone: it ended in Airflow, and nobody could say so here."""
    return run.state in STEPS and active is not None and getattr(run, "airflow_run_id", "") not in active


def run_tone(run: Row) -> str:
    """How a run looks: good, bad, or neither."""
    status = status_of(run)
    bad = {RunStatus.FAILED, RunStatus.WAITING, RunStatus.LEFT_OVER}
    return "bad" if status in bad else "good" if status is RunStatus.DONE else ""


def origin(airflow_run_id: str) -> str:
    """By whom a run was started, as far as its id tells: Airflow itself may have forgotten it."""
    kinds = {
        "scheduled": "the clock",
        "asset_triggered": "a change in the CRM",
        "backfill": "a backfill",
        "approved": "an approval",
        "manual": "a person",
    }
    return kinds.get(airflow_run_id.partition("__")[0], "")


def lasted(begun: datetime, ended: datetime) -> str:
    """How long something took, in hours, minutes and seconds."""
    seconds = max(0, round((ended - begun).total_seconds()))
    hours, minutes = divmod(seconds // 60, 60)
    parts = [(hours, "h"), (minutes, "min"), (seconds % 60, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "under a second"


def utc(moment: datetime | None) -> str:
    """A moment to the minute, with its time zone written out."""
    if moment is None:
        return "never"
    from datetime import UTC

    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago a moment is, in the largest unit that fits."""
    minutes = max(0, int((now - moment).total_seconds() // 60))
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            number = minutes // size
            return f"{number} {unit}{'s' if number != 1 else ''}"
    return "less than a minute"
