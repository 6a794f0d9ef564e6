"""What Higher Logic remembers of one tenant: members, groups and lists; plain enough for some hundred thousand members.

Details are kept as JSON: they are written often, and read only when a test asks for the state.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from standins.clock import Clock
from standins.higher_logic.switches import CHOICES, FREE
from standins.switches import Switches


class Place(NamedTuple):
    """A member's place in a group, without the group's name, which belongs to the group."""

    key: str
    type: str = ""
    role: str = ""
    since: str = ""
    begin: str = ""
    end: str = ""


Places = tuple[Place, ...]


class Record(msgspec.Struct):
    """What one push says of one member; both versions of the API come to this. Details have the names of version 1."""

    key: str
    details: dict[str, Any] = {}
    security: Places = ()
    communities: Places = ()
    security_names: dict[str, str] = {}
    community_names: dict[str, str] = {}
    extra: dict[str, Any] = {}
    is_deleted: bool = False


class Member:
    """One person or organization."""

    __slots__ = (
        "communities",
        "details",
        "extra",
        "is_active",
        "is_organization",
        "key",
        "pushes",
        "security",
        "updated",
    )

    def __init__(self, key: str) -> None:
        self.key = key
        self.details = self.extra = b"{}"
        self.is_active = self.is_organization = False
        self.security: Places = ()
        self.communities: Places = ()
        self.pushes = 0
        self.updated = 0.0

    def read_details(self) -> dict[str, Any]:
        """The details by their names."""
        return dict(msgspec.json.decode(self.details))

    def write_details(self, details: dict[str, Any]) -> None:
        """Exactly these details."""
        self.details = msgspec.json.encode(details)
        self.is_active = details.get("IsActive", False)
        self.is_organization = details.get("IsOrganization", False)

    @property
    def status(self) -> str:
        """As the history calls it."""
        return "active" if self.is_active else "inactive"


class Community:
    """A community: made by the push that first names it; hidden, where its type is set up so, until an administrator
    shows it."""

    __slots__ = ("hidden", "key", "members", "name")

    def __init__(self, key: str, name: str, *, hidden: bool = True) -> None:
        self.key, self.name, self.hidden, self.members = key, name, hidden, 0


class ContactList:
    """A list of version 2."""

    def __init__(self, list_id: str) -> None:
        self.id, self.name = list_id, list_id
        self.contact_ids: dict[str, None] = {}


Change = tuple[float, str, str | None, str, str]


class Tenant:
    """The site behind one tenant code."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.switches = Switches(CHOICES, FREE)
        self.reset()

    def reset(self) -> None:
        """A site without members; the key stays."""
        self.switches.reset()
        self.history: list[Change] = []
        self.pushes = 0
        self.clear()

    def clear(self) -> None:
        """No members, groups and lists any more; what happened stays in the history."""
        self.members: dict[str, Member] = {}
        self.communities: dict[str, Community] = {}
        self.security_names: dict[str, str] = {}
        self.lists: dict[str, ContactList] = {}
        self._equal: dict[Places, Places] = {}

    def push(self, record: Record) -> None:
        """Replace the whole record: what the push left out is gone. One that is deleted need not be known."""
        self.pushes += 1
        known = self.members.get(record.key)
        if not record.is_deleted:
            self._replace(known or Member(record.key), record, known.status if known else None)
        elif known:
            self.remove(known, "api")

    def _replace(self, member: Member, record: Record, before: str | None) -> None:
        self.members[member.key] = member
        member.write_details(record.details)
        member.extra = msgspec.json.encode(record.extra)
        self.security_names |= record.security_names
        for place in record.communities:
            self.name_community(place.key, record.community_names.get(place.key, ""), place.type)
        member.security = self._shared(record.security)
        self.set_communities(member, record.communities)
        member.pushes += 1
        self.note(member, before, "api")

    def name_community(self, key: str, name: str, kind: str = "") -> Community:
        """The community of that key, made where it does not exist; the latest name wins. Its type hides it, where the
        site has that type."""
        if key not in self.communities:
            is_set_up = bool({kind, "*"} & {*self.switches.community_types})
            self.communities[key] = Community(key, name or key, hidden=is_set_up)
        community = self.communities[key]
        community.name = name or community.name
        return community

    def set_communities(self, member: Member, places: Places) -> None:
        """Exactly these communities, which exist."""
        for place in member.communities:
            self.communities[place.key].members -= 1
        for place in places:
            self.communities[place.key].members += 1
        member.communities = self._shared(places)

    def _shared(self, places: Places) -> Places:
        return self._equal.setdefault(places, places)

    def note(self, member: Member, before: str | None, by: str) -> None:
        """Time of the change, and a line of history where the status is another."""
        member.updated = self.clock.now()
        if before != member.status:
            self.history.append((member.updated, member.key, before, member.status, by))

    def remove(self, member: Member, by: str) -> None:
        """The record, its places and its lines in lists go away."""
        self.set_communities(member, ())
        for each in self.lists.values():
            each.contact_ids.pop(member.key, None)
        del self.members[member.key]
        self.history.append((self.clock.now(), member.key, member.status, "deleted", by))

    def is_visible(self, member: Member) -> bool:
        """Whether the latest change of this member has reached the site's pages."""
        return bool(self.clock.now() - member.updated >= self.switches.visible_after_seconds)
