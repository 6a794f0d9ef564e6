"""GET /contacts: one filter, an order, and a page whose number counts from nought."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from standins.votervoice.errors import ONE_FILTER, bad_request
from standins.votervoice.state import Association, Contact

FILTERS = ("contactId", "email", "dateUpdated")


def listed(association: Association, query: dict[str, Any]) -> list[Contact]:
    """The page that the query asks for. Raises Refusal 400 for no filter, for two, and for a limit out of range."""
    chosen = [name for name in FILTERS if name in query]
    if len(chosen) != 1:
        raise bad_request(ONE_FILTER)
    switches = association.switches
    limit = query.get("limit", switches.default_limit)
    if not 1 <= limit <= switches.largest_limit:
        raise bad_request("The parameter limit has a wrong value.")
    start = query.get("pageNumber", 0) * limit
    return _ordered(association, query)[start : start + limit]


def _ordered(association: Association, query: dict[str, Any]) -> list[Contact]:
    """All that match, in order; remembered until something changes, for the next page asks again."""
    wish = {name: value for name, value in query.items() if name not in {"limit", "pageNumber"}}
    key = (association.version, repr(sorted(wish.items())))
    if association.listing is None or association.listing[0] != key:
        association.listing = (key, _found(association, query))
    return association.listing[1]


def _found(association: Association, query: dict[str, Any]) -> list[Contact]:
    if "contactId" in query:
        contacts = association.by_id.get(query["contactId"], [])
    elif "email" in query:
        contacts = association.by_email.get(query["email"].lower(), [])
    else:
        first, last = _span(query["dateUpdated"])
        contacts = [each for each in association.contacts.values() if first <= each.updated <= last]
    if "orderBy" not in query:
        return list(contacts)
    return sorted(contacts, key=attrgetter("updated", "serial"), reverse=query.get("orderDesc", False))


def _span(bounds: list[tuple[str, int]]) -> tuple[int, int]:
    """First and last tick; a bound belongs to the span. Raises Refusal 400 for two bounds that are no range."""
    by_sign = dict(bounds)
    if len(by_sign) < len(bounds) or ("=" in by_sign and len(bounds) > 1):
        raise bad_request("Two dates are a range only with > and <.")
    if "=" in by_sign:
        return by_sign["="], by_sign["="]
    return by_sign.get(">", 0), by_sign.get("<", 1 << 62)
