"""Text of the alerts: the provider, what is wrong, what to do and where to look; never a person's data or a key."""

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
    """A subject line and a few lines of plain text. ``tone``: failure, warning, info or success."""

    provider: str
    subject: str
    text: str
    tone: str


@dataclass(frozen=True)
class Place:
    """Where something happened: the provider, Airflow's id of the run, and the stage or task, if there is one."""

    provider: str
    dag_id: str
    run_id: str
    stage: str = ""
    log_url: str = ""
    asked_as: str = ""  # the DAG run in which Airflow asks a person

    @classmethod
    def of_task(cls, context: Context) -> Place:
        """From the context of a task. A task may run several stages; its error says which one failed."""
        ti = context["ti"]
        stage = getattr(context.get("exception"), "stage", ti.task_id)
        return cls(context["task"].provider, ti.dag_id, ti.run_id, stage, ti.log_url)

    @classmethod
    def of_run(cls, context: Context) -> Place:
        """From the context of a run, with the task that failed last if Airflow names one."""
        ti, dag_id = context.get("ti"), context["dag"].dag_id
        where = (ti.task_id, ti.log_url) if ti is not None else ()
        return cls(pages.provider_of(dag_id) or dag_id, dag_id, context["run_id"], *where)

    @property
    def title(self) -> str:
        """The provider's name as it is written in prose."""
        return providers.get(self.provider).title

    def lines(self) -> str:
        """The lines that end a message."""
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
        """The page on which a person decides about a held plan."""
        return pages.required_actions(_airflow(), self.asked_as)


# Follows the provider's title in the subject.
_HEADLINES = {
    Kind.LOAD_FAILED: "failed at {stage}",
    Kind.CONNECTION_LOST: "has lost its connection",
    Kind.MANY_REFUSED: "refuses many operations",
    Kind.RECORDS_WAIT: "fails for some records",
    Kind.OPT_OUTS_UNWRITTEN: "has opt-outs that the CRM rejects",
    Kind.BRAKE_WAITING: "waits for a decision",
    Kind.LATE: "has had no successful run for a long time",
    Kind.NOT_LIVE: "waits for its schedule",
}
_NAMES = {
    Kind.LOAD_FAILED: "runs failed",
    Kind.CONNECTION_LOST: "the connection was lost",
    Kind.MANY_REFUSED: "many operations were refused",
    Kind.RECORDS_WAIT: "calls failed for some records",
    Kind.OPT_OUTS_UNWRITTEN: "the CRM rejected opt-outs",
    Kind.BRAKE_WAITING: "a plan waited for a decision",
    Kind.LATE: "no run succeeded for a long time",
    Kind.NOT_LIVE: "changes waited for the schedule",
}
_REMEDIES = {
    Kind.LOAD_FAILED: "follow the message above. If it says to wait, do nothing: the next run continues with what is"
    " left.",
    Kind.CONNECTION_LOST: "fix the connection as the message says, then clear the failed run or wait for the next one.",
    Kind.RECORDS_WAIT: "find the records in crm_sync.exceptions. Each one is retried, at intervals that grow to a"
    " day. If that does not help, change the record in the CRM or ask the provider.",
    Kind.OPT_OUTS_UNWRITTEN: "find the people in crm_sync.exceptions, and find out what prevents the CRM from"
    " setting Do Not Contact: a trigger, a constraint, a missing privilege or a lock. Each run tries again; until it"
    " succeeds, nothing is sent to these people at any newsletter provider.",
    Kind.MANY_REFUSED: "look at the refused operations of the run, and correct the addresses or records in the CRM.",
    Kind.BRAKE_WAITING: "decide at {required_actions}. If the CRM is right, approve. If not, reject and correct the"
    " CRM.",
    Kind.LATE: "look at the runs of the DAG: one may hang or wait for a worker, or every run may fail.",
    Kind.NOT_LIVE: "look at Airflow's triggerer and its log. If you run none, set live = false for the provider.",
}
# The cause if no task of a run could report an error.
CAUSE_UNKNOWN = (
    "The run failed and none of its tasks could report why: a task's process was killed, or somebody marked the task or"
    " the run as failed. Every answer so far is recorded, and the next run continues from there."
)
_WARNINGS = {Kind.NOT_LIVE, Kind.MANY_REFUSED, Kind.RECORDS_WAIT, Kind.OPT_OUTS_UNWRITTEN, Kind.BRAKE_WAITING}


def of_trouble(kind: Kind, cause: str, place: Place) -> Message:
    """The alert that a problem has begun."""
    headline = _HEADLINES[kind].format(stage=place.stage or "a stage")
    remedy = _REMEDIES[kind].format(required_actions=place.required_actions())
    return Message(
        provider=place.provider,
        subject=f"CRM Sync: {place.title} {headline}",
        text=f"{cause}\n\nWhat to do: {remedy}\n\n{place.lines()}\n\nYou get one message about this now, and one"
        " when it is over.",
        tone="warning" if kind in _WARNINGS else "failure",
    )


def of_end(ended: Iterable[Trouble], left: Iterable[Trouble], place: Place) -> Message:
    """The message that problems have ``ended``. The incident may be closed if none is ``left``."""
    still = list(left)
    told = [_told("Ended", each) for each in ended] + [_told("Still open", each) for each in still]
    return Message(
        provider=place.provider,
        subject=f"CRM Sync: {place.title} recovered",
        text="\n".join(told) + f"\n\n{place.lines()}",
        tone="info" if still else "success",
    )


def that_may_come_again(message: Message) -> Message:
    """The same message, with a note that it could not be recorded as sent."""
    note = "The state database could not be reached, so you may get this message again."
    return replace(message, text=f"{message.text}\n{note}")


def cause_of_failure(error: Any) -> str:
    """The text of one of our own errors, which is safe to pass on; of any other error, only its class."""
    from airflow.sdk.exceptions import AirflowException

    if error is None:
        return "The task's worker died or was stopped from outside. Every answer so far is recorded."
    if isinstance(error, AirflowException) and str(error):
        return str(error)
    if type(error).__name__ == "AirflowTaskTimeout":
        return (
            "The task exceeded its time limit. Every answer so far is recorded, and the next run continues from there."
        )
    return f"The task ended with an unexpected {type(error).__name__}; its log says where."


def cause_of_lateness(last_good: datetime | None, open_now: Iterable[Trouble]) -> str:
    """When a run last succeeded, and which alerts are open."""
    since = f"since {_at(last_good)}" if last_good else "yet"
    return "\n".join([f"No run has succeeded {since}.", *(_told("Open", each) for each in open_now)])


def _told(word: str, each: Trouble) -> str:
    lasted = timedelta(seconds=round(each.lasted.total_seconds()))
    return f"{word}: {_NAMES[each.kind]}, since {_at(each.since)}, for {lasted} (h:mm:ss)"


def _at(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _airflow() -> str:
    return str(conf.get("api", "base_url", fallback=""))
