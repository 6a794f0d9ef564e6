"""What people are told: the provider, what is wrong, what to do, and where to look; no person's data and no key."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from airflow.configuration import conf

from crm_sync import pages, providers
from crm_sync.alerts.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from airflow.sdk import Context

    from crm_sync.alerts.kinds import Trouble


@dataclass(frozen=True)
class Message:
    """One line, a few lines of plain text, and whether it is a failure, a warning, info or success."""

    provider: str
    subject: str
    text: str
    tone: str


@dataclass(frozen=True)
class Place:
    """Where something happened: a provider, a run by Airflow's id, and the stage, or the task, if it was one."""

    provider: str
    dag_id: str
    run_id: str
    stage: str = ""
    log_url: str = ""
    asked_as: str = ""  # the run in which Airflow asks a person

    @classmethod
    def of_task(cls, context: Context) -> Place:
        """From what Airflow gives a task. Its error knows the stage, of several that the task may run."""
        ti = context["ti"]
        stage = getattr(context.get("exception"), "stage", ti.task_id)
        return cls(context["task"].provider, ti.dag_id, ti.run_id, stage, ti.log_url)

    @classmethod
    def of_run(cls, context: Context) -> Place:
        """From what Airflow gives a run: with the task that failed last, if it names one."""
        ti, dag_id = context.get("ti"), context["dag"].dag_id
        where = (ti.task_id, ti.log_url) if ti is not None else ()
        return cls(pages.provider_of(dag_id) or dag_id, dag_id, context["run_id"], *where)

    @property
    def title(self) -> str:
        """The provider's name as people write it."""
        return providers.get(self.provider).title

    def lines(self) -> str:
        """For the end of a message."""
        named = {
            "Provider": self.title,
            "Stage": self.stage,
            "Run": self.run_id,
            "What it did": self.run_id and pages.run_tab(_airflow(), self.dag_id, self.run_id),
            "Log": self.log_url,
            "All its runs": pages.dag(_airflow(), self.dag_id),
        }
        return "\n".join(f"{name}: {value}" for name, value in named.items() if value)

    def required_actions(self) -> str:
        """The page on which a person decides what the run waits for."""
        return pages.required_actions(_airflow(), self.asked_as)


# What stands in a subject behind the provider's title.
_HEADLINES = {
    Kind.LOAD_FAILED: "failed at {stage}",
    Kind.CONNECTION_LOST: "has lost its connection",
    Kind.MANY_REFUSED: "refuses many",
    Kind.RECORDS_WAIT: "fails for single records",
    Kind.OPT_OUTS_UNWRITTEN: "has opt-outs that the CRM does not take",
    Kind.BRAKE_WAITING: "waits for a decision",
    Kind.LATE: "has had no successful run for long",
}
_NAMES = {
    Kind.LOAD_FAILED: "runs failed",
    Kind.CONNECTION_LOST: "the connection was lost",
    Kind.MANY_REFUSED: "many were refused",
    Kind.RECORDS_WAIT: "calls failed for single records",
    Kind.OPT_OUTS_UNWRITTEN: "the CRM did not take opt-outs",
    Kind.BRAKE_WAITING: "a plan waited for a decision",
    Kind.LATE: "no run was successful for long",
}
_REMEDIES = {
    Kind.LOAD_FAILED: "as the message says. Where it speaks of waiting, nothing: the next run takes up what is left.",
    Kind.CONNECTION_LOST: "mend the connection, as the message says; then clear the failed run, or wait for the next.",
    Kind.RECORDS_WAIT: "look at them in crm_sync.exceptions. Each is tried again, with pauses that grow to a day; where"
    " that does not help, change the record in the CRM, or ask the provider.",
    Kind.OPT_OUTS_UNWRITTEN: "look at them in crm_sync.exceptions, and at what keeps the CRM from setting Do Not"
    " Contact: a trigger, a check, a right, a lock. Each run tries again; until then they are held back everywhere.",
    Kind.MANY_REFUSED: "look at the run's refused operations; mend the addresses or records in the CRM.",
    Kind.BRAKE_WAITING: "decide, at {required_actions}. Is the CRM right? Approve. If not, reject, and mend the CRM.",
    Kind.LATE: "look what the runs of the DAG are doing: whether one hangs, waits for a worker, or fails each time.",
}
# Of a run whose tasks could not tell.
CAUSE_UNKNOWN = (
    "The run has failed, and no task of it could say why: the process of a task was killed, or somebody marked it, or"
    " the run, as failed; what was answered is kept, and the next run goes on."
)
_WARNINGS = {Kind.MANY_REFUSED, Kind.RECORDS_WAIT, Kind.OPT_OUTS_UNWRITTEN, Kind.BRAKE_WAITING}


def of_trouble(kind: Kind, cause: str, place: Place) -> Message:
    """Something has gone wrong."""
    headline = _HEADLINES[kind].format(stage=place.stage or "a stage")
    remedy = _REMEDIES[kind].format(required_actions=place.required_actions())
    return Message(
        provider=place.provider,
        subject=f"CRM Sync: {place.title} {headline}",
        text=f"{cause}\n\nWhat to do: {remedy}\n\n{place.lines()}\n\nThis is told once, and again when it has ended.",
        tone="warning" if kind in _WARNINGS else "failure",
    )


def of_end(ended: Iterable[Trouble], left: Iterable[Trouble], place: Place) -> Message:
    """What was wrong has ended. An incident may be closed where nothing is ``left``."""
    still = list(left)
    told = [_told("Ended", each) for each in ended] + [_told("Still open", each) for each in still]
    return Message(
        provider=place.provider,
        subject=f"CRM Sync: {place.title} recovered",
        text="\n".join(told) + f"\n\n{place.lines()}",
        tone="info" if still else "success",
    )


def that_may_come_again(message: Message) -> Message:
    """Where it could not be written down that people were told."""
    note = "The state database could not be reached, so this may be told again."
    return replace(message, text=f"{message.text}\n{note}")


def cause_of_failure(error: Any) -> str:
    """What our own errors say is safe to pass on; of others only the name is."""
    from airflow.sdk.exceptions import AirflowException

    if error is None:
        return "The task's worker died, or was stopped from outside; what was answered is kept."
    if isinstance(error, AirflowException) and str(error):
        return str(error)
    if type(error).__name__ == "AirflowTaskTimeout":
        return "The task ran longer than it may; what was answered is kept, and the next run goes on."
    return f"The task ended unexpectedly ({type(error).__name__}); its log says where."


def cause_of_lateness(last_good: datetime | None, open_now: Iterable[Trouble]) -> str:
    """Since when no run has ended well, and what people know is wrong since then."""
    since = f"since {_at(last_good)}" if last_good else "yet"
    return "\n".join([f"No run has ended well {since}.", *(_told("Open", each) for each in open_now)])


def _told(word: str, each: Trouble) -> str:
    lasted = timedelta(seconds=round(each.lasted.total_seconds()))
    return f"{word}: {_NAMES[each.kind]}, since {_at(each.since)}, for {lasted} (h:mm:ss)"


def _at(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _airflow() -> str:
    return str(conf.get("api", "base_url", fallback=""))
