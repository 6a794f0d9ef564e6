"""Keeps calls within the vendor's limits: calls per second in this process, calls per day by all workers together."""

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

# The last calls of a day are reserved for what must not wait: reading opt-outs and removing people.
SHARE_THAT_CAN_WAIT = 0.95


def next_day(there: datetime) -> datetime:
    """When the provider's next day begins, by this machine's clock.

    Args:
        there: the present time by the provider's clock, in UTC.
    """
    return datetime.now(UTC) + (next_midnight(there) - there)


class Budget:
    """The calls that one provider still allows. Days follow the provider's clock (the Date header of its responses), so
    that a worker's wrong clock counts no call on the wrong day.

    Args:
        provider: its ``calls_per_second`` and ``calls_per_day`` are the limits; None means no limit.
        client_state: holds the calls of the day, which all workers share.
    """

    def __init__(self, provider: Provider, client_state: ClientState) -> None:
        self._provider = provider
        self._client_state = client_state
        rate = provider.calls_per_second
        self._limiter = Limiter(Rate(max(1, int(rate)), Duration.SECOND)) if rate else None
        self._ahead = timedelta(0)  # how far the provider's clock is ahead of this machine's

    @property
    def day(self) -> date:
        """The present day by the provider's clock, in UTC."""
        return self._there().date()

    def _there(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def acquire(self, *, can_wait: bool) -> None:
        """Count one call, and block until the limit of calls per second allows it.

        Args:
            can_wait: False for a call that must not wait until tomorrow; it may use the last 5% of the day's calls.

        Raises:
            QuotaExhaustedError: no call is left today; ``again_at`` says when the next day begins. Nothing is counted.
        """
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
        """Read the provider's time from the Date header of a response; a response without one changes nothing."""
        said = said_at(response)
        if said is not None:
            self._ahead = said - datetime.now(UTC)

    def exhaust(self) -> None:
        """Count the rest of today's calls as made: the provider reports that they are used up, by us or by others."""
        limit = self._provider.calls_per_day or 0
        day = self.day
        missing = limit - self._client_state.calls_of(day)
        if missing > 0:
            self._client_state.count_calls(day, missing)
