"""Sums of a run's operations as a person asks for them: by outcome, by effect and cause, by list."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from crm_sync.model import MEMBERSHIP_VERBS, Status, Verb
from crm_sync.removals import CAUSES
from crm_sync.web import labels

if TYPE_CHECKING:
    from collections.abc import Iterable

_EFFECTS = {
    Verb.CREATE: "People added",
    Verb.UPDATE: "People updated",
    Verb.CHANGE_ADDRESS: "People updated",
    Verb.ENABLE: "People enabled again",
    Verb.SUPPRESS: "People disabled",
    Verb.ARCHIVE: "People disabled",
    Verb.ADD_TO_LIST: "Added to a list",
    Verb.REMOVE_FROM_LIST: "Taken out of a list",
    Verb.CREATE_LIST: "Lists made",
    Verb.RENAME_LIST: "Lists renamed",
    Verb.DELETE_LIST: "Lists deleted",
}
_COLUMNS = ("planned", Status.APPLIED.value, Status.REFUSED.value, Status.DEFERRED.value, Status.HELD.value)


def outcomes(tally: Iterable[Any]) -> dict[str, int]:
    """planned, applied, refused, deferred, held (by the brake) and open (planned or sent, and not settled)."""
    sums = dict.fromkeys((*_COLUMNS, "open"), 0)
    for row in tally:
        sums["planned"] += row.operations
        sums[row.status if row.status in sums else "open"] += row.operations
    return sums


def effects(tally: Iterable[Any]) -> list[tuple[str, str, int]]:
    """(effect, cause in words, operations), in the order of a person's interest."""
    order = list(dict.fromkeys(_EFFECTS.values()))
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for row in tally:
        cause = CAUSES.get(row.cause or "", labels.reason(row.cause))
        sums[_EFFECTS[Verb(row.verb)], cause] += row.operations
    found = sorted(sums.items(), key=lambda each: (order.index(each[0][0]), each[0][1]))
    return [(effect, cause, operations) for (effect, cause), operations in found]


def by_list(tally: Iterable[Any]) -> list[dict[str, Any]]:
    """For each list, and for people outside lists, the columns of ``outcomes``."""
    sums: dict[tuple[int, str], dict[str, int]] = {}
    for row in tally:
        is_membership = row.verb in MEMBERSHIP_VERBS or row.list_id is not None
        key = (row.list_id or 0, row.list_name or f"list {row.list_id}") if is_membership else (0, "people themselves")
        sums.setdefault(key, dict.fromkeys((*_COLUMNS, "open"), 0))
        sums[key]["planned"] += row.operations
        sums[key][row.status if row.status in _COLUMNS else "open"] += row.operations
    ordered = sorted(sums.items(), key=lambda each: (each[0][0] != 0, each[0][1]))
    return [{"list_id": list_id, "name": name, **counts} for (list_id, name), counts in ordered]
