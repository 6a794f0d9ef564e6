"""What a provider's client is to the engine: verbs that take a batch, one outcome for each operation, and what the
provider says of opt-outs and of everybody it holds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    import pandas as pd

    from crm_sync.operations import Operation, Outcome

    Send = Callable[[Sequence[Operation]], list[Outcome]]


class Client(ABC):
    """The verbs over HTTP. A batch is never empty, and each operation of it, that very object, has exactly one outcome
    in what a verb returns, in any order.

    An outcome is applied (a reason beside it is a remark), refused with a reason, deferred with a reason: given up on
    there without a word about the record, and tried again by the next run; or submitted with a job: work that goes on
    there, to be collected later.

    Verbs are named as ``model.Verb``, but both membership verbs come as one ``change_membership``: additions to and
    removals from the lists of the batch. Operations of membership verbs in another verb's batch are those it carries
    (``Provider.carries``). Every verb may be repeated safely.

    Raises ConfigError, TransientError, QuotaExhaustedError or ContractError for the whole batch; a record
    that is refused is an outcome, never an error. A call about one person alone is made inside ``errors.about``, so
    that its failure is not taken for that of the others; who failed is found by halving elsewhere.
    """

    @property
    @abstractmethod
    def verbs(self) -> Mapping[str, Send]:
        """What sends a batch of each verb that the data sheet lists."""

    @property
    @abstractmethod
    def host(self) -> str:
        """Host and port of the API; nobody is asked."""

    @abstractmethod
    def account(self) -> dict[str, str]:
        """Who answers: organization, contact information and host. Sends nothing."""

    @abstractmethod
    def identity(self) -> str:
        """Which account answers, by ids that outlast a key: the account that the ledger describes. "" if the provider
        does not say, which proves nothing. It begins with the host where that is not the vendor's own: a sandbox has
        other accounts. What stands behind a # is a place inside the account: ids that were learned in another place of
        it stay good.
        """

    def opt_outs(self, since: datetime | None) -> OptOuts:
        """Who unsubscribed or bounces since ``since`` (the provider's own clock), all of them for None. Of a provider
        that ``hears_opt_outs``."""
        raise NotImplementedError

    def lists(self) -> pd.DataFrame:
        """The lists there: remote_id (str), name (str), members (int). Of a provider that ``reads_back``."""
        raise NotImplementedError

    def read_back(self) -> ReadBack:
        """Everybody held there, whatever their status. Of a provider that ``reads_back``."""
        raise NotImplementedError

    def collect(self, job: str, batch: Sequence[Operation]) -> list[Outcome] | None:
        """The outcomes of the operations that a job stands for; None while the work goes on. Of a client whose outcomes
        have jobs."""
        raise NotImplementedError


class Left(NamedTuple):
    """Somebody who left; ``reason`` is unsubscribed or cleaned."""

    subscriber_key: str
    reason: str
    remote_id: str


class Changed(NamedTuple):
    """Somebody who changed there, however, and the address they have by now."""

    remote_id: str
    address: str


@dataclass(frozen=True)
class OptOuts:
    """``people``: who left, each once. ``polled_at``: the provider's time of the answer. ``ask_changed``: the calls
    that ``changed`` needs, made where it is looked at. Plain rows: most polls hear of nobody, and need no pandas."""

    people: Sequence[Left]
    polled_at: datetime
    ask_changed: Callable[[], Sequence[Changed]] = tuple

    @cached_property
    def changed(self) -> Sequence[Changed]:
        """Who changed since then; nobody where that is not asked."""
        return self.ask_changed()


@dataclass(frozen=True)
class ReadBack:
    """``frames``: subscriber_key, address, remote_id, status, fields (JSON text; null for what cannot be held there),
    remote_lists (PostgreSQL array text of remote list ids); each subscriber_key once. ``polled_at``: the provider's
    time of the first answer. ``notice``: what the data team should know of the whole; "" for nothing."""

    frames: Iterator[pd.DataFrame]
    polled_at: datetime
    notice: str = ""
