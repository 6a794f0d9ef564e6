"""What Acme Mail remembers: people and the names of lists."""

from __future__ import annotations

import msgspec

from scaffold.standin.switches import CHOICES, FREE
from standins.clock import Clock
from standins.switches import Switches


class Person(msgspec.Struct):
    """One person; ``lists`` are ids."""

    id: str
    email: str
    first_name: str = ""
    last_name: str = ""
    lists: tuple[str, ...] = ()


Change = tuple[float, str, str | None, str, str]


class Account:
    """The account behind one key."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.switches = Switches(CHOICES, FREE)
        self.reset()

    def reset(self) -> None:
        """An account without people; the key stays."""
        self.switches.reset()
        self.history: list[Change] = []
        self.clear()

    def clear(self) -> None:
        """No people and lists any more; what happened stays in the history."""
        self.people: dict[str, Person] = {}
        self.list_names: dict[str, str] = {}

    def put(self, person: Person, list_names: dict[str, str], by: str) -> None:
        """Replace the whole record; a list is made by the first that names it, and the latest name wins."""
        if person.id not in self.people:
            self._note(person.id, None, "active", by)
        self.people[person.id] = person
        self.list_names |= list_names

    def remove(self, person: Person, by: str) -> None:
        """The person goes away."""
        del self.people[person.id]
        self._note(person.id, "active", "deleted", by)

    def _note(self, person_id: str, before: str | None, after: str, by: str) -> None:
        self.history.append((self.clock.now(), person_id, before, after, by))
