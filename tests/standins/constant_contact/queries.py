"""Query parameters and cursors: each route names what it knows; any other, and any value out of range, is refused."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec

from standins.clock import parse_time
from standins.constant_contact.errors import bad_value, invalid
from standins.provider import AdminError

DEFAULT_PAGE = 50

Kinds = dict[str, object]


class Most(msgspec.Struct, frozen=True):
    """The kind of a number from 1 to this."""

    largest: int


class AnyOf(msgspec.Struct, frozen=True):
    """The kind of some words, separated by commas."""

    words: tuple[str, ...]


class Asked(msgspec.Struct):
    """The parameters of a page: their text for the next cursor, their values, and where the page begins."""

    text: str
    values: dict[str, Any]
    position: int = 0
    count: int | None = None
    ends_in_null: bool = False

    @property
    def limit(self) -> int:
        """How many rows a page has."""
        return int(self.values.get("limit", DEFAULT_PAGE))

    def links(self, path: str, position: int | None, count: int | None = None) -> dict[str, Any]:
        """`{"_links": {"next": …}}` with a relative address, or nothing, or null, behind the last page."""
        if position is None:
            return {"_links": None} if self.ends_in_null else {}
        inner = urlencode({"q": self.text, "next": position} | ({} if count is None else {"count": count}))
        cursor = base64.urlsafe_b64encode(inner.encode()).decode()
        return {"_links": {"next": {"href": f"/v3{path}?{urlencode({'cursor': cursor})}"}}}


def asked(query: str, kinds: Kinds) -> Asked:
    """The parameters of a request, those in its cursor where it has one, beside which include may be repeated."""
    given = dict(parse_qsl(query, keep_blank_values=True))
    if "cursor" not in given or "limit" not in kinds:
        return Asked(query, parsed(given, kinds))
    if given.keys() - {"cursor", "include"}:
        raise invalid("cursor cannot be combined with other parameters")
    try:
        inner = dict(parse_qsl(base64.urlsafe_b64decode(given["cursor"]).decode(), keep_blank_values=True))
        text, position = inner["q"], int(inner["next"])
    except (ValueError, KeyError) as error:
        raise bad_value("cursor") from error
    beside = {"include": given["include"]} if "include" in given else {}
    values = parsed(dict(parse_qsl(text, keep_blank_values=True)) | beside, kinds)
    return Asked(text, values, position, int(inner["count"]) if "count" in inner else None)


def parsed(given: dict[str, str], kinds: Kinds) -> dict[str, Any]:
    """The values by name, in their types."""
    unknown = given.keys() - kinds.keys()
    if unknown:
        raise invalid(f"{min(unknown)} is not a known parameter")
    return {name: _value(name, value, kinds[name]) for name, value in given.items()}


def _value(name: str, value: str, kind: object) -> Any:
    if isinstance(kind, tuple):
        return value if value in kind else _refuse(name)
    if isinstance(kind, Most):
        is_number = value.isascii() and value.isdigit() and 1 <= int(value) <= kind.largest
        return int(value) if is_number else _refuse(name)
    if isinstance(kind, AnyOf):
        return _words(name, value, kind.words)
    if kind == "csv":
        return [part.strip() for part in value.split(",") if part.strip()] or _refuse(name)
    if kind == "bool":
        return value == "true" if value in {"true", "false"} else _refuse(name)
    return _moment(name, value) if kind == "time" else value


def _words(name: str, value: str, known: tuple[str, ...]) -> list[str]:
    words = [word.strip() for word in value.split(",")]
    if not set(known).issuperset(words):
        _refuse(name)
    return words


def _moment(name: str, value: str) -> Any:
    try:
        return parse_time(value)
    except AdminError:
        return _refuse(name)


def _refuse(name: str) -> Any:
    raise bad_value(name)
