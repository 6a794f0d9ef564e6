"""What the providers of members must hold, worked out from the CRM in plain loops, and the comparison with it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import psycopg

from convergence.arena import Arena
from convergence.association import MALFORMED_ADDRESSES

FAKE_DOMAIN = "@fake.example.org"


@dataclass
class Person:
    """One contact with what concerns its membership."""

    contact_id: int
    kind: str
    first_name: str
    last_name: str
    address: str = ""
    statuses: set[str] = field(default_factory=set)
    types: set[int] = field(default_factory=set)  # of active memberships
    organizations: list[int] = field(default_factory=list)  # the main one first
    lists: set[int] = field(default_factory=set)

    @property
    def names(self) -> tuple[str, str]:
        """As they are sent: without control characters and outer blanks; an organization has neither."""
        raw = ("", "") if self.kind == "organization" else (self.first_name, self.last_name)
        return tuple(re.sub(r"[\x00-\x1f\x7f]+", " ", name).strip() for name in raw)  # type: ignore[return-value]

    @property
    def email(self) -> str:
        """The address as it is sent; a malformed one is left out."""
        address = self.address.strip(" ")
        return "" if address in MALFORMED_ADDRESSES else address


def read(dsn: str) -> dict[int, Person]:
    """The CRM now."""
    with psycopg.connect(dsn) as connection:

        def ask(text: str) -> list[tuple[Any, ...]]:
            return connection.execute(text).fetchall()

        people = {
            row[0]: Person(row[0], row[1], row[2] or "", row[3] or "")
            for row in ask("select contact_id, kind, first_name, last_name from crm.contact")
        }
        for contact_id, address in ask("select contact_id, address from crm.email_address where is_primary"):
            people[contact_id].address = address
        for list_id, contact_id in ask(
            "select list_id, contact_id from crm.list_member join crm.list using (list_id) where sync_enabled"
        ):
            people[contact_id].lists.add(list_id)
        for person, organization in ask(
            "select individual_id, organization_id from crm.relationship order by is_primary desc, organization_id"
        ):
            people[person].organizations.append(organization)
        memberships = ask("select contact_id, membership_type_id, status from crm.membership")
    for contact_id, type_id, status in memberships:
        for person in people.values():
            if person.contact_id == contact_id or (person.kind == "individual" and contact_id in person.organizations):
                person.statuses.add(status)
                person.types |= {type_id} if status == "active" else set()
    return people


class MemberArena(Arena):
    """A provider of members at work on the association."""

    def _remember(self) -> None:
        """Nothing of a person's past matters here."""

    def assert_do_not_contact_was_sent(self) -> None:
        """It is not heeded."""

    def assert_opt_outs_stand(self) -> None:
        """There are none."""

    def _held(self) -> Any:
        return self.provider.members(self.standin.state())

    def judge(self) -> Any:
        """What there is to be said of the provider as it is now."""
        comparison = Comparison(self, read(self.association.dsn))
        comparison.findings += self._balance()
        return comparison


class Comparison:
    """``findings`` is empty where the promise was kept."""

    def __init__(self, arena: Arena, people: dict[int, Person]) -> None:
        self.arena, self.people = arena, people
        self.findings: list[str] = []
        self.there = arena.provider.members(arena.standin.state())
        self.excused = {row[0] for row in arena.world.query(
            "select contact_id from crm_sync.exceptions where provider = %s and contact_id is not null",
            arena.world.provider,
        )}  # fmt: skip
        shared = Counter(person.email.lower() for person in people.values() if person.email)
        self.shared = {address for address, count in shared.items() if count > 1}
        compare = {"higher_logic": self._higher_logic, "votervoice": self._votervoice}[arena.world.provider]
        for person in people.values():
            compare(person)
        for key, held in self.there.items():
            is_left = int(key) not in people and key not in arena.estranged
            self._finds(is_left and held["is_held"], f"{key} is gone from the CRM, and still held")

    def _finds(self, is_wrong: object, text: str) -> None:
        if is_wrong:
            self.findings.append(text)

    def _held_as(self, person: Person, wanted: dict[str, Any], *, may_be_taken: bool = False) -> None:
        """Held like that, or excused by a row where the provider may have refused it: as it does for everybody, or
        because another person has the address there."""
        held = self.there.get(str(person.contact_id))
        if held is not None and {name: held[name] for name in wanted} == wanted:
            return
        says = {name: held[name] for name in wanted} if held else None
        is_excusable = may_be_taken or self._may_be_refused(person)
        self._finds(not is_excusable, f"{person.contact_id}: {says}, should be {wanted}")
        self._finds(
            person.contact_id not in self.excused, f"{person.contact_id}: is not as wanted, and no row says why"
        )

    def _may_be_refused(self, person: Person) -> bool:
        longest = self.arena.provider.LONGEST_NAME
        is_too_long = longest is not None and any(len(name) > longest for name in person.names)
        return is_too_long or person.email.endswith(FAKE_DOMAIN) or len(person.email.partition("@")[0]) > 64

    def _higher_logic(self, person: Person) -> None:
        held = self.there.get(str(person.contact_id))
        is_wanted = self._is_pushed(person)
        if person.kind == "organization":
            is_wanted = any(
                self._is_pushed(each) and person.contact_id in each.organizations for each in self.people.values()
            )
            self._finds(held and held["lists"], f"organization {person.contact_id} is in communities")
        if not is_wanted:
            held = None if str(person.contact_id) in self.arena.estranged else held
            is_there = held and (held["is_held"] or held["lists"] or held["groups"])
            self._finds(is_there, f"{person.contact_id} should have neither flag nor groups: {held}")
            return
        wanted: dict[str, Any] = {"is_held": True, "names": person.names, "email": person.email}
        if person.kind == "individual":
            wanted["lists"] = {f"list-{each}" for each in person.lists}
            wanted["groups"] = {f"membership-type-{each}" for each in person.types}
            wanted["parent"] = str(person.organizations[0]) if person.organizations else ""
        self._held_as(person, wanted)

    def _is_pushed(self, person: Person) -> bool:
        return person.kind == "individual" and "active" in person.statuses and bool(person.lists)

    def _votervoice(self, person: Person) -> None:
        if not person.statuses & {"active", "courtesy"}:
            held = self.there.get(str(person.contact_id))
            is_left = held and held["is_held"] and str(person.contact_id) not in self.arena.estranged
            self._finds(is_left, f"{person.contact_id} does not qualify, and is in the list")
            return
        wanted = {"is_held": True, "names": person.names, "email": person.email}
        self._held_as(person, wanted, may_be_taken=person.email.lower() in self.shared)
