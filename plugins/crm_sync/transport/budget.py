"""Keeps calls within what a vendor allows: so many a second in this process, so many a day by all workers together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pyrate_limiter import Duration, Limiter, Rate

from crm_sync.errors import QuotaExhaustedError
from crm_sync.model import next_midnight
from crm_sync.transport.answer import said_at

if TYPE_CHECKING:
    from datetime import date

    from crm_sync.contract import Provider
    from crm_sync.ledger.client_state import ClientState
    from crm_sync.transport.answer import Response

# The last calls of a day are for what must not wait: hearing who left, and letting people leave.
SHARE_THAT_CAN_WAIT = 0.95


def next_day(there: datetime) -> datetime:
    """When the provider's next day begins, by the clock here; ``there``: what its own clock says now."""
    return datetime.now(UTC) + (next_midnight(there) - there)


class Budget:
    """The calls of one provider. The day is the provider's own, by the Date of its answers, so that a worker's wrong
    clock counts nothing on the wrong day."""

    def __init__(self, provider: Provider, client_state: ClientState) -> None:
        self._provider = provider
        self._client_state = client_state
        rate = provider.calls_per_second
        self._limiter = Limiter(Rate(max(1, int(rate)), Duration.SECOND)) if rate else None
        self._ahead = timedelta(0)  # of the clock here, as far as was heard

    @property
    def day(self) -> date:
        """The provider's present day, UTC."""
        return self._there().date()

    def _there(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def acquire(self, *, can_wait: bool) -> None:
        """Wait for this second's turn, and count one call; a QuotaExhaustedError, and no call, where none is left."""
        limit = self._provider.calls_per_day
        if limit is not None:
            there = self._there()
            made = self._client_state.calls_of(there.date())
            if made >= (SHARE_THAT_CAN_WAIT * limit if can_wait else limit):
                used = f"{made} of {limit} calls a day to {self._provider.title} are used"
                raise QuotaExhaustedError(used, next_day(there))
            self._client_state.count_calls(there.date())
        if self._limiter is not None:
            self._limiter.try_acquire(self._provider.name)

    def sync_clock(self, response: Response) -> None:
        """Learn the provider's time from a response."""
        said = said_at(response)
        if said is not None:
            self._ahead = said - datetime.now(UTC)

    def exhaust(self) -> None:
        """The provider says that the day's calls are used up, by us or by others."""
        limit = self._provider.calls_per_day or 0
        day = self.day
        missing = limit - self._client_state.calls_of(day)
        if missing > 0:
            self._client_state.count_calls(day, missing)
