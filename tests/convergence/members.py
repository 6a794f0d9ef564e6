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
# What of somebody at a provider means that they are held there, where the provider has it.
HOLDING = ("is_held", "lists", "groups")


@dataclass
class Person:
    """One contact with what concerns its membership."""

    contact_id: int
    kind: str
    first_name: str
    last_name: str
    organization_name: str = ""
    address: str = ""
    statuses: set[str] = field(default_factory=set)
    types: set[int] = field(default_factory=set)  # of active memberships
    organizations: list[int] = field(default_factory=list)  # the main one first
    lists: set[int] = field(default_factory=set)

    @property
    def names(self) -> tuple[str, str]:
        """As they are sent: without control characters and outer blanks; an organization has neither."""
        raw = ("", "") if self.kind == "organization" else (self.first_name, self.last_name)
        first, last = (re.sub(r"[\x00-\x1f\x7f]+", " ", name).strip() for name in raw)
        return first, last

    @property
    def company(self) -> str:
        """An organization's name as it is sent."""
        return " ".join(re.sub(r"[\x00-\x1f\x7f]+", " ", self.organization_name).split())

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
            row[0]: Person(row[0], row[1], row[2] or "", row[3] or "", row[4] or "")
            for row in ask("select contact_id, kind, first_name, last_name, organization_name from crm.contact")
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
        for person in people.values():
            self._compare(person, arena.provider.wanted(person, people, arena.world.way))
        for key, held in self.there.items():
            is_left = int(key) not in people and key not in arena.estranged
            self._finds(is_left and held["is_held"], f"{key} is gone from the CRM, and still held")

    def _finds(self, is_wrong: object, text: str) -> None:
        if is_wrong:
            self.findings.append(text)

    def _compare(self, person: Person, wanted: dict[str, Any] | None) -> None:
        """Held as wanted, or excused by a row where the provider may have refused it: as it does for everybody, or
        because another person has the address there."""
        held = self.there.get(str(person.contact_id))
        if wanted is None:
            is_known = held and str(person.contact_id) not in self.arena.estranged
            is_there = is_known and any(held.get(name) for name in HOLDING)
            self._finds(is_there, f"{person.contact_id} is not wanted, and held: {held}")
            return
        if held is not None and {name: held[name] for name in wanted} == wanted:
            return
        says = {name: held[name] for name in wanted} if held else None
        self._finds(not self._may_be_refused(person), f"{person.contact_id}: {says}, should be {wanted}")
        self._finds(
            person.contact_id not in self.excused, f"{person.contact_id}: is not as wanted, and no row says why"
        )

    def _may_be_refused(self, person: Person) -> bool:
        provider = self.arena.provider
        longest = provider.LONGEST_NAME
        is_too_long = longest is not None and any(len(name) > longest for name in person.names)
        is_taken = provider.ADDRESS_IS_ONE_PERSONS and person.email.lower() in self.shared
        is_bad = person.email.endswith(FAKE_DOMAIN) or len(person.email.partition("@")[0]) > 64
        return is_too_long or is_taken or is_bad
