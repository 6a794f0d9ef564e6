"""The stand-in's own time, so that a test can pass a day without waiting for it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from standins.provider import AdminError


class Clock:
    """Real time plus an offset, or a time that stands still. Times are seconds since 1970, UTC."""

    def __init__(self) -> None:
        self._offset_seconds: float
        self._frozen_at: float | None
        self.reset()

    def now(self) -> float:
        """The stand-in's time in seconds since 1970."""
        return self._frozen_at if self._frozen_at is not None else time.time() + self._offset_seconds

    def reset(self) -> None:
        """Back to the machine's time."""
        self._offset_seconds, self._frozen_at = 0.0, None

    def change(self, wish: dict[str, Any]) -> None:
        """Keys: set (ISO 8601 or seconds), advance_seconds, frozen (bool); in that order. Raises AdminError."""
        unknown = set(wish) - {"set", "advance_seconds", "frozen"}
        if unknown:
            raise AdminError(f"unknown clock keys {sorted(unknown)}; use set, advance_seconds, frozen")
        if "set" in wish:
            self._move_to(parse_time(wish["set"]))
        if "advance_seconds" in wish:
            self._move_to(self.now() + float(wish["advance_seconds"]))
        if "frozen" in wish:
            self._hold() if wish["frozen"] else self._run_on()

    def _hold(self) -> None:
        self._frozen_at = self.now()

    def _run_on(self) -> None:
        self._offset_seconds = self.now() - time.time()
        self._frozen_at = None

    def _move_to(self, moment: float) -> None:
        if self._frozen_at is not None:
            self._frozen_at = moment
        else:
            self._offset_seconds = moment - time.time()

    def described(self) -> dict[str, Any]:
        """now (seconds), iso, frozen."""
        return {"now": self.now(), "iso": iso(int(self.now())), "frozen": self._frozen_at is not None}

    def http_date(self) -> str:
        """The value of the Date header."""
        return _http_date(int(self.now()))


@lru_cache(maxsize=65536)
def iso(moment: int) -> str:
    """`2021-02-27T00:30:44+00:00`, the form all providers here use."""
    return datetime.fromtimestamp(moment, UTC).isoformat()


@lru_cache(maxsize=16)
def _http_date(moment: int) -> str:
    return format_datetime(datetime.fromtimestamp(moment, UTC), usegmt=True)


def parse_time(value: str | float) -> float:
    """Seconds since 1970 of an ISO 8601 text (UTC where it names no zone) or of a number. Raises AdminError."""
    if isinstance(value, int | float):
        return float(value)
    try:
        moment = datetime.fromisoformat(value.replace(" ", "+"))
    except ValueError as error:
        raise AdminError(f"not a time: {value!r}; use 2021-02-27T00:30:44+00:00") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
