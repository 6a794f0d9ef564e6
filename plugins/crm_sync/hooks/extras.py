"""Converts the extras of a connection to the types of its form: in a connection given as a URI or written by hand, all
are text."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from crm_sync.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_YES = {"true", "1", "yes", "y", "on", "t"}
_NO = {"false", "0", "no", "n", "off", "f"}


def read_extras(said: Mapping[str, Any], fields: Mapping[str, Mapping[str, Any]], connection_id: str) -> dict[str, Any]:
    """The extras with the types of their fields; empty ones are left out, and those without a field are unchanged. A
    ConfigError names an extra whose value does not fit, and what does."""
    filled = {name: value for name, value in said.items() if not _is_empty(value)}
    return {name: _read(name, value, fields.get(name), connection_id) for name, value in filled.items()}


def _is_empty(value: object) -> bool:
    # The form stores an empty field as empty text or null.
    return value is None or (isinstance(value, str) and not value.strip())


def _read(name: str, value: Any, field: Mapping[str, Any] | None, connection_id: str) -> Any:
    kinds = field["schema"]["type"] if field else ()
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        if kind not in _READERS:
            continue
        reader, fits = _READERS[kind]
        try:
            return reader(value)
        except (TypeError, ValueError):
            raise ConfigError(f"connection {connection_id}: the extra {name} must be {fits}") from None
    return value


def _boolean(value: Any) -> bool:
    word = str(value).strip().lower()
    if word not in _YES | _NO:
        raise ValueError
    return word in _YES


def _number(value: Any) -> float:
    number = float(_text(value))
    if not math.isfinite(number):
        raise ValueError
    return number


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TypeError
    return str(value).strip()


def _object(value: Any) -> dict[str, Any]:
    found = json.loads(value) if isinstance(value, str) else value
    if not isinstance(found, dict):
        raise TypeError
    return found


# Type of a field in JSON Schema → how it is converted, and how an error describes it.
_READERS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "boolean": (_boolean, "true or false"),
    "integer": (lambda value: int(_text(value)), "a whole number"),
    "number": (_number, "a number"),
    "object": (_object, "a JSON object"),
    "string": (_text, "text"),
}
