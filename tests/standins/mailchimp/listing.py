"""Which members a listing shows, and in which order; the last result is kept, so that paging a million is quick."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from standins.mailchimp.errors import invalid
from standins.mailchimp.state import Account, Audience, Member

STATUSES = ("subscribed", "unsubscribed", "cleaned", "pending", "transactional", "archived")
SORTABLE = {"timestamp_opt": "opted", "timestamp_signup": "signed_up", "last_changed": "changed"}
BOUNDS = (
    ("since_last_changed", "changed", True),
    ("before_last_changed", "changed", False),
    ("since_timestamp_opt", "opted", True),
    ("before_timestamp_opt", "opted", False),
    ("unsubscribed_since", "left", True),
)
SHAPING = frozenset({"count", "offset", "fields", "exclude_fields"})

Test = Callable[[Member], bool]


def listed(account: Account, audience: Audience, query: dict[str, Any]) -> list[Member]:
    """All members that the query asks for, before paging. Raises Refusal for filters that contradict each other."""
    if "unsubscribed_since" in query and query.get("status") != "unsubscribed":
        raise invalid("unsubscribed_since", "bad_parameter", query.get("status", ""))
    asked = tuple(sorted((name, value) for name, value in query.items() if name not in SHAPING))
    key = (audience.version, account.switches.since_bounds, account.switches.sms_only, asked)
    if audience.listing is None or audience.listing[0] != key:
        audience.listing = (key, _sorted(_filtered(account, audience, query), query))
    return audience.listing[1]


def _filtered(account: Account, audience: Audience, query: dict[str, Any]) -> list[Member]:
    status = query.get("status")
    if status is not None:
        chosen = [member for member in audience.roster.values() if member.status == status]
    else:
        chosen = [member for member in audience.roster.values() if member.status != "archived"]
    for test in _tests(account, query):
        chosen = [member for member in chosen if test(member)]
    return chosen


def _tests(account: Account, query: dict[str, Any]) -> list[Test]:
    tests: list[Test] = [
        _bound(attribute, query[name], is_lower, account.switches.since_bounds == "from")
        for name, attribute, is_lower in BOUNDS
        if name in query
    ]
    if account.switches.sms_only == "hidden":
        tests.append(lambda member: not member.phone)
    if query.get("vip_only"):
        tests.append(lambda member: bool((member.extra or {}).get("vip")))
    if "email_type" in query:
        tests.append(lambda member: (member.extra or {}).get("email_type", "html") == query["email_type"])
    return tests


def _bound(attribute: str, limit: float, is_lower: bool, is_inclusive: bool) -> Test:
    value = attrgetter(attribute)
    if is_lower:
        return lambda member: value(member) > limit or (is_inclusive and value(member) == limit)
    return lambda member: value(member) < limit


def _sorted(members: list[Member], query: dict[str, Any]) -> list[Member]:
    if "sort_field" in query:
        is_descending = query.get("sort_dir") == "DESC"
        members.sort(key=attrgetter(SORTABLE[query["sort_field"]]), reverse=is_descending)
    return members
