"""Conversions of the CRM's texts that several providers share."""

from __future__ import annotations

import re

# A date as PostgreSQL writes it in JSON, or a timestamp that begins with one.
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ][\d:.+-]*Z?)?")
_BLANKS = dict.fromkeys([*range(0x20), 0x7F], " ")


def one_line(text: str | None) -> str:
    """Text from the extract's JSON in the form of the engine's other texts: control characters become spaces, and runs
    of spaces and outer spaces are removed. "" for None."""
    return " ".join((text or "").translate(_BLANKS).split())


def day(text: str | None) -> str | None:
    """A date or timestamp of the CRM as yyyy-mm-dd. None for one that services cannot read: PostgreSQL's infinity and
    -infinity, years before Christ and years of five digits."""
    found = _DAY.fullmatch(text or "")
    return found[1] if found else None
