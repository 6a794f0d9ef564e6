"""Keeps calls within what a vendor allows: so many a second in this process, so many a day by all workers together."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from pyrate_limiter import Duration, Limiter, Rate

from crm_sync.errors import QuotaExhaustedError

if TYPE_CHECKING:
    from datetime import date

    import requests

    from crm_sync.memory import Memory
    from crm_sync.providers.base import Provider

# The last calls of a day are for what must not wait: hearing who left, and letting people leave.
SHARE_THAT_CAN_WAIT = 0.95


class Budget:
    """The calls of one provider. The day is the provider's own, by the Date of its answers, so that a worker's wrong
    clock counts nothing on the wrong day."""

    def __init__(self, provider: Provider, memory: Memory) -> None:
        self._provider = provider
        self._memory = memory
        rate = provider.calls_per_second
        self._limiter = Limiter(Rate(max(1, int(rate)), Duration.SECOND)) if rate else None
        self._day = datetime.now(UTC).date()

    @property
    def day(self) -> date:
        """The provider's present day, UTC."""
        return self._day

    def spend(self, *, can_wait: bool) -> None:
        """Wait for this second's turn, and count one call; a QuotaExhaustedError, and no call, where none is left."""
        limit = self._provider.calls_per_day
        if limit is not None:
            made = self._memory.calls_of(self._day)
            if made >= (SHARE_THAT_CAN_WAIT * limit if can_wait else limit):
                raise QuotaExhaustedError(f"{made} of {limit} calls a day to {self._provider.title} are used")
            self._memory.count_calls(self._day)
        if self._limiter is not None:
            self._limiter.try_acquire(self._provider.name)

    def hear(self, response: requests.Response) -> None:
        """Learn what day it is there."""
        said = response.headers.get("Date")
        if said:
            self._day = parsedate_to_datetime(said).astimezone(UTC).date()

    def use_up(self) -> None:
        """The provider says that the day's calls are gone, whoever made them."""
        limit = self._provider.calls_per_day or 0
        missing = limit - self._memory.calls_of(self._day)
        if missing > 0:
            self._memory.count_calls(self._day, missing)
