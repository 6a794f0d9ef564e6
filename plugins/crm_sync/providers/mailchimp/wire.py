"""Types for the parts of Mailchimp's JSON that the pipeline reads and writes; decoding skips the rest at full speed."""

from __future__ import annotations

import msgspec


class Member(msgspec.Struct):
    """One entry of members, or the response to a call about one.

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
    """One entry of new_members or updated_members: the person and their present status. The rest is as it was sent."""

    status: str
    email_address: str = ""
    contact_id: str = ""

    @property
    def subscriber_key(self) -> str:
        """The person's subscriber_key."""
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
    """One entry of errors in the response to a batch. Its message may be in any language, and is not read."""

    email_address: str
    error_code: str = ""
    field: str = ""


class BatchAnswer(msgspec.Struct):
    """The response to a batch subscribe; HTTP 200 even if all entries failed."""

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
    """The response to adds and removes of a segment: the people that it changed. Its ``errors`` are not read, since
    they may name people who were in, or out, before."""

    members_added: list[Enrolled]
    members_removed: list[Enrolled]
    total_added: int = 0
    total_removed: int = 0


class ProblemField(msgspec.Struct):
    """A field of a request that was refused."""

    field: str = ""


class Problem(msgspec.Struct):
    """A problem document. ``title`` is a code; ``detail`` is not read, since it is localised and may contain an
    address."""

    title: str = ""
    status: int = 0
    errors: list[ProblemField] = []


class Entry(msgspec.Struct, omit_defaults=True):
    """A member as it is sent. ``merge_fields``: the JSON of the mapping, inserted unchanged."""

    email_address: str
    merge_fields: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    status: str = ""
    status_if_new: str = ""


class Change(msgspec.Struct, omit_defaults=True):
    """A change of a member who keeps the address."""

    merge_fields: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    status: str = ""


class Batch(msgspec.Struct):
    """A batch subscribe. It never contains sync_tags, which would remove the marketers' own tags."""

    members: list[Entry]
    update_existing: bool
