"""What can be wrong with a provider for longer than one run, and how a failed task says which of these it is."""

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


# What a run that ended well disproves, whatever it had to do. How many are refused, only one that sent something tells.
DISPROVED_BY_AN_END = (Kind.LOAD_FAILED, Kind.CONNECTION_LOST, Kind.BRAKE_WAITING, Kind.LATE)
DISPROVED_WHILE_HELD = (Kind.LOAD_FAILED, Kind.CONNECTION_LOST)


class ConnectionLost(AirflowFailException):
    """A task failed for good, and will until a person has connected the account or database anew."""


def kind_of(error: object) -> Kind:
    """What a task's failure means for its provider."""
    return Kind.CONNECTION_LOST if isinstance(error, ConnectionLost) else Kind.LOAD_FAILED


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong now, or was until now."""

    kind: Kind
    since: datetime
    lasted: timedelta
