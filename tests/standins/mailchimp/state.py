"""What Mailchimp remembers: audiences, members, tags and who unsubscribed whom; plain enough for a million members."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from standins.clock import Clock
from standins.mailchimp.behaviours import BEHAVIOURS as BEHAVIOURS
from standins.mailchimp.grants import Grants
from standins.mailchimp.merge_fields import Columns, Values
from standins.mailchimp.switches import CHOICES, FREE
from standins.switches import Switches

AUDIENCE_ID = "a1b2c3d4e5"
LOCKING = frozenset({"contact", "bounce"})


def key_of(address: str) -> bytes:
    """The subscriber hash, as 16 bytes: MD5 of the lower-cased address."""
    return hashlib.md5(address.lower().encode(), usedforsecurity=False).digest()


class Member:
    """One member. Times are whole seconds since 1970; `tags` are segment ids; `extra` is what few members have."""

    __slots__ = (
        "address",
        "changed",
        "extra",
        "key",
        "left",
        "merge",
        "opted",
        "serial",
        "signed_up",
        "status",
        "tags",
        "unsubscribed_by",
    )

    def __init__(self, serial: int, key: bytes, address: str, status: str, now: int, merge: Values) -> None:
        self.serial, self.key, self.address, self.status, self.merge = serial, key, address, status, merge
        self.changed = now
        self.signed_up = 0
        self.opted = now if status == "subscribed" else 0
        self.left = now if status == "unsubscribed" else 0
        self.tags: tuple[int, ...] = ()
        self.unsubscribed_by: str | None = None
        self.extra: dict[str, Any] | None = None

    @property
    def contact_id(self) -> str:
        """Stays with the contact when its address changes; starts with the serial number, so it can be looked up."""
        tail = hashlib.md5(b"contact %d" % self.serial, usedforsecurity=False).hexdigest()
        return f"{self.serial:08x}{tail[:24]}"

    @property
    def phone(self) -> str:
        """Of a contact without an e-mail address, who takes text messages only; "" for everybody else."""
        return str((self.extra or {}).get("sms_phone_number", ""))

    @property
    def is_locked(self) -> bool:
        """Whether only the contact can come back: it unsubscribed itself, or its address bounced."""
        return self.unsubscribed_by in LOCKING


class Segment:
    """A static segment, which is a tag. `members` is kept in the order of adding."""

    __slots__ = ("active", "created", "id", "members", "name", "updated")

    def __init__(self, number: int, name: str, now: int) -> None:
        self.id, self.name, self.created, self.updated = number, name, now, now
        self.members: dict[Member, int] = {}
        self.active = 0


Change = tuple[int, bytes, int, str | None, str, str]


class Audience:
    """One list: its members by hash and by serial number, its tags and its merge fields."""

    def __init__(self, audience_id: str, name: str, clock: Clock) -> None:
        self.id, self.name, self.clock = audience_id, name, clock
        self.created = self.now()
        self.columns = Columns()
        self.forgotten: set[bytes] = set()
        self.history: list[Change] = []
        self.archived_at: dict[bytes, list[int]] = {}
        self.version = self.last_serial = self.last_segment = 0
        self.clear()

    def clear(self) -> None:
        """No members and no tags any more; who was forgotten and what happened stays, and no id is used again."""
        self.members: dict[bytes, Member] = {}
        self.roster: dict[int, Member] = {}
        self.segments: dict[int, Segment] = {}
        self.segment_names: dict[str, int] = {}
        self.counts: Counter[str] = Counter()
        self.version += 1
        self.listing: tuple[object, list[Member]] | None = None
        self._tag_sets: dict[tuple[int, ...], tuple[int, ...]] = {}

    def now(self) -> int:
        """The provider's time, in whole seconds as its timestamps have it."""
        return int(self.clock.now())

    def add(self, address: str, status: str, by: str | None, merge: Values, phone: str = "") -> Member:
        """A new member; one without an address goes by `phone`. `by` None keeps it out of the history (seeding)."""
        self.last_serial += 1
        key = key_of(address or phone)
        member = Member(self.last_serial, key, address, status, self.now(), merge)
        self.members[key] = self.roster[member.serial] = member
        self.counts[status] += 1
        self.version += 1
        if phone:
            member.extra = {"sms_phone_number": phone}
        self._note_leaving(member, by)
        if by:
            self.history.append((member.changed, key, member.serial, None, status, by))
        return member

    def touch(self, member: Member) -> None:
        """Every write moves last_changed."""
        member.changed = self.now()
        self.version += 1

    def set_status(self, member: Member, status: str, by: str) -> None:
        """A change of status, remembered with its author."""
        old = member.status
        self.touch(member)
        if old != status:
            self._count_move(member, old, status)
            member.status = status
            self.history.append((member.changed, member.key, member.serial, old, status, by))
            if status == "subscribed":
                member.opted = member.changed
            if status == "unsubscribed":
                member.left = member.changed
        self._note_leaving(member, by)

    def _count_move(self, member: Member, old: str, new: str) -> None:
        self.counts[old] -= 1
        self.counts[new] += 1
        step = (new == "subscribed") - (old == "subscribed")
        if step:
            for number in member.tags:
                self.segments[number].active += step

    def _note_leaving(self, member: Member, by: str | None) -> None:
        if member.status == "subscribed":
            member.unsubscribed_by = None
        elif member.status == "cleaned":
            member.unsubscribed_by = "bounce"
        elif member.status == "unsubscribed" and (not member.is_locked or by in LOCKING):
            member.unsubscribed_by = by or "admin"

    def rename(self, member: Member, address: str) -> None:
        """A new address: the member moves to the new hash and keeps everything else."""
        del self.members[member.key]
        member.address, member.key = address, key_of(address)
        self.members[member.key] = member
        self.touch(member)

    def forget(self, member: Member, by: str) -> None:
        """Remove for good, and remember that this address must not come back by the API."""
        self.set_tags(member, ())
        self.history.append((self.now(), member.key, member.serial, member.status, "deleted", by))
        self.counts[member.status] -= 1
        del self.members[member.key], self.roster[member.serial]
        self.forgotten.add(member.key)
        self.version += 1

    def set_tags(self, member: Member, tags: tuple[int, ...]) -> None:
        """Exactly these tags; equal sets are kept once."""
        before, after = set(member.tags), set(tags)
        is_active = member.status == "subscribed"
        for number in before - after:
            del self.segments[number].members[member]
            self._segment_changed(number, -is_active)
        for number in (number for number in tags if number not in before):
            self.segments[number].members[member] = self.now()
            self._segment_changed(number, is_active)
        member.tags = self._tag_sets.setdefault(tags, tags)
        self.touch(member)

    def _segment_changed(self, number: int, step: int) -> None:
        segment = self.segments[number]
        segment.active += step
        segment.updated = self.now()

    def add_segment(self, name: str) -> Segment:
        """A new tag; the name must be free."""
        self.last_segment += 1
        segment = Segment(self.last_segment, name, self.now())
        self.segments[segment.id] = segment
        self.segment_names[name.casefold()] = segment.id
        return segment

    def segment_named(self, name: str) -> Segment | None:
        """The tag of that name, whatever its case."""
        number = self.segment_names.get(name.casefold())
        return None if number is None else self.segments[number]

    def delete_segment(self, segment: Segment) -> None:
        """Remove the tag, from its members too."""
        for member in list(segment.members):
            self.set_tags(member, tuple(number for number in member.tags if number != segment.id))
        del self.segments[segment.id], self.segment_names[segment.name.casefold()]


class Account:
    """The account behind one API key, or behind the tokens of whoever allowed the application."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.switches = Switches(CHOICES, FREE)
        self.reset()

    def reset(self) -> None:
        """A fresh account with one empty audience; the key stays."""
        self.switches.reset()
        self.grants = Grants(self.clock)
        self.audiences = {AUDIENCE_ID: Audience(AUDIENCE_ID, "Members of Example Association", self.clock)}

    @property
    def audience(self) -> Audience:
        """The first audience, which the control routes mean."""
        return self.audiences[AUDIENCE_ID]
