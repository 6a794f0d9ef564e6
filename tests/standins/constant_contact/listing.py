"""Which contacts a page shows; each page goes on where the last one ended, so that a million are read in one pass."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from standins.constant_contact.errors import bad_value, invalid, not_imitated
from standins.constant_contact.queries import Asked
from standins.constant_contact.state import Account, Contact

STATUSES = ("all", "active", "deleted", "not_set", "pending_confirmation", "temp_hold", "unsubscribed")
MOST_LISTS, MOST_TAGS = 25, 50
BOUNDS = (
    ("updated_after", "updated", True),
    ("updated_before", "updated", False),
    ("created_after", "created", True),
    ("created_before", "created", False),
    ("optout_after", "opted_out", True),
    ("optout_before", "opted_out", False),
)

Test = Callable[[Contact], bool]


def page(account: Account, asked: Asked) -> tuple[list[Contact], int | None, int | None]:
    """One page, where the next begins (None at the end), and the count of all where it was asked for."""
    check(asked.values)
    tests = _tests(account, asked.values)
    roster = _roster(account, asked.values)
    chosen: list[Contact] = []
    following: int | None = None
    for index in range(asked.position, len(roster)):
        if all(test(roster[index]) for test in tests):
            if len(chosen) == asked.limit:
                following = index
                break
            chosen.append(roster[index])
    return chosen, following, _count(asked, roster, tests)


def _count(asked: Asked, roster: list[Contact], tests: list[Test]) -> int | None:
    if not asked.values.get("include_count"):
        return None
    if asked.count is not None:  # counted once, for the first page; the cursor carries it
        return asked.count
    return sum(all(test(contact) for test in tests) for contact in roster)


def check(query: dict[str, Any]) -> None:
    """Refuse what cannot be combined, is too much, or is not in this stand-in."""
    if "segment_id" in query:
        if query.keys() - {"segment_id", "limit"}:
            raise invalid("segment_id can only be combined with limit")
        raise not_imitated("segments")
    if len(query.get("tags", ())) > MOST_TAGS:
        raise bad_value("tags")
    if "tags" in query:
        raise not_imitated("tags")
    if "sms_status" in query:
        raise not_imitated("SMS channels")
    if len(query.get("lists", ())) > MOST_LISTS:
        raise bad_value("lists")


def _roster(account: Account, query: dict[str, Any]) -> list[Contact]:
    """Where to look: one contact at most where an address is asked for."""
    if "email" not in query:
        return account.roster
    contact = account.named(query["email"])
    return [contact] if contact else []


def _tests(account: Account, query: dict[str, Any]) -> list[Test]:
    tests = [_status_test(query.get("status"))]
    if "lists" in query:
        wanted = set(account.lists.serials(query["lists"], "lists"))
        tests.append(lambda contact: not wanted.isdisjoint(contact.lists))
    is_inclusive = account.switches.since_bounds == "from"
    tests += [
        _bound(attribute, query[name], is_lower, is_inclusive) for name, attribute, is_lower in BOUNDS if name in query
    ]
    if "optout_before" in query:
        tests.append(lambda contact: contact.opted_out > 0)
    return tests


def _status_test(statuses: list[str] | None) -> Test:
    if statuses is None:
        return lambda contact: not contact.deleted
    if "all" in statuses:
        return lambda contact: True
    wanted = frozenset(statuses)
    return lambda contact: contact.status in wanted


def _bound(attribute: str, limit: float, is_lower: bool, is_inclusive: bool) -> Test:
    value = attrgetter(attribute)
    if is_lower:
        return lambda contact: value(contact) > limit or (is_inclusive and value(contact) == limit)
    return lambda contact: value(contact) < limit
