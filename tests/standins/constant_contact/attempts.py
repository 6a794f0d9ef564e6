"""How often an address was to be subscribed of late: too often, and imports take it for no address for two days."""

from __future__ import annotations

from standins.clock import Clock
from standins.switches import Switches

DAY_SECONDS = 24 * 3600


class Attempts:
    """Of each address, when somebody tried, and until when it is flagged."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock, self._switches = clock, switches
        self._made: dict[str, list[float]] = {}
        self._until: dict[str, float] = {}

    def is_flagged(self, address: str) -> bool:
        """Whether nobody subscribes it now."""
        return self._until.get(address.lower(), 0) > self._clock.now()

    def note(self, address: str) -> None:
        """Somebody tries once more."""
        now, address = self._clock.now(), address.lower()
        recent = [each for each in self._made.get(address, []) if each > now - DAY_SECONDS]
        self._made[address] = [*recent, now]
        if len(recent) >= self._switches.subscribe_attempts:
            self._until[address] = now + 2 * DAY_SECONDS
