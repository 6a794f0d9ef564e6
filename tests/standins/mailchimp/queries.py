"""Query parameters: each route names those it knows; any other, and any value out of range, is refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from standins.clock import parse_time
from standins.mailchimp.errors import invalid
from standins.provider import AdminError

LARGEST_PAGE = 1000
DEFAULT_PAGE = 10

Kinds = dict[str, object]
FIELDS: Kinds = {"fields": "csv", "exclude_fields": "csv"}
PAGED: Kinds = FIELDS | {"count": "count", "offset": "offset"}


def parsed(query: str, kinds: Kinds) -> dict[str, Any]:
    """The values by name, in their types. A kind is text, csv, bool, time, count, offset or a tuple of choices."""
    values: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in kinds:
            raise invalid(name, "unknown_parameter")
        values[name] = _value(name, value, kinds[name])
    return values


def _value(name: str, value: str, kind: object) -> Any:
    if isinstance(kind, tuple):
        return value if value in kind else _refuse(name, value)
    if kind == "csv":
        return [part for part in value.split(",") if part]
    if kind == "bool":
        return value.lower() in {"true", "1"} or _false(name, value)
    if kind == "time":
        return _moment(name, value)
    if kind in {"count", "offset"}:
        return _number(name, value, LARGEST_PAGE if kind == "count" else 10**9)
    return value


def _false(name: str, value: str) -> bool:
    return False if value.lower() in {"false", "0"} else _refuse(name, value)


def _moment(name: str, value: str) -> Any:
    try:
        return parse_time(value)
    except AdminError:
        return _refuse(name, value)


def _number(name: str, value: str, largest: int) -> Any:
    if not value.isascii() or not value.isdigit() or int(value) > largest:
        return _refuse(name, value)
    return int(value)


def _refuse(name: str, value: str) -> Any:
    raise invalid(name, "bad_parameter", value)


def page(query: dict[str, Any]) -> slice:
    """The part of a collection that the request asks for."""
    offset = query.get("offset", 0)
    return slice(offset, offset + query.get("count", DEFAULT_PAGE))
