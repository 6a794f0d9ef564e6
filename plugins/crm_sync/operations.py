"""The records that verbs take and return: an operation on one subscriber or list, and its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from crm_sync.model import MEMBERSHIP_VERBS, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Operation(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One thing that is asked. What is missing is "" (or 0). Two operations are one only if they are the same object.

    ``operation_id``: the planned row, which all that is asked about one subscriber may share.
    ``verb``: as ``model.Verb``. ``subscriber_key``: the address there or the contact id, "" for an operation on a list.
    ``from_subscriber_key``: whose record gets a new address. ``fields``: the record as JSON text.
    ``remote_lists``: the remote ids of the lists that the person is in by the ledger, as PostgreSQL array text;
    empty unless calls are shared.
    ``cause``: why somebody is disabled, as the plan says it. ``tries``: how often it was tried alone before.
    ``job``: the work there that it is a part of.
    """

    operation_id: int
    verb: str = ""
    subscriber_key: str = ""
    address: str = ""
    from_subscriber_key: str = ""
    list_id: int = 0
    list_name: str = ""
    remote_id: str = ""
    remote_list_id: str = ""
    fields: str = ""
    remote_lists: str = ""
    tries: int = 0
    job: str = ""
    cause: str = ""

    @property
    def is_own(self) -> bool:
        """Whether the verb is about the subscriber, or the list, itself, and not about a membership."""
        return self.verb not in MEMBERSHIP_VERBS

    @property
    def key(self) -> tuple[int, str, int]:
        """Which part of its planned row it is."""
        return self.operation_id, self.verb, 0 if self.is_own else self.list_id

    def __repr__(self) -> str:
        """Without the person: it may end up in a log."""
        return f"{type(self).__name__}({self.operation_id}, {self.verb})"


class Outcome(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What became of an operation. ``status``: applied, refused, deferred, or submitted; see ``model.Status``.

    ``reason``: why it was not applied; beside applied it is a remark. ``remote_id``: the provider's id, where one was
    learned. ``job``: the provider's id of the work, where the status is submitted; ``collect`` asks for its end
    by it.
    """

    operation: Operation
    status: str = Status.APPLIED.value
    reason: str = ""
    remote_id: str = ""
    job: str = ""


def outcomes(
    batch: Iterable[Operation],
    *,
    refused: Mapping[str, str] | None = None,
    remote_ids: Mapping[str, str] | None = None,
    remarks: Mapping[str, str] | None = None,
) -> list[Outcome]:
    """An outcome for each operation of a batch: applied, unless the subscriber was refused.

    Args:
        batch: the operations, as the verb got them.
        refused: subscriber_key → reason.
        remote_ids: subscriber_key → the provider's id, as far as the answer gave it.
        remarks: subscriber_key → the code of a remark beside an applied operation.
    """
    if not (refused or remarks):  # nearly always
        return _applied(batch, remote_ids or {})
    refusals, ids, beside = refused or {}, remote_ids or {}, remarks or {}
    return [_outcome(each, refusals.get(each.subscriber_key, ""), ids, beside) for each in batch]


def _applied(batch: Iterable[Operation], ids: Mapping[str, str]) -> list[Outcome]:
    return (
        [Outcome(each, remote_id=ids.get(each.subscriber_key, "")) for each in batch]
        if ids
        else list(map(Outcome, batch))
    )


def _outcome(asked: Operation, refusal: str, ids: Mapping[str, str], remarks: Mapping[str, str]) -> Outcome:
    remote_id = ids.get(asked.subscriber_key, "")
    if refusal:
        return Outcome(asked, Status.REFUSED.value, refusal, remote_id)
    return Outcome(asked, Status.APPLIED.value, remarks.get(asked.subscriber_key, ""), remote_id)


def outcome_of_list(batch: Sequence[Operation], *, remote_id: str = "", reason: str = "") -> list[Outcome]:
    """The outcome of a batch that holds one operation on a list: refused if there is a ``reason``, else applied.
    ``remote_id``: the provider's id of the list."""
    (asked,) = batch
    status = Status.REFUSED if reason else Status.APPLIED
    return [Outcome(asked, status.value, reason, remote_id)]
