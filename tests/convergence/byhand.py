"""What people do at a provider by hand, and what the pipeline must leave alone of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from convergence.association import ADDRESSES, pick
from convergence.verdict import MARKETERS_TAGS

if TYPE_CHECKING:
    from convergence.arena import Arena

SECONDS_PER_DEED = 660  # more than the overlap of two polls: nothing is found again by luck


@dataclass
class ByHand:
    """What people did at one provider by hand."""

    strangers: set[str] = field(default_factory=set)  # addresses that were entered there
    forgotten: set[str] = field(default_factory=set)  # addresses deleted there for good
    foreign_lists: set[str] = field(default_factory=set)  # names that a lost ledger cannot know to be ours
    tags: dict[str, set[str]] = field(default_factory=dict)  # identity there → marketers' tags
    # Identity there → the address before the person changed it there, and the one it is since.
    chosen: dict[str, tuple[str, str]] = field(default_factory=dict)

    def leave(self, arena: Arena, who: int, how: str) -> None:
        """Somebody subscribed opts out, is unsubscribed by staff, or bounces."""
        if how in arena.provider.BY_HAND and (address := _address(arena, who, "is_subscribed")):
            self._act(arena, how, address=address)

    def leaving(self, arena: Arena, who: int) -> dict[str, Any] | None:
        """The action by which somebody subscribed opts out, long after the last poll; None where nobody can."""
        address = _address(arena, who, "is_subscribed") if arena.provider.BY_HAND else None
        if address is None:
            return None
        arena.standin.clock(advance_seconds=SECONDS_PER_DEED)
        return {"action": arena.provider.BY_HAND["leave"], "address": address}

    def leave_at(self, arena: Arena, address: str, how: str) -> None:
        """Whoever is subscribed with that address opts out, or is unsubscribed by staff."""
        self._act(arena, how, address=address)

    def readdress(self, arena: Arena, who: int, to: int) -> None:
        """Somebody subscribed changes their own address."""
        address = _address(arena, who, "is_subscribed") if arena.provider.BY_HAND else None
        new = [*ADDRESSES, *(f"private{n}@example.org" for n in range(12))][to % 20]
        if address and new not in self._known(arena) | self.forgotten:
            # The next run hears of whoever is known there by more than the address.
            arena.edits += self._identity(arena, address) not in arena.held()
            self.readdress_at(arena, address, new)

    def readdress_at(self, arena: Arena, address: str, new: str) -> None:
        """Whoever is there by that address changes it."""
        identity = self._identity(arena, address)
        self._act(arena, "readdress", address=address, new_address=new)
        before = self.chosen[identity][0] if self._chose(identity, address) else address.lower()
        self.chosen[identity] = (before, new.lower())

    def _chose(self, identity: str, address: str) -> bool:
        return self.chosen.get(identity, ("", ""))[1] == address.lower()

    def come_back(self, arena: Arena, who: int) -> None:
        """Somebody who had left signs up again."""
        if arena.provider.BY_HAND and (address := _address(arena, who, "is_unsubscribed")):
            self._act(arena, "return", address=address)
            arena.edits += 1

    def edit(self, arena: Arena, who: int, how: str, what: int) -> None:
        """A person or a list is changed, a marketers' mark is put on somebody."""
        if not arena.provider.BY_HAND:
            return
        ours = [name for name in arena.provider.lists(arena.standin.state()) if name not in MARKETERS_TAGS]
        address, name = _address(arena, who, "is_subscribed"), pick(ours, what)
        if how == "delete_list":
            if name:
                self._act(arena, how, name=name)
        elif address is None or (how in {"join", "part"} and name is None):
            return
        elif how == "mark":
            self._mark(arena, address, what)
        else:
            self._change(arena, how, address, str(name))
        arena.edits += 1

    def _change(self, arena: Arena, how: str, address: str, name: str) -> None:
        if how == "rename":
            self._do(arena, arena.provider.renaming(address, "By hand"))
        elif how in {"join", "part"}:
            self._act(arena, how, address=address, name=name)
        elif how in arena.provider.BY_HAND:
            self._act(arena, how, address=address)
            if how == "forget":
                self.forgotten.add(address.lower())

    def appear(self, arena: Arena, who: int, *, is_marked: bool) -> None:
        """Somebody signs up there whom the CRM does not know, or not yet."""
        if not arena.provider.BY_HAND:
            return
        address = [*ADDRESSES, "stranger1@example.org", "stranger2@example.org"][who % 10]
        if address in self._known(arena) | self.forgotten:
            return
        self._act(arena, "appear", address=address)
        self.strangers.add(address)
        arena.edits += 1
        if is_marked:
            self._mark(arena, address, who)

    def _mark(self, arena: Arena, address: str, which: int) -> None:
        tag = MARKETERS_TAGS[which % len(MARKETERS_TAGS)]
        if tag not in arena.provider.lists(arena.standin.state()):
            self._act(arena, "make_list", name=tag)
        self._act(arena, "join", address=address, name=tag)
        self.tags.setdefault(self._identity(arena, address), set()).add(tag)

    def _identity(self, arena: Arena, address: str) -> str:
        people = arena.provider.people(arena.standin.state())
        return next(str(each["identity"]) for each in people if each["address"].lower() == address.lower())

    def _known(self, arena: Arena) -> set[str]:
        return {person["address"].lower() for person in arena.provider.people(arena.standin.state())}

    def _act(self, arena: Arena, how: str, **details: Any) -> None:
        self._do(arena, {"action": arena.provider.BY_HAND[how], **details})

    def _do(self, arena: Arena, action: dict[str, Any]) -> None:
        arena.standin.clock(advance_seconds=SECONDS_PER_DEED)
        arena.standin.control("POST", "state", action)


def _address(arena: Arena, which: int, only: str) -> str | None:
    people = arena.provider.people(arena.standin.state())
    return pick([person["address"] for person in people if person[only]], which)
