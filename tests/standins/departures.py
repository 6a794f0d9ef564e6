"""Where a stand-in and its vendor's schema are known to differ."""

from __future__ import annotations

import re


class Departures:
    """Sentences of the check that are no news, by pattern; `in` asks for one."""

    def __init__(self, *patterns: str) -> None:
        self._patterns = [re.compile(pattern, re.DOTALL) for pattern in patterns]

    def __contains__(self, fault: object) -> bool:
        return any(pattern.fullmatch(str(fault)) for pattern in self._patterns)
