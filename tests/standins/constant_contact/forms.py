"""How this provider writes ids and times."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from standins.clock import iso

IDENTIFIER = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def identifier(kind: str, serial: int) -> str:
    """A UUID that starts with the serial number, so that it can be looked up without an index."""
    tail = hashlib.md5(f"{kind} {serial}".encode(), usedforsecurity=False).hexdigest()
    return f"{serial:08x}-{tail[:4]}-11ee-8{tail[4:7]}-{tail[7:19]}"


def serial_in(name: str) -> int:
    """The serial number in a UUID made here; 0 where the text is no UUID."""
    return int(name[:8], 16) if IDENTIFIER.fullmatch(name.lower()) else 0


@lru_cache(maxsize=65536)
def zulu(moment: int) -> str:
    """`2021-02-27T00:30:44Z`."""
    return iso(moment).replace("+00:00", "Z")
