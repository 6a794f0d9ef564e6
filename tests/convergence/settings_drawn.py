"""Settings of a provider change in a random history: a list is excluded and included again, a pilot begins and ends, a
further field is filled. While a list is excluded or a pilot is on, each rule judges what it does; the comparison at the
end is made without them, and with the field."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
from hypothesis import note
from hypothesis.stateful import rule

from convergence.arena import Arena
from convergence.association import Draw, pick
from convergence.fields_held import fields_that_differ
from convergence.members import MemberArena
from convergence.premises_drawn import PremisesDrawn
from crm_sync.settings import FieldOf, Pilot, Selection
from local.world import QUICK, facts

_number = st.integers(0, 19)
_draw = st.tuples(_number, _number, _number)
# Nobody's address changes by these, so that whoever comes into a list there, or leaves it, is the same person.
_CHANGES = ["add_contact", "join", "join", "leave", "leave", "rename", "flag_contact", "flag_membership", "switch_list"]
_changes = st.lists(st.tuples(st.sampled_from(_CHANGES), _draw), min_size=1, max_size=4)
_modes = st.sampled_from(["changes", "changes", "compare", "full"])
NOBODYS_DOMAIN = "nowhere.example.org"


class SettingsDrawn(PremisesDrawn):
    """Each rule changes one table of one provider's settings; the others stay."""

    def __init__(self) -> None:
        super().__init__()
        self.own: dict[int, dict[str, Any]] = {}

    def _set(self, which: int, **tables: Any) -> None:
        """None takes a table away. A dead run rests on the settings of before."""
        number = which % len(self.arenas)
        own = self.own.get(number, {}) | tables
        self.own[number] = {name: each for name, each in own.items() if each is not None}
        self.arenas[number].set_own(**self.own[number])
        self.outdated |= {number} & set(self.dead)

    def _is_to_be_judged(self, arena: Arena) -> bool:
        """Whether nothing but the next run changes anything at a newsletter provider."""
        is_unasked = arena.world.settings.brake_floor == QUICK.brake_floor
        return is_unasked and not (arena.is_stormy or isinstance(arena, MemberArena) or arena.by_hand.chosen)

    @rule(which=_number, number=_number, changes=_changes, mode=_modes)
    def a_list_is_excluded(self, which: int, number: int, changes: list[tuple[str, Draw]], mode: str) -> None:
        """It stays there with the people in it, whatever becomes of it in the CRM."""
        arena = self._arena_to_run(which)
        known = (
            "select list_id, name from crm_sync.list_holding where provider = %s and remote_id is not null order by 1"
        )
        if not arena.run("changes"):
            return
        chosen = pick(arena.world.query(known, arena.world.provider), number)
        if chosen is None:
            return
        self._set(which, lists=Selection(exclude=(chosen[0],)))
        is_well = arena.run("changes") and self._is_to_be_judged(arena)
        before = _held(arena, chosen[1]) if is_well else {}
        self._transact(changes)
        if arena.run(mode) and is_well:
            after, still = _held(arena, chosen[1]), _held(arena)
            assert not (came := after.keys() - before.keys()), f"{came} came into excluded list {chosen}"
            went = (before.keys() - after.keys()) & {who for who, each in still.items() if each["is_subscribed"]}
            assert not (went := went & _subscribed(before)), f"{went} left excluded list {chosen}"

    @rule(which=_number, people=st.sampled_from([None, None, 0, 2]), changes=_changes, mode=_modes)
    def a_pilot_begins(self, which: int, people: int | None, changes: list[tuple[str, Draw]], mode: str) -> None:
        """A pilot in which nobody, or only so many, take part removes nobody, and of nobody new it lets more in."""
        arena = self._arena_to_run(which)
        if not arena.run("changes"):
            return
        self._set(which, pilot=Pilot(domains=(NOBODYS_DOMAIN,)) if people is None else Pilot(people=people))
        is_well = arena.run("changes") and self._is_to_be_judged(arena)
        before = _held(arena) if is_well else {}
        self._transact(changes)
        if arena.run(mode) and is_well:
            after = _held(arena)
            came = _subscribed(after) - _subscribed(before)
            assert len(came) <= (people or 0), f"the pilot let in {came}"
            wishes = arena.truth().wishes
            for who in _subscribed(before) - _subscribed(after):
                wish = wishes.get(before[who]["address"].lower())
                is_in_the_crm = wish is not None and bool(wish.good_ones) and not wish.bad_ones
                assert not (wish and is_in_the_crm and not wish.is_refused), f"the pilot removed {before[who]}"

    @rule(which=_number)
    def lists_and_people_are_all_in_again(self, which: int) -> None:
        """No list is excluded any more, and the pilot ends."""
        self._set(which, lists=None, pilot=None)

    @rule(which=_number, column=st.sampled_from(["last_name", "first_name", ""]))
    def a_field_is_filled(self, which: int, column: str) -> None:
        """From that column of the CRM, and created where it is missing; or from none any more."""
        told = facts(self._arena(which).world.way)
        name, kind = next(iter(told.FURTHER.items()))
        self._set(which, fields={name: FieldOf(column, kind)} if column else None, create_fields=True)

    def _settle(self) -> None:
        for which, arena in enumerate(self.arenas):
            self._set(which, lists=None, pilot=None)
            # A field may have been missing while people were sent: a full run finds out, as the docs say.
            arena.edits += bool(self.own[which].get("fields"))
        self._compare()
        for which, arena in enumerate(self.arenas):
            for name, each in (self.own[which].get("fields") or {}).items():
                differing = fields_that_differ(arena, name, each.column)
                note(f"{name} is filled from {each.column}")
                assert not differing, f"{name}: {differing}"

    def _compare(self) -> None:
        # An opt-out at one provider is written into the CRM, and changes what the others must hold: so twice, and only
        # what all hold after that is compared with each.
        for arena in self.arenas:
            arena.clear_up()
        for arena in self.arenas:
            arena.settle()


def _held(arena: Arena, list_name: str = "") -> dict[str, dict[str, Any]]:
    """Who is there, or there in that list, by identity."""
    people = arena.provider.people(arena.standin.state())
    return {each["identity"]: each for each in people if not list_name or list_name in each["lists"]}


def _subscribed(people: dict[str, dict[str, Any]]) -> set[str]:
    return {who for who, each in people.items() if each["is_subscribed"]}
