"""Contact lists: their names are unique, an account has a thousand at most, a deleted one is remembered."""

from __future__ import annotations

import uuid

from standins.clock import Clock
from standins.constant_contact.errors import Refusal, bad_value, conflict, invalid, not_found
from standins.switches import Switches

LONGEST_NAME = 255
MOST_LISTS = 1000


class ContactList:
    """One list. `size` and `active` are kept by whoever changes memberships."""

    __slots__ = ("active", "created", "deleted", "description", "favorite", "id", "name", "serial", "size", "updated")

    def __init__(self, serial: int, name: str, now: int) -> None:
        self.serial, self.name, self.id = serial, name, str(uuid.uuid4())
        self.description: str | None = None
        self.favorite = False
        self.created = self.updated = now
        self.deleted = self.size = self.active = 0


class Lists:
    """All lists of the account, deleted ones too."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock, self._switches = clock, switches
        self.by_serial: dict[int, ContactList] = {}
        self._by_id: dict[str, ContactList] = {}

    @property
    def current(self) -> list[ContactList]:
        """Those that are not deleted, in the order of creation."""
        return [held for held in self.by_serial.values() if not held.deleted]

    def named(self, name: str) -> ContactList | None:
        """The list of that name, whatever its case."""
        return next((held for held in self.current if held.name.casefold() == name.casefold()), None)

    def found(self, list_id: str) -> ContactList:
        """The list of a path. Raises Refusal 404; for a deleted one only by the switch."""
        held = self._by_id.get(list_id.lower())
        if held is None or (held.deleted and self._switches.deleted_list == "404"):
            raise not_found()
        return held

    def serials(self, list_ids: list[str], name: str = "list_memberships") -> tuple[int, ...]:
        """The lists that a body names. Raises Refusal 400 for one that does not exist."""
        known = [self._by_id.get(list_id.lower()) for list_id in list_ids]
        if any(held is None or held.deleted for held in known):
            raise bad_value(name)
        return tuple(dict.fromkeys(held.serial for held in known if held))

    def ids(self, serials: tuple[int, ...]) -> list[str]:
        """The UUIDs of these lists."""
        return [self.by_serial[serial].id for serial in serials]

    def names(self, serials: tuple[int, ...]) -> list[str]:
        """The names of these lists."""
        return [self.by_serial[serial].name for serial in serials]

    def add(self, name: str) -> ContactList:
        """A new list. Raises Refusal: 409 for a name in use, 400 over the thousand."""
        self._check_name(name)
        if self._holder(name):
            raise conflict("Validation failed: a list with this name exists.")
        if len(self.current) >= MOST_LISTS:
            raise invalid(f"An account can have {MOST_LISTS} lists.")
        held = ContactList(len(self.by_serial) + 1, name, int(self._clock.now()))
        self.by_serial[held.serial] = self._by_id[held.id] = held
        return held

    def rename(self, held: ContactList, name: str) -> None:
        """Another name. Raises Refusal where it is in use, with the status of the switch."""
        self._check_name(name)
        if self._holder(name) not in {None, held}:
            taken = conflict("Validation failed: a list with this name exists.")
            raise taken if self._switches.put_list_taken_name == "409" else Refusal(400, taken.key, taken.message)
        held.name, held.updated = name, int(self._clock.now())

    def delete(self, held: ContactList) -> None:
        """Remember when; its memberships are taken away elsewhere."""
        held.deleted = held.updated = int(self._clock.now())

    def _check_name(self, name: str) -> None:
        if not name.strip() or len(name) > LONGEST_NAME:
            raise bad_value("name")

    def _holder(self, name: str) -> ContactList | None:
        counts_deleted = self._switches.deleted_list_name == "taken"
        same = (held for held in self.by_serial.values() if held.name.casefold() == name.casefold())
        return next((held for held in same if counts_deleted or not held.deleted), None)
