"""What the decoder says of a body that is not as the vendor's schema has it, taken apart for each provider to word."""

from __future__ import annotations

import re
from typing import NamedTuple, Self

import msgspec

_PLACED = re.compile(r"(.*?)(?: - at `(?:key in )?\$\.?(.*)`)?")
_NAMED = re.compile(r"Object (contains unknown|missing required) field `(.*)`")


class Complaint(NamedTuple):
    """``reason``: the decoder's own words. ``path``: where, such as `members[0].status`; "" for the whole body.
    ``field``: the one that is unknown or, where ``is_missing``, missing there; "" where it is another reason."""

    reason: str
    path: str
    field: str
    is_missing: bool

    @classmethod
    def of(cls, error: msgspec.ValidationError) -> Self:
        """From what was raised."""
        placed = _PLACED.fullmatch(str(error))
        reason, path = (placed[1], placed[2] or "") if placed else (str(error), "")
        named = _NAMED.fullmatch(reason)
        return cls(reason, path, named[2] if named else "", named is not None and named[1] == "missing required")
