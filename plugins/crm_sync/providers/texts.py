"""What several providers make of a text of the CRM, in the same words."""

from __future__ import annotations

import re

# A date as PostgreSQL writes it in JSON, or the moment at which it begins.
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ][\d:.+-]*Z?)?")
_BLANKS = dict.fromkeys([*range(0x20), 0x7F], " ")


def one_line(text: str | None) -> str:
    """Text from inside the extract's JSON as the engine leaves other text: control characters are blanks, none outside
    and none twice; "" for none."""
    return " ".join((text or "").translate(_BLANKS).split())


def day(text: str | None) -> str | None:
    """A date or moment of the CRM as yyyy-mm-dd; None for one that no service can read: PostgreSQL's infinity and
    -infinity, a year before Christ, one of five digits."""
    found = _DAY.fullmatch(text or "")
    return found[1] if found else None
