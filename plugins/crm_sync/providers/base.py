"""The contract between the engine and a provider: facts as data, verbs that take a batch, one outcome for each
operation.

The engine plans, orders, batches, tries again and keeps the ledger. A provider never does.
A new provider is a folder with a data sheet (``PROVIDER``), a pure ``mapping`` and a ``client`` with the verbs it has.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from crm_sync.errors import ConfigError
from crm_sync.model import PHASES, Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from types import ModuleType

    import pandas as pd

    from crm_sync.settings import Settings


@dataclass(frozen=True)
class Provider:
    """What is true of a provider, each number with its source beside it in the provider's own data sheet.

    ``batch_sizes``: operations in one call, by phase; a phase without a number sends one at a time.
    ``field_bytes``: longest value of each mapped field, in bytes of UTF-8.
    ``replaces_when``: refusals of an address change after which the new address is enrolled and the old one archived.
    """

    name: str
    title: str
    schedule: str
    batch_sizes: Mapping[str, int]
    concurrency: int
    timeout_seconds: float
    field_bytes: Mapping[str, int]
    list_name_characters: int
    replaces_when: tuple[str, ...] = ()
    documentation: str = ""
    connection_id: str = ""
    extra_keys: tuple[str, ...] = field(default=())

    def batch_size(self, phase: str) -> int:
        """Operations in one call of a phase. An unknown phase is a KeyError of the engine's own making."""
        return self.batch_sizes.get(phase, 1) if phase in PHASES else self.batch_sizes[phase]

    @property
    def mapping(self) -> ModuleType:
        """The provider's pure module with ``fields(contacts) -> fields``; loaded when first asked for."""
        return importlib.import_module(f"crm_sync.providers.{self.name}.mapping")

    def connect(self, key: str, extras: Mapping[str, Any], settings: Settings) -> Client:
        """A client for the account that ``key`` opens. An extra that is not allowed, or is missing, is a
        ConfigError."""
        unknown = sorted(set(extras) - set(self.extra_keys))
        if unknown:
            known = ", ".join(self.extra_keys)
            raise ConfigError(f"connection {self.connection_id}: unknown extra {', '.join(unknown)}; it takes {known}")
        module = importlib.import_module(f"crm_sync.providers.{self.name}.client")
        client: Client = module.connect(self, key, extras, settings)
        return client


class Client(Protocol):
    """The verbs over HTTP. A verb takes a batch as a frame and answers a frame with exactly one row for each operation:

    operation_id (int), status (applied | refused), reason (str, "" when applied), remote_id (str or "").

    Batches have the columns operation_id, verb, subject, address, from_subject, list_id, list_name, remote_id,
    remote_list_id, fields (JSON text). Verbs are named as ``model.Verb``, but both membership verbs come as one
    ``change_membership`` with the additions to and removals from one list. Every verb may be repeated safely.

    Raises ConfigError, TransientError, QuotaExhaustedError or ContractError for the whole batch; a record
    that is refused is an outcome, never an error.
    """

    def account(self) -> dict[str, str]:
        """Who answers: organization, contact information and host."""

    def opt_outs(self, since: datetime | None) -> OptOuts:
        """Who unsubscribed or bounces since ``since`` (the provider's own clock), all of them for None."""

    def lists(self) -> pd.DataFrame:
        """The lists there: remote_id (str), name (str), members (int)."""

    def read_back(self) -> ReadBack:
        """Everybody held there, whatever their status."""


@dataclass(frozen=True)
class OptOuts:
    """``people``: a frame subject, reason (unsubscribed | cleaned). ``polled_at``: the provider's time of the
    answer."""

    people: pd.DataFrame
    polled_at: datetime


@dataclass(frozen=True)
class ReadBack:
    """``frames``: subject, address, remote_id, status, fields (JSON text), remote_lists (PostgreSQL array text of
    remote
    list ids); each subject once. ``polled_at``: the provider's time of the first answer."""

    frames: Iterator[pd.DataFrame]
    polled_at: datetime


def outcomes(
    batch: pd.DataFrame, *, refused: Mapping[str, str] | None = None, remote_ids: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """The outcome frame of a batch: everything applied, but for ``refused`` (subject → reason)."""
    told = {"operation_id": batch["operation_id"], "status": Status.APPLIED.value, "reason": "", "remote_id": ""}
    answer = type(batch)(told, index=batch.index)
    if refused:
        answer["reason"] = _looked_up(batch, refused)
        answer.loc[answer["reason"] != "", "status"] = Status.REFUSED.value
    if remote_ids:
        answer["remote_id"] = _looked_up(batch, remote_ids)
    return answer


def _looked_up(batch: pd.DataFrame, by_subject: Mapping[str, str]) -> pd.Series:
    # Through object: a lookup that finds nobody would answer a column of numbers.
    return batch["subject"].map(dict(by_subject)).astype(object).fillna("")
