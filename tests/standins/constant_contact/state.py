"""What Constant Contact remembers: contacts, lists, custom fields, jobs, tokens; a million contacts fit."""

from __future__ import annotations

from collections import Counter
from typing import Any

from standins.clock import Clock
from standins.constant_contact.activities import Queue
from standins.constant_contact.attempts import Attempts
from standins.constant_contact.custom_fields import Fields
from standins.constant_contact.forms import identifier, serial_in
from standins.constant_contact.limits import Limits
from standins.constant_contact.lists import ContactList, Lists
from standins.constant_contact.oauth import Tokens
from standins.constant_contact.switches import CHOICES, FREE
from standins.switches import Switches

MAILABLE = frozenset({"explicit", "implicit"})

Change = tuple[int, int, str | None, str | None, str, str]


class Contact:
    """One contact. Times are whole seconds since 1970, 0 for never; `lists` are serial numbers of lists."""

    __slots__ = (
        "address",
        "create_source",
        "created",
        "deleted",
        "extra",
        "first_name",
        "last_name",
        "lists",
        "opt_in_source",
        "opt_out_source",
        "opted_in",
        "opted_out",
        "permission",
        "serial",
        "unsubscribed_by",
        "update_source",
        "updated",
    )

    def __init__(self, serial: int, address: str | None, permission: str, source: str, now: int) -> None:
        self.serial, self.address, self.permission = serial, address, permission
        self.first_name = self.last_name = ""
        self.create_source = self.update_source = self.opt_in_source = source
        self.created = self.updated = now
        self.opted_in = now if permission in MAILABLE else 0
        self.opted_out = self.deleted = 0
        self.opt_out_source: str | None = None
        self.unsubscribed_by: str | None = None
        self.lists: tuple[int, ...] = ()
        self.extra: dict[str, Any] | None = None

    @property
    def contact_id(self) -> str:
        """Stays with the contact when its address changes."""
        return identifier("contact", self.serial)

    @property
    def is_active(self) -> bool:
        """Whether mail goes there."""
        return self.permission in MAILABLE and not self.deleted

    @property
    def is_locked(self) -> bool:
        """Whether only the contact can come back: it opted out itself."""
        return self.permission == "unsubscribed" and self.opt_out_source == "Contact"

    @property
    def status(self) -> str:
        """The one word that the filter `status` knows it by."""
        if self.deleted:
            return "deleted"
        return "active" if self.permission in MAILABLE else self.permission


class Account:
    """The account behind one application: all that was written, and what the application may do."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.switches = Switches(CHOICES, FREE, key="client_secret")
        self.reset()

    def reset(self) -> None:
        """A fresh account; the client's secret stays."""
        self.switches.reset()
        self.last_serial = 0
        self.history: list[Change] = []
        self.limits = Limits(self.clock, self.switches)
        self.tokens = Tokens(self.clock, self.switches)
        self.queue = Queue(self.clock, self.switches)
        self.attempts = Attempts(self.clock, self.switches)
        self.clear()

    def clear(self) -> None:
        """No contacts, lists and custom fields any more; what happened stays, and no id is used again."""
        self.roster: list[Contact] = []
        self.by_address: dict[str, Contact] = {}
        self.lists = Lists(self.clock, self.switches)
        self.fields = Fields(self.clock)
        self.statuses: Counter[str] = Counter()
        self.permissions: Counter[str] = Counter()
        self._list_sets: dict[tuple[int, ...], tuple[int, ...]] = {}

    def now(self) -> int:
        """The provider's time, in whole seconds as its timestamps have it."""
        return int(self.clock.now())

    def add(self, address: str | None, permission: str, source: str, by: str | None) -> Contact:
        """A new contact. `by` None keeps it out of the history (bulk seeding)."""
        self.last_serial += 1
        contact = Contact(self.last_serial, address, permission, source, self.now())
        self.roster.append(contact)
        if address:
            self.by_address[address.lower()] = contact
        self._count(contact, 1)
        if by:
            self._note(contact, None, by)
        return contact

    def change(self, contact: Contact, by: str, **values: Any) -> None:
        """Set attributes; every write moves `updated`, a change of status is remembered with its author."""
        before = contact.status
        self._count(contact, -1)
        if "address" in values:
            self._readdress(contact, values["address"])
        if "lists" in values:
            values["lists"] = self._list_sets.setdefault(values["lists"], values["lists"])
        for name, value in values.items():
            setattr(contact, name, value)
        contact.updated = self.now()
        self._count(contact, 1)
        if contact.status != before:
            self._note(contact, before, by)

    def enrich(self, contact: Contact, **values: Any) -> None:
        """Keep what few contacts have; None takes it away. Not a change by itself."""
        kept = (contact.extra or {}) | values
        contact.extra = {name: value for name, value in kept.items() if value is not None} or None

    def _readdress(self, contact: Contact, address: str | None) -> None:
        if contact.address:
            del self.by_address[contact.address.lower()]
        if address:
            self.by_address[address.lower()] = contact

    def _count(self, contact: Contact, step: int) -> None:
        self.statuses[contact.status] += step
        if not contact.deleted:
            self.permissions[contact.permission] += step
        is_active = contact.is_active
        for serial in contact.lists:
            held = self.lists.by_serial[serial]
            held.size += step
            held.active += step * is_active

    def _note(self, contact: Contact, before: str | None, by: str) -> None:
        self.history.append((contact.updated, contact.serial, contact.address, before, contact.status, by))

    def named(self, address: str) -> Contact | None:
        """The contact with that address, whatever its case, deleted ones too."""
        return self.by_address.get(address.lower())

    def with_id(self, name: str) -> Contact | None:
        """The contact of a UUID."""
        index = serial_in(name) - (self.roster[0].serial if self.roster else 0)
        contact = self.roster[index] if 0 <= index < len(self.roster) else None
        return contact if contact and contact.contact_id == name.lower() else None

    def remove_list(self, held: ContactList, by: str) -> int:
        """Delete a list with its memberships; the contacts stay. Answers how many were in it."""
        members = [contact for contact in self.roster if held.serial in contact.lists]
        for contact in members:
            self.change(contact, by, lists=tuple(serial for serial in contact.lists if serial != held.serial))
        self.lists.delete(held)
        return len(members)
