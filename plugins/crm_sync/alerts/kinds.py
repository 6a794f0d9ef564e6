"""The kinds of problems that outlast a run, and which of them a failed task indicates."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from airflow.sdk.exceptions import AirflowFailException

if TYPE_CHECKING:
    from datetime import datetime, timedelta


class Kind(StrEnum):
    """The values are those of the column crm_sync.alert.kind."""

    LOAD_FAILED = "load_failed"
    CONNECTION_LOST = "connection_lost"
    MANY_REFUSED = "many_refused"
    BRAKE_WAITING = "brake_waiting"
    LATE = "late"
    RECORDS_WAIT = "records_wait"
    OPT_OUTS_UNWRITTEN = "opt_outs_unwritten"
    NOT_LIVE = "not_live"


# The alerts that a successful run closes, whether or not it had anything to do. MANY_REFUSED is closed only by a run
# that sent something.
DISPROVED_BY_AN_END = (Kind.LOAD_FAILED, Kind.CONNECTION_LOST, Kind.BRAKE_WAITING, Kind.LATE)
DISPROVED_WHILE_HELD = (Kind.LOAD_FAILED, Kind.CONNECTION_LOST)


class ConnectionLost(AirflowFailException):
    """A task failed and will fail again until a person reconnects the account or database."""


def kind_of(error: object) -> Kind:
    """The alert that a task's failure raises for its provider."""
    return Kind.CONNECTION_LOST if isinstance(error, ConnectionLost) else Kind.LOAD_FAILED


@dataclass(frozen=True)
class Trouble:
    """A problem that exists, or has just ended."""

    kind: Kind
    since: datetime
    lasted: timedelta
