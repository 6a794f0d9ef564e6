"""What the provider must hold, worked out from the CRM's rows in plain loops, with nothing of the product."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import psycopg

from convergence.association import MALFORMED_ADDRESSES


@dataclass
class Contact:
    """One contact of the CRM with what concerns newsletters. ``lists``: synchronized list id → Do Not Contact."""

    contact_id: int
    kind: str
    first_name: str
    last_name: str
    organization_name: str
    do_not_contact: bool
    address: str
    provider: ModuleType
    lists: dict[int, bool] = field(default_factory=dict)

    @property
    def subscriber_key(self) -> str:
        """The address by which subscribers are told apart; "" for none."""
        return self.address.strip(" ").lower()

    @property
    def names(self) -> tuple[str, str]:
        """First and last name as a newsletter greets: an organization has one name."""
        written = self._written
        if self.kind != "organization":
            return written
        names: tuple[str, str] = self.provider.organization_names(written[0])
        return names

    @property
    def _written(self) -> tuple[str, str]:
        raw = (self.organization_name, "") if self.kind == "organization" else (self.first_name, self.last_name)
        first, last = (re.sub(r"[\x00-\x1f\x7f]+", " ", name).strip() for name in raw)
        return first, last

    @property
    def is_bad(self) -> bool:
        """Whether the pipeline sets it aside: somebody in a list whose data no provider takes."""
        is_too_long = any(len(name.encode()) > self.provider.LONGEST_NAME_BYTES for name in self._written)
        return bool(self.subscriber_key and self.lists) and (
            self.address.strip(" ") in MALFORMED_ADDRESSES or is_too_long
        )

    @property
    def refuses(self) -> bool:
        """Do Not Contact, on the contact or on a membership of a synchronized list."""
        return self.do_not_contact or any(self.lists.values())

    @property
    def flagged(self) -> set[int]:
        """The lists whose membership has Do Not Contact."""
        return {list_id for list_id, flag in self.lists.items() if flag}


@dataclass
class Wish:
    """What the CRM says of one address. ``bad_ones`` may, but need not, be held as it: they count for ``may_lists``."""

    must_lists: set[int] = field(default_factory=set)
    may_lists: set[int] = field(default_factory=set)
    is_refused: bool = False
    good_ones: list[Contact] = field(default_factory=list)
    bad_ones: list[Contact] = field(default_factory=list)
    names: tuple[str, str] | None = None
    address: str = ""

    @property
    def is_uncertain(self) -> bool:
        """Whether somebody may be behind the address who is not there by the CRM."""
        return bool(self.bad_ones)

    @property
    def may_be_refused(self) -> bool:
        """Whether Do Not Contact of one of those may keep it out."""
        return any(bad.refuses for bad in self.bad_ones)


@dataclass
class Truth:
    """The CRM at one moment: contacts by id, synchronized lists by id, and the wish for each address."""

    contacts: dict[int, Contact]
    provider: ModuleType
    lists: dict[int, str]
    wishes: dict[str, Wish]

    @property
    def bad_contacts(self) -> set[int]:
        """The contacts that must be set aside."""
        return {contact.contact_id for contact in self.contacts.values() if contact.is_bad}


def read(dsn: str, provider: ModuleType, former: dict[int, set[str]], scope: str = "contact") -> Truth:
    """The CRM now, for one provider. ``former``: under which addresses a contact may be held from before its data went
    bad. ``scope``: whether Do Not Contact of a membership counts for the contact, or for that list."""
    with psycopg.connect(dsn) as connection:
        lists: dict[int, str] = dict(
            connection.execute("select list_id, name from crm.list where sync_enabled order by list_id").fetchall()
        )
        contacts = {row[0]: _contact(row, provider) for row in connection.execute(
            "select contact_id, kind, first_name, last_name, organization_name, do_not_contact from crm.contact"
        )}  # fmt: skip
        for contact_id, address in connection.execute(
            "select contact_id, address from crm.email_address where is_primary"
        ):
            contacts[contact_id].address = address
        for list_id, contact_id, flag in connection.execute(
            "select list_id, contact_id, do_not_contact from crm.list_member"
        ):
            if list_id in lists:
                contacts[contact_id].lists[list_id] = flag
    wishes = _wishes(contacts, provider, former)
    if scope == "list":
        for wish in wishes.values():
            _count_by_list(wish)
    return Truth(contacts, provider, lists, wishes)


def _contact(row: tuple[Any, ...], provider: ModuleType) -> Contact:
    contact_id, kind, first, last, organization, flag = row
    return Contact(contact_id, kind, first or "", last or "", organization or "", flag, "", provider)


def _wishes(contacts: dict[int, Contact], provider: ModuleType, former: dict[int, set[str]]) -> dict[str, Wish]:
    wishes: dict[str, Wish] = defaultdict(Wish)
    for contact_id in sorted(contacts):
        contact = contacts[contact_id]
        if contact.subscriber_key and not contact.is_bad:
            _count(wishes[contact.subscriber_key], contact)
        # Whose data is bad, or whose new address is refused there, stays what it was held as until that is mended.
        if contact.is_bad or contact.subscriber_key in provider.REFUSED_ADDRESSES:
            for subscriber_key in former.get(contact_id, set()) | (
                {contact.subscriber_key} if contact.is_bad else set()
            ):
                _count_bad(wishes[subscriber_key], contact, is_here=subscriber_key == contact.subscriber_key)
    for wish in wishes.values():
        wish.is_refused |= bool(wish.bad_ones) and not wish.good_ones and all(bad.refuses for bad in wish.bad_ones)
    return dict(wishes)


def _count(wish: Wish, contact: Contact) -> None:
    """Union of the lists; Do Not Contact of either wins; the lowest contact id in a list names the subscriber."""
    wish.good_ones.append(contact)
    wish.must_lists |= set(contact.lists)
    wish.may_lists |= set(contact.lists)
    wish.is_refused |= contact.refuses
    if contact.lists and wish.names is None:
        wish.names, wish.address = contact.names, contact.address.strip(" ")


def _count_bad(wish: Wish, contact: Contact, *, is_here: bool) -> None:
    if any(contact is good for good in wish.good_ones):
        return
    wish.bad_ones.append(contact)
    wish.may_lists |= set(contact.lists)
    wish.is_refused |= is_here and contact.refuses


def _count_by_list(wish: Wish) -> None:
    """A membership's Do Not Contact takes its address out of that list and of no other; of the last one, altogether."""
    everybody = [*wish.good_ones, *wish.bad_ones]
    flagged = set().union(*(contact.flagged for contact in everybody))
    wish.must_lists -= flagged
    wish.may_lists -= flagged
    is_out = bool(flagged) and not wish.may_lists
    wish.is_refused = any(contact.do_not_contact for contact in wish.good_ones or wish.bad_ones) or is_out


def tag_names(lists: dict[int, str]) -> dict[int, str]:
    """The tag of each list: its name, and for the later ones of several with one name its number too, as often as it
    takes to be no other's."""
    names: dict[int, str] = {}
    for list_id in sorted(lists):
        name = lists[list_id].strip()
        if name.casefold() not in {each.casefold() for each in names.values()}:
            names[list_id] = name
    for list_id in sorted(lists.keys() - names.keys()):
        name = f"{lists[list_id].strip()} (#{list_id})"
        while name.casefold() in {each.casefold() for each in names.values()}:
            name += f" (#{list_id})"
        names[list_id] = name
    return names
