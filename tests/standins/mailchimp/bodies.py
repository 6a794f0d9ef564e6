"""The request bodies of the vendor's schema (3.0.55), as types: wrong types do not decode, unknown fields are passed
over, as the real service passes over those that clients were seen to send."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

PatchStatus = Literal["subscribed", "unsubscribed", "cleaned", "pending"]
Status = Literal["subscribed", "unsubscribed", "cleaned", "pending", "transactional"]


class Location(msgspec.Struct):
    """Where a member is."""

    latitude: float = 0.0
    longitude: float = 0.0
    gmtoff: int = 0
    dstoff: int = 0
    country_code: str = ""
    timezone: str = ""


class Permission(msgspec.Struct):
    """One marketing permission of a member."""

    marketing_permission_id: str
    enabled: bool


class Details(msgspec.Struct, kw_only=True):
    """What all calls that write a member have in common."""

    email_type: str | UnsetType = UNSET
    merge_fields: dict[str, Any] | UnsetType = UNSET
    interests: dict[str, bool] | UnsetType = UNSET
    language: str | UnsetType = UNSET
    vip: bool | UnsetType = UNSET
    location: Location | UnsetType = UNSET
    ip_signup: str | UnsetType = UNSET
    timestamp_signup: str | UnsetType = UNSET
    ip_opt: str | UnsetType = UNSET
    timestamp_opt: str | UnsetType = UNSET


class BatchMember(Details, kw_only=True):
    """One of the members of POST /lists/{list_id}. Its tags, which the vendor's schema does not have, count with the
    switch `batch_tags` only."""

    email_address: str | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    status_if_new: Status | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET


class Batch(msgspec.Struct):
    """POST /lists/{list_id}."""

    members: list[BatchMember]
    sync_tags: bool = False
    update_existing: bool = False


class Member(Details, kw_only=True):
    """What PUT, PATCH and POST of one member have in common."""

    marketing_permissions: list[Permission] | UnsetType = UNSET


class NewMember(Member, kw_only=True):
    """POST /lists/{list_id}/members."""

    email_address: str
    status: Status
    tags: list[str] | UnsetType = UNSET


class PutMember(Member, kw_only=True):
    """PUT /lists/{list_id}/members/{subscriber_hash}."""

    email_address: str
    status_if_new: Status | UnsetType = UNSET
    status: Status | UnsetType = UNSET


class PatchMember(Member, kw_only=True):
    """PATCH /lists/{list_id}/members/{subscriber_hash}."""

    email_address: str | UnsetType = UNSET
    status: PatchStatus | UnsetType = UNSET


class TagChange(msgspec.Struct):
    """One tag to put on or take off."""

    name: str
    status: Literal["active", "inactive"]


class TagChanges(msgspec.Struct):
    """POST .../members/{subscriber_hash}/tags."""

    tags: list[TagChange]
    is_syncing: bool = False


class SegmentBody(msgspec.Struct):
    """POST /lists/{list_id}/segments and PATCH of one."""

    name: str
    static_segment: list[str] | UnsetType = UNSET
    options: dict[str, Any] | UnsetType = UNSET


class SegmentChange(msgspec.Struct):
    """POST /lists/{list_id}/segments/{segment_id}."""

    members_to_add: list[str] = []
    members_to_remove: list[str] = []


class SegmentMember(msgspec.Struct):
    """POST /lists/{list_id}/segments/{segment_id}/members."""

    email_address: str


FieldType = Literal[
    "text", "number", "address", "phone", "date", "url", "imageurl", "radio", "dropdown", "birthday", "zip"
]


class FieldOptions(msgspec.Struct, omit_defaults=True):
    """Extras of a merge field."""

    default_country: int | UnsetType = UNSET
    phone_format: str | UnsetType = UNSET
    date_format: str | UnsetType = UNSET
    choices: list[str] | UnsetType = UNSET
    size: int | UnsetType = UNSET


class FieldChange(msgspec.Struct, kw_only=True):
    """PATCH /lists/{list_id}/merge-fields/{merge_id}."""

    name: str
    tag: str | UnsetType = UNSET
    required: bool | UnsetType = UNSET
    default_value: str | UnsetType = UNSET
    public: bool | UnsetType = UNSET
    display_order: int | UnsetType = UNSET
    options: FieldOptions | UnsetType = UNSET
    help_text: str | UnsetType = UNSET


class NewField(FieldChange, kw_only=True):
    """POST /lists/{list_id}/merge-fields."""

    type: FieldType
