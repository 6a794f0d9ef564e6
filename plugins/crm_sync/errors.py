"""The class of an error says what happens next, and each class has one place that catches it.

    CrmSyncError
      ConfigError            a person must act: the task fails at once, is not retried, and the alert names the remedy
        DisconnectedError    an account or database cannot be accessed: a person must reconnect it
        BrokenExtractError   too many rows are bad: the extract is broken, not the people
        SupersededError      a later run was opened: this task would overwrite what that one does
        PremiseError         what the run rests on has changed: it ends, and the next run starts from there
        IncompleteError      a stage that this one rests on has not completed in this run
      TransientError         waiting may help: backed off inside the call, then retried by Airflow
        QuotaExhaustedError  the day's calls are used up: the rest is deferred until the reset
        BusyError            another run of the same provider is under way: the task checks again later
        UnderWayError        the provider works on a job: the task releases its slot, and checks again later
      LoadFailedError        a stage before record failed: what is left is deferred, and the run is red
      ContractError          a response or a state that the pipeline does not understand: the run stops

A record that a provider refuses is not an error: it is an outcome with a reason.

Messages carry ids, counts and host names; never a key, a person's name or an address.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


class CrmSyncError(Exception):
    """Root of all errors of this package; never raised itself.

    ``about``: the subscriber_keys whose own call failed, where it was a call about them alone; else empty.
    """

    about: frozenset[str] = frozenset()


class ConfigError(CrmSyncError):
    """A person must act (401, 403, unknown audience, missing setting). Caught by the operator: fail at once."""


class DisconnectedError(ConfigError):
    """A key, token or connection is missing or was refused. Caught by the operator: the alert says connection lost."""


class BrokenExtractError(ConfigError):
    """More rows are bad than a healthy CRM can have, or a column is missing; nothing was sent."""


class SupersededError(ConfigError):
    """A later run of the provider was opened; clear this one from its first task on instead."""


class PremiseError(ConfigError):
    """The CRM or the account is not the one on which the run opened; clear it from its first task on instead."""


class IncompleteError(ConfigError):
    """A stage before this one failed, was skipped or marked by hand, or was cleared without those after it."""


class TransientError(CrmSyncError):
    """Waiting may help (408, 429, 5xx, timeouts, cut connections). Caught by the transport, then by load.

    ``reason``: the class of trouble as a reason code, used if it turns out that a single record causes it.
    """

    def __init__(self, message: str, reason: str = "not_answered") -> None:
        super().__init__(message)
        self.reason = reason


class QuotaExhaustedError(TransientError):
    """The provider's daily quota is used up; what can wait is deferred to after its reset, ``again_at`` by
    the clock here."""

    def __init__(self, message: str, again_at: datetime) -> None:
        super().__init__(message)
        self.again_at = again_at


class BusyError(TransientError):
    """Another run of the provider is between its first and last task. Caught by the operator: check again later."""


class UnderWayError(TransientError):
    """The provider is still working on a job. Caught by the operator: check again in ``seconds``."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


class LoadFailedError(CrmSyncError):
    """Not all of the plan was sent. Raised by record, after it has kept what was answered; the next run goes on."""


class ContractError(CrmSyncError):
    """The provider or the state database returned something that the contract does not allow. Never retried blindly."""

    reason = "answer_not_understood"


@contextmanager
def about(*subscriber_keys: str) -> Iterator[None]:
    """A failure inside this block counts for these subscriber_keys alone: use it around calls that are
    about nobody else."""
    try:
        yield
    except (TransientError, ContractError) as error:  # a quota concerns all, and is caught by its own class
        error.about = frozenset(subscriber_keys)
        raise
