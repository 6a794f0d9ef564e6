"""What was asked of the stand-in, so that a test can count calls instead of believing."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from typing import Any

import msgspec

KEPT = 100_000


class Entry(msgspec.Struct, omit_defaults=True):
    """One request. `status` is absent where no answer was sent; `seconds` is the time inside the stand-in."""

    method: str
    path: str
    route: str
    status: int | None = None
    fault: str | None = None
    seconds: float = 0.0
    request_bytes: int = 0
    body: str | None = None
    answer: str | None = None


class RequestLog:
    """The last 100,000 requests, and counts of all."""

    def __init__(self) -> None:
        self.keeps_bodies = False
        self.clear()

    def clear(self) -> None:
        """Forget all; whether bodies are kept stays as it is."""
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._by_route: Counter[str] = Counter()
        self._by_status: Counter[str] = Counter()
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self.max_concurrency = 0

    def add(self, entry: Entry, body: bytes, answer: bytes) -> None:
        """Count the request and keep it."""
        if self.keeps_bodies:
            entry.body, entry.answer = body.decode("utf-8", "replace"), answer.decode("utf-8", "replace")
        name = f"{entry.method} {entry.route}"
        self._by_route[name] += 1
        self._seconds[name] += entry.seconds
        self._by_status[str(entry.status)] += 1
        self._entries.append(entry)

    def described(self, with_entries: bool) -> dict[str, Any]:
        """total, by_route, by_status, seconds_by_route, max_concurrency and, unless told not to, requests."""
        summary: dict[str, Any] = {
            "total": sum(self._by_route.values()),
            "by_route": self._by_route,
            "by_status": self._by_status,
            "seconds_by_route": self._seconds,
            "max_concurrency": self.max_concurrency,
        }
        return summary | {"requests": list(self._entries)} if with_entries else summary
