"""The parts of Mailchimp's JSON that the pipeline reads and writes, typed, so that decoding skips the rest
at full speed."""

from __future__ import annotations

import msgspec


class Member(msgspec.Struct):
    """One entry of members, or the answer to a call about one.

    documented: ``contact_id`` stays with a contact whose address changes, and some have no address (SMS only).
    """

    status: str
    email_address: str | None = None
    id: str = ""
    contact_id: str = ""
    merge_fields: dict[str, object] = {}
    tags: list[Tag] = []


class Tag(msgspec.Struct):
    """A tag of a member; its id is that of the static segment."""

    id: int
    name: str = ""


class Enrolled(msgspec.Struct):
    """One entry of new_members or updated_members: who, and their state now. The rest is as it was sent."""

    status: str
    email_address: str = ""
    contact_id: str = ""

    @property
    def subscriber_key(self) -> str:
        """By which the engine knows them."""
        return self.email_address.strip().lower()


class Members(msgspec.Struct):
    """A page of members."""

    members: list[Member]
    total_items: int


class MergeField(msgspec.Struct):
    """A merge field of the audience."""

    tag: str
    type: str = "text"
    required: bool = False


class MergeFields(msgspec.Struct):
    """All of them."""

    merge_fields: list[MergeField]


class MemberError(msgspec.Struct):
    """One entry of errors in the answer to a batch. The sentence beside it may come in any language: not read."""

    email_address: str
    error_code: str = ""
    field: str = ""


class BatchAnswer(msgspec.Struct):
    """The answer to a batch subscribe; HTTP 200 even where all failed."""

    new_members: list[Enrolled]
    updated_members: list[Enrolled]
    errors: list[MemberError]

    @property
    def by_key(self) -> dict[str, Enrolled]:
        """The state of everyone after the batch."""
        return {member.subscriber_key: member for member in [*self.new_members, *self.updated_members]}


class Tags(msgspec.Struct):
    """A page of one member's tags."""

    tags: list[Tag]


class Segment(msgspec.Struct):
    """A static segment, which is a tag."""

    id: int
    name: str
    member_count: int = 0


class Segments(msgspec.Struct):
    """A page of segments."""

    segments: list[Segment]
    total_items: int


class SegmentAnswer(msgspec.Struct):
    """The answer to adds and removes of a segment: whom it changed. Its ``errors`` are not read: who is named there may
    have been in, or out, before."""

    members_added: list[Enrolled]
    members_removed: list[Enrolled]
    total_added: int = 0
    total_removed: int = 0


class ProblemField(msgspec.Struct):
    """Which field of a request was at fault."""

    field: str = ""


class Problem(msgspec.Struct):
    """A problem document. ``title`` is a code, ``detail`` a sentence that may be localised and hold an
    address: not read."""

    title: str = ""
    status: int = 0
    errors: list[ProblemField] = []


class Entry(msgspec.Struct, omit_defaults=True):
    """One member as sent. ``merge_fields`` is JSON made earlier, put in as it is."""

    email_address: str
    merge_fields: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    status: str = ""
    status_if_new: str = ""


class Change(msgspec.Struct, omit_defaults=True):
    """What is to be otherwise of a member, who keeps the address."""

    merge_fields: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    status: str = ""


class Batch(msgspec.Struct):
    """A batch subscribe. Never with sync_tags: it would wipe the tags that the marketers made."""

    members: list[Entry]
    update_existing: bool
