"""The JSON that goes to Higher Logic and comes from it, and what the CRM says of memberships, typed."""

from __future__ import annotations

from typing import Any

import msgspec

from crm_sync.providers.texts import day


class Group(msgspec.Struct, rename="pascal", kw_only=True):
    """A member's place in a security group or community. Days are yyyy-mm-dd, or empty."""

    group_key: str
    group_name: str
    group_type: str
    role_description: str
    since_date: str = ""
    begin_date: str = ""
    end_date: str = ""


class Item(msgspec.Struct, rename="pascal"):
    """One member as a whole: what is left out is gone there."""

    member_details: dict[str, Any]
    security_groups: list[Group]
    community_groups: list[Group]


class Answer(msgspec.Struct, rename="camel"):
    """The answer to a push: one flag and one number for all its items. The sentence beside them is not read."""

    success: bool
    count: int | None = None


class Membership(msgspec.Struct):
    """An entry of the extract's memberships. A day that is none for anybody else is none here."""

    type_id: int
    type: str
    status: str
    since: str | None = None
    until: str | None = None

    def __post_init__(self) -> None:
        """What the extract says as text is read."""
        self.since, self.until = day(self.since), day(self.until)


class ListPlace(msgspec.Struct):
    """An entry of the extract's list_memberships."""

    list_id: int
    name: str
    kind: str
    role: str | None = None
    since: str | None = None

    def __post_init__(self) -> None:
        """What the extract says as text is read."""
        self.since = day(self.since)
