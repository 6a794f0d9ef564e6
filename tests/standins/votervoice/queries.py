"""Query parameters: each route names those it knows; any other, a second one and any value out of range is refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from standins.votervoice.errors import bad_request

TICKS = 10_000_000
MOMENT = re.compile(r"([<>]?)(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,7}))?(Z|[+-]\d\d:\d\d)")

Kinds = dict[str, object]
COMMON: Kinds = {"association": "text", "sitenumber": "number"}


def parsed(query: str, kinds: Kinds) -> dict[str, Any]:
    """The values by name, in their types. A kind is text, bool, number, moments or a tuple of choices."""
    values: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        kind = kinds.get(name)
        if kind is None:
            raise bad_request(f"The parameter {name} is unknown.")
        if kind == "moments":
            values.setdefault(name, []).append(_bound(value))
        elif name in values:
            raise bad_request(f"The parameter {name} is given twice.")
        else:
            values[name] = _value(name, value, kind)
    return values


def _value(name: str, value: str, kind: object) -> Any:
    if kind == "text":
        return value
    if kind == "bool" and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if kind == "number" and re.fullmatch(r"[0-9]{1,9}", value):
        return int(value)
    if isinstance(kind, tuple) and value in kind:
        return value
    raise bad_request(f"The parameter {name} has a wrong value.")


def _bound(value: str) -> tuple[str, int]:
    """`<`, `>` or `=`, and the moment in ticks of 100 nanoseconds."""
    found = MOMENT.fullmatch(value)
    if found is None:
        raise bad_request("A date is not in the form yyyy-MM-ddTHH:mm:ssZ.")
    sign, moment, fraction, zone = found.groups()
    try:
        seconds = datetime.fromisoformat(moment + zone.replace("Z", "+00:00")).timestamp()
    except ValueError as error:
        raise bad_request("A date is in no calendar.") from error
    return sign or "=", int(seconds) * TICKS + int((fraction or "0").ljust(7, "0"))


def rendered_moment(ticks: int) -> str:
    """`2011-12-20T06:00:00.0000000Z`."""
    seconds, fraction = divmod(ticks, TICKS)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{fraction:07d}Z"
