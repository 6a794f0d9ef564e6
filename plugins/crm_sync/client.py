"""What a provider's client is to the engine: verbs that take a batch, one outcome for each operation, and what the
provider says of opt-outs and of everyone it holds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    import pandas as pd

    from crm_sync.operations import Operation, Outcome

    Send = Callable[[Sequence[Operation]], list[Outcome]]


class Client(ABC):
    """The verbs of a provider over HTTP. A verb takes a batch of operations, which is never empty, and returns exactly
    one outcome for each of them, in any order; ``Outcome.operation`` is the very object that was passed in.

    An outcome is applied (a reason beside it is a remark); refused, with the provider's reason; deferred, with a
    reason: nothing was said about the record, and the next run tries again; or submitted, with a job: the provider
    works on it, and ``collect`` returns the final outcome later.

    Verbs are named as in ``model.Verb``, except that both membership verbs come as one ``change_membership``: additions
    to and removals from the lists of the batch. Membership operations in the batch of another verb are those that it
    carries (``Provider.carries``). Every verb must be safe to repeat.

    Raises:
        ConfigError, TransientError, QuotaExhaustedError, ContractError: the whole batch failed. A record that the
            provider refuses is an outcome, never an error. Make a call about a single person inside ``errors.about``:
            then its failure counts for that person alone. Otherwise the engine finds the records by halving.
    """

    @property
    @abstractmethod
    def verbs(self) -> Mapping[str, Send]:
        """The function that sends a batch, for each verb that the data sheet lists."""

    @property
    @abstractmethod
    def host(self) -> str:
        """Host and port of the API, without a call."""

    @abstractmethod
    def account(self) -> dict[str, str]:
        """Which account is connected, for a person to read: organization, contact information and
        host. Changes nothing."""

    @abstractmethod
    def identity(self) -> str:
        """Which account is connected, by ids that outlast a key; it tells the account of the ledger from another one.

        Returns:
            "" if the provider does not say, which proves nothing. The text begins with the host unless that is the
            vendor's own, since a sandbox has other accounts. A part after # names a place inside the account, such as
            an audience: remote ids that were learned in another place of the same account stay valid.
        """

    def opt_outs(self, since: datetime | None) -> OptOuts:
        """The people who unsubscribed or bounced since a time. Required if ``Provider.hears_opt_outs``.

        Args:
            since: by the provider's own clock; None for all of them.
        """
        raise NotImplementedError

    def lists(self) -> pd.DataFrame:
        """The lists at the provider, with the columns remote_id (str), name (str) and members (int, number of people).
        Required if ``Provider.reads_back``."""
        raise NotImplementedError

    def read_back(self) -> ReadBack:
        """Everyone the provider holds, whatever their status. Required if ``Provider.reads_back``."""
        raise NotImplementedError

    def fields(self) -> list[FieldThere]:
        """The fields that the provider has for a person. Required if ``Provider.field_types``."""
        raise NotImplementedError

    def create_field(self, name: str, kind: str) -> FieldThere:
        """Create a field. Required if ``Provider.field_types``.

        Args:
            name: as the settings have it.
            kind: one of ``Provider.field_types``.
        """
        raise NotImplementedError

    def collect(self, job: str, batch: Sequence[Operation]) -> list[Outcome] | None:
        """The outcomes of a job. Required if a verb returns submitted outcomes.

        Args:
            job: as in ``Outcome.job``.
            batch: all operations of the job that have no final outcome yet.

        Returns:
            An outcome for each operation of the batch, or None while the provider is still working on it. An
            outcome may be submitted again, with another job.
        """
        raise NotImplementedError


class FieldThere(NamedTuple):
    """A field at the provider. ``takes``: the types of ``Provider.field_types`` that it takes values of."""

    name: str
    takes: tuple[str, ...]
    is_required: bool


class Left(NamedTuple):
    """A person who left. ``subscriber_key``: the address. ``reason``: unsubscribed, or cleaned (the address bounces).
    ``remote_id``: the provider's id, "" if it has none."""

    subscriber_key: str
    reason: str
    remote_id: str


class Changed(NamedTuple):
    """A person whose record changed at the provider, in whatever way, with their present address."""

    remote_id: str
    address: str


@dataclass(frozen=True)
class OptOuts:
    """The result of a poll. ``people``: those who left, each once. ``polled_at``: the provider's time of the answer;
    the next poll begins there. ``changed``: reads the people who changed since the last poll, page by page, with the
    calls that this takes; after a load of everyone that is everyone, so that no more than a page is held. Nobody if
    the client does not ask. Plain tuples and not frames, since most polls find nobody and then need no pandas."""

    people: Sequence[Left]
    polled_at: datetime
    changed: Callable[[], Iterable[Sequence[Changed]]] = tuple


@dataclass(frozen=True)
class ReadBack:
    """What a provider holds. ``frames``: frames of text columns, each subscriber_key in one row only: subscriber_key,
    address, remote_id, status, fields (JSON text; a null value is one that the provider cannot hold) and remote_lists
    (PostgreSQL array text of remote list ids). ``polled_at``: the provider's time of the first answer. ``notice``: what
    the data team should know about the account as a whole; "" for nothing."""

    frames: Iterator[pd.DataFrame]
    polled_at: datetime
    notice: str = ""
