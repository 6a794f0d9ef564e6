"""The rules for static segments, which are tags: names, members to add and to remove, and what strangers get."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from standins.mailchimp import bodies
from standins.mailchimp.errors import INVALID, Refusal, invalid, not_found, text
from standins.mailchimp.state import Account, Audience, Member, Segment, key_of

LONGEST_NAME = 100
LARGEST_CHANGE = 500


def found(audience: Audience, number: str) -> Segment:
    """The segment of a path. Raises Refusal 404."""
    segment = audience.segments.get(int(number)) if number.isascii() and number.isdigit() else None
    if segment is None:
        raise not_found()
    return segment


def check_name(audience: Audience, name: str, own: Segment | None = None) -> None:
    """A name has 1 to 100 characters and is not in use by another tag."""
    if not 1 <= len(name.strip()) <= LONGEST_NAME or len(name) > LONGEST_NAME:
        raise invalid("name", "name_length", LONGEST_NAME)
    taken = audience.segment_named(name)
    if taken and taken is not own:
        raise Refusal(400, "Bad Request", "name_taken")


def tag_ids(audience: Audience, names: list[str]) -> tuple[int, ...]:
    """The ids of these tags; those that do not exist are created."""
    for name in names:
        if not audience.segment_named(name):
            check_name(audience, name)
    found_or_new = [audience.segment_named(name) or audience.add_segment(name) for name in names]
    return tuple(dict.fromkeys(segment.id for segment in found_or_new))


def create(account: Account, audience: Audience, body: bodies.SegmentBody) -> Segment:
    """POST /segments."""
    _check_static(body, is_new=True)
    check_name(audience, body.name)
    segment = audience.add_segment(body.name)
    for member in _known(account, audience, body.static_segment or []):
        audience.set_tags(member, (*member.tags, segment.id))
    return segment


def change(account: Account, audience: Audience, segment: Segment, body: bodies.SegmentBody) -> Segment:
    """PATCH: rename, and replace the members where some are sent (an empty array removes all)."""
    _check_static(body, is_new=False)
    check_name(audience, body.name, own=segment)
    del audience.segment_names[segment.name.casefold()]
    segment.name, segment.updated = body.name, audience.now()
    audience.segment_names[body.name.casefold()] = segment.id
    if body.static_segment is not UNSET:
        _replace(audience, segment, _known(account, audience, body.static_segment))
    return segment


def _replace(audience: Audience, segment: Segment, wanted: list[Member]) -> None:
    stays = set(wanted)
    for member in [member for member in segment.members if member not in stays]:
        untag(audience, member, segment)
    for member in wanted:
        if member not in segment.members:
            audience.set_tags(member, (*member.tags, segment.id))


def _check_static(body: bodies.SegmentBody, is_new: bool) -> None:
    if body.options is not UNSET or (is_new and body.static_segment is UNSET):
        raise invalid("options", "only_static")


def _known(account: Account, audience: Audience, addresses: list[str]) -> list[Member]:
    found_members = (audience.members.get(key_of(address)) for address in addresses)
    return list(dict.fromkeys(member for member in found_members if member and is_addable(account, member)))


def is_addable(account: Account, member: Member) -> bool:
    """Archived members cannot be added (assumed; switch)."""
    return member.status != "archived" or account.switches.archived_in_segment == "added"


def untag(audience: Audience, member: Member, segment: Segment) -> None:
    """Take one tag off."""
    audience.set_tags(member, tuple(number for number in member.tags if number != segment.id))


class Change:
    """POST /segments/{id}: who was added, who was removed, and who was in, or out, already.

    Strangers are ignored in silence, unless all of one array are: then the call is refused, and nothing is done.
    """

    def __init__(self, account: Account, audience: Audience, segment: Segment) -> None:
        self._account, self._audience, self._segment = account, audience, segment
        self.added: list[Member] = []
        self.removed: list[Member] = []
        self._not_added: list[str] = []
        self._not_removed: list[str] = []

    def apply(self, body: bodies.SegmentChange) -> None:
        """Additions first, then removals. Raises Refusal where either is over 500, or holds strangers alone."""
        for name in ("members_to_add", "members_to_remove"):
            size = len(getattr(body, name))
            if size > LARGEST_CHANGE:
                raise invalid(name, "too_many_items", LARGEST_CHANGE, size)
        comers = _known(self._account, self._audience, body.members_to_add)
        found = (self._audience.members.get(key_of(address)) for address in body.members_to_remove)
        leavers = list(dict.fromkeys(member for member in found if member))
        in_vain = [("members_to_add", "not_addable")] if body.members_to_add and not comers else []
        in_vain += [("members_to_remove", "not_removable")] if body.members_to_remove and not leavers else []
        if in_vain:
            raise Refusal(400, INVALID, "invalid", fields=tuple(in_vain))
        for member in comers:
            self._add(member)
        for member in leavers:
            self._remove(member)

    def _add(self, member: Member) -> None:
        if self._errs_with(member):
            self._not_added.append(member.address)
        elif member in self._segment.members:
            self._repeated(member, self.added, self._not_added)
        else:
            self._audience.set_tags(member, (*member.tags, self._segment.id))
            self.added.append(member)

    def _remove(self, member: Member) -> None:
        if self._errs_with(member):
            self._not_removed.append(member.address)
        elif member not in self._segment.members:
            self._repeated(member, self.removed, self._not_removed)
        else:
            untag(self._audience, member, self._segment)
            self.removed.append(member)

    def _errs_with(self, member: Member) -> bool:
        return self._account.switches.left_in_segment == "error" and member.status in {"unsubscribed", "cleaned"}

    def _repeated(self, member: Member, done: list[Member], failed: list[str]) -> None:
        choice = self._account.switches.segment_repeat
        if choice == "accepted":
            done.append(member)
        elif choice == "error":
            failed.append(member.address)

    def errors(self) -> list[dict[str, Any]]:
        """`[{email_addresses, error}]`, one entry per reason."""
        language = self._account.switches.language
        reasons = (("not_addable", self._not_added), ("not_removable", self._not_removed))
        return [{"email_addresses": who, "error": text(key, language)} for key, who in reasons if who]
