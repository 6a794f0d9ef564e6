"""Records calls and their answers: a row for each call, and another one for each operation that did not simply go as
planned."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm_sync.model import MEMBERSHIP_VERBS, Status
from crm_sync.operations import Outcome
from crm_sync.pipeline.isolation import Batch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from crm_sync.ledger.database import Transaction
    from crm_sync.model import Run
    from crm_sync.operations import Operation


def begin(state: Transaction, run: Run, batches: Sequence[list[Operation]]) -> list[Batch]:
    """Record calls before any of them begins: a load that dies leaves what it may have sent in doubt."""
    columns = _columns([_call(batch) for batch in batches])
    rows = state.rows("load/mark_sent", run_id=run.run_id, provider=run.provider, **columns)
    return [Batch(batch, row.sent_at, row.call_id) for batch, row in zip(batches, rows, strict=True)]


@dataclass
class _Told:
    """What several answers amount to: rows by statement."""

    whole: list[dict[str, Any]] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)
    apart: list[dict[str, Any]] = field(default_factory=list)

    def add(self, batch: Batch, answer: Sequence[Outcome]) -> None:
        """Those that go on under a job are calls of their own; the others were answered."""
        under_way = [each for each in answer if each.status == Status.SUBMITTED]
        told = [each for each in answer if each.status != Status.SUBMITTED] if under_way else answer
        for job in dict.fromkeys(each.job for each in under_way):
            of_job = [each.operation for each in under_way if each.job == job]
            self.parts.append({**_call(of_job), **_NOTHING, "jobs": job, "sent_at": None})
        if told:
            self._answered(batch, told, is_whole=batch.call_id is not None and not under_way)

    def _answered(self, batch: Batch, told: Sequence[Outcome], *, is_whole: bool) -> None:
        of_verbs = _is_of_verbs([each.operation for each in told])
        apart = [each for each in told if each.status != Status.APPLIED or (of_verbs and _has_more_to_tell(each))]
        remote_ids = _remote_ids(told) if of_verbs else ""
        counted = {"applied": len(told) - len(apart), "remote_ids": remote_ids}
        self.apart += [_row(each, batch.sent_at) for each in apart]
        if is_whole:
            self.whole.append({"call_ids": batch.call_id, **counted})
        else:
            call = _call([each.operation for each in told])
            self.parts.append({**call, **_NOTHING, **counted, "sent_at": batch.sent_at})


_MEMBERSHIPS = frozenset(verb.value for verb in MEMBERSHIP_VERBS)
_NOTHING = {"applied": 0, "remote_ids": "", "jobs": ""}


def settle(state: Transaction, run: Run, answered: Iterable[tuple[Batch, Sequence[Outcome]]]) -> None:
    """Record the answers of several calls in one transaction."""
    told = _Told()
    for batch, answer in answered:
        told.add(batch, answer)
    whose = {"run_id": run.run_id, "provider": run.provider}
    if told.whole:
        state.run("load/settle_calls", **_columns(told.whole))
    if told.parts:
        state.run("load/settle_parts", **whose, **_columns(told.parts))
    if told.apart:
        _write_apart(state, run, told.apart)
    of_lists = [row["operation_ids"] for row in told.apart if row["is_of_list"]]
    if of_lists:
        state.run("load/refuse_shared_lists", operation_ids=of_lists)
        state.run("load/list_settled", operation_ids=of_lists)


def set_apart(state: Transaction, run: Run, asked: Iterable[Operation], reason: str, sent_at: datetime | None) -> None:
    """Defer operations whose own calls fail while those of others do not."""
    deferred = [Outcome(each, Status.DEFERRED.value, reason) for each in asked]
    _write_apart(state, run, [_row(each, sent_at) for each in deferred], isolated=True)


def _write_apart(state: Transaction, run: Run, rows: list[dict[str, Any]], *, isolated: bool = False) -> None:
    columns = _columns(rows)
    columns.pop("is_of_list")
    state.run("load/settle_outcomes", run_id=run.run_id, isolated=isolated, **columns)


def _is_of_verbs(asked: Iterable[Operation]) -> bool:
    """Whether a call asks for verbs, and not for memberships alone."""
    return not {each.verb for each in asked} <= _MEMBERSHIPS


def _has_more_to_tell(outcome: Outcome) -> bool:
    """Than that it was applied, and by which id. Lists, which are few, always have."""
    asked = outcome.operation
    return asked.is_own and (bool(outcome.reason) or not asked.subscriber_key)


def _row(outcome: Outcome, sent_at: datetime | None) -> dict[str, Any]:
    asked = outcome.operation
    return {
        "operation_ids": asked.operation_id,
        "verbs": asked.verb,
        "list_ids": None if asked.is_own else asked.list_id,
        "statuses": outcome.status,
        "reasons": outcome.reason,
        "remote_ids": outcome.remote_id,
        "sent_at": sent_at,
        "is_of_list": not asked.subscriber_key,
    }


def _call(asked: Sequence[Operation]) -> dict[str, Any]:
    """A call: its operations, each once, and the lists whose memberships it changes ("" where it asks for verbs)."""
    ids = list(dict.fromkeys(each.operation_id for each in asked))
    lists = "" if _is_of_verbs(asked) else _array(sorted({each.list_id for each in asked}))
    return {"operation_ids": _array(ids), "lists": lists, "first_ids": min(ids), "last_ids": max(ids)}


def _remote_ids(told: Sequence[Outcome]) -> str:
    """The ids that were learned, in the order of the call's operations; "" where none was."""
    learned: dict[int, str] = {}
    for each in told:
        learned.setdefault(each.operation.operation_id, "")
        if each.operation.is_own and each.status == Status.APPLIED and not _has_more_to_tell(each):
            learned[each.operation.operation_id] = each.remote_id
    return _array(map(_quoted, learned.values())) if any(learned.values()) else ""


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _array(values: Iterable[object]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def _columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}
