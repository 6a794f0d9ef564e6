"""What VoterVoice remembers of one association: contacts, lists, users; plain enough for a million contacts."""

from __future__ import annotations

import base64
import json
from typing import Any

from standins.clock import Clock
from standins.switches import Switches
from standins.votervoice.addresses import Address
from standins.votervoice.queries import TICKS
from standins.votervoice.switches import CHOICES, FREE

DEFAULT_LIST = "Default List"
LISTS = (DEFAULT_LIST, "Advocates")
DAY_SECONDS = 86_400

# The association's custom fields: id → (type, name, options of a choice).
CUSTOM_FIELDS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "1001": ("text", "Member Type", ()),
    "1002": ("date", "Member Since", ()),
    "1003": ("number", "Employees", ()),
    "1004": ("boolean", "Volunteer", ()),
    "1005": ("choice", "Interests", ("Taxes", "Trade", "Training")),
}


class Contact:
    """One contact. Moments are ticks of 100 nanoseconds; `texts` are the texts that are not empty, by name."""

    __slots__ = (
        "address_valid",
        "business",
        "contact_id",
        "custom",
        "home",
        "list",
        "non_deliverable",
        "serial",
        "texts",
        "updated",
    )

    def __init__(self, serial: int, list_name: str, now: int) -> None:
        self.serial, self.updated = serial, now
        self.list: str | None = list_name
        self.contact_id: str | None = None
        self.texts: dict[str, str] = {}
        self.custom: dict[str, Any] = {}
        self.home: Address | None = None
        self.business: Address | None = None
        self.address_valid = True
        self.non_deliverable = False

    @property
    def email(self) -> str:
        """Empty where there is none."""
        return self.texts.get("email_address", "")


class User:
    """A registered advocate."""

    def __init__(self, user_id: int, token: str) -> None:
        self.id, self.token = user_id, token
        self.texts: dict[str, str] = {}


Change = tuple[int, int, str | None, str | None, str, str]


class Association:
    """The association behind one API key."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.switches = Switches(CHOICES, FREE)
        self.reset()

    def reset(self) -> None:
        """An association without contacts; the key stays."""
        self.switches.reset()
        self.history: list[Change] = []
        self.version = self.last_serial = self.address_calls = self.leaked_keys = self.turn = 0
        self.listing: tuple[object, list[Contact]] | None = None
        self.clear()

    def clear(self) -> None:
        """No contacts and users any more, and the lists of the start; what happened stays in the history."""
        self.contacts: dict[int, Contact] = {}
        self.by_id: dict[str, list[Contact]] = {}
        self.by_email: dict[str, list[Contact]] = {}
        self.lists: dict[str, int] = dict.fromkeys(LISTS, 0)
        self.unmapped: set[str] = set()  # lists without a field mapping
        self.users: dict[str, User] = {}
        self.version += 1

    def ticks(self) -> int:
        """The provider's time, in the units of dateUpdated."""
        return int(self.clock.now() * TICKS)

    def add(self, list_name: str, contact_id: str | None, email: str, by: str | None) -> Contact:
        """A new contact. `by` None keeps it out of the history (bulk seeding)."""
        self.last_serial += 1
        contact = Contact(self.last_serial, list_name, self.ticks())
        self.contacts[contact.serial] = contact
        self.lists[list_name] += 1
        self.identify(contact, contact_id)
        self.write_texts(contact, {"email_address": email})
        self._note(contact, None, list_name, by)
        return contact

    def identify(self, contact: Contact, contact_id: str | None) -> None:
        """The association's own id for the contact, or none."""
        _move(self.by_id, contact.contact_id, contact_id, contact)
        contact.contact_id = contact_id
        self.touch(contact)

    def write_texts(self, contact: Contact, texts: dict[str, str]) -> None:
        """Exactly these texts; with another address it is not known any more to be undeliverable."""
        before, after = contact.email.lower(), texts.get("email_address", "").lower()
        if before != after:
            _move(self.by_email, before or None, after or None, contact)
            contact.non_deliverable = False
        contact.texts = {name: value for name, value in texts.items() if value}
        self.touch(contact)

    def move(self, contact: Contact, list_name: str | None, by: str) -> None:
        """Into another list, or out of all."""
        before = contact.list
        if before != list_name:
            self._count(before, -1)
            self._count(list_name, 1)
            contact.list = list_name
            self._note(contact, before, list_name or "none", by)
        self.touch(contact)

    def touch(self, contact: Contact) -> None:
        """Every write moves dateUpdated."""
        contact.updated = self.ticks()
        self.version += 1

    def remove(self, contact: Contact, by: str) -> None:
        """The contact goes away."""
        self._note(contact, contact.list, "deleted", by)
        _move(self.by_id, contact.contact_id, None, contact)
        _move(self.by_email, contact.email.lower() or None, None, contact)
        self._count(contact.list, -1)
        del self.contacts[contact.serial]
        self.version += 1

    def _count(self, list_name: str | None, step: int) -> None:
        if list_name is not None:
            self.lists[list_name] += step

    def _note(self, contact: Contact, before: str | None, after: str, by: str | None) -> None:
        if by:
            self.history.append((self.ticks(), contact.serial, contact.contact_id, before, after, by))

    def temporary_id(self, contact: Contact) -> str | None:
        """The name of a contact without an id: another one each day, and whenever they are rotated."""
        if contact.contact_id is not None:
            return None
        day = int(self.clock.now() // DAY_SECONDS)
        named = {"IsRegistered": False, "Contact": contact.serial, "Turn": self.turn, "Day": day}
        return base64.b64encode(json.dumps(named).encode()).decode()

    def named_temporarily(self, name: str) -> Contact | None:
        """The contact whose temporary id this is at present."""
        try:
            contact = self.contacts.get(json.loads(base64.b64decode(name, validate=True))["Contact"])
        except (ValueError, TypeError, KeyError):
            return None
        return contact if contact and self.temporary_id(contact) == name else None


def _move(index: dict[str, list[Contact]], before: str | None, after: str | None, contact: Contact) -> None:
    if before is not None:
        index[before].remove(contact)
        if not index[before]:
            del index[before]
    if after is not None:
        index.setdefault(after, []).append(contact)
