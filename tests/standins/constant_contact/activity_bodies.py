"""The request bodies of the bulk activities; how many of what, the vendor's schema says."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

Ids500 = Annotated[list[str], Meta(min_length=1, max_length=500)]
Ids100 = Annotated[list[str], Meta(min_length=1, max_length=100)]
Ids50 = Annotated[list[str], Meta(min_length=1, max_length=50)]


class Import(msgspec.Struct, forbid_unknown_fields=True):
    """POST /activities/contacts_json_import; the rows are read one by one."""

    import_data: list[Raw]
    list_ids: Ids50
    sms_permission_to_send: Literal["explicit", "not_set"] | UnsetType = UNSET


class Source(msgspec.Struct, forbid_unknown_fields=True):
    """Whom a change of memberships is about; one of these and no more."""

    contact_ids: Ids500 | UnsetType = UNSET
    list_ids: Ids50 | UnsetType = UNSET
    all_active_contacts: bool | UnsetType = UNSET
    segment_id: int | UnsetType = UNSET
    tag_ids: list[str] | UnsetType = UNSET
    engagement_level: str | UnsetType = UNSET


class RemovalSource(msgspec.Struct, forbid_unknown_fields=True):
    """The same without segments, which the vendor has for adding only."""

    contact_ids: Ids500 | UnsetType = UNSET
    list_ids: Ids50 | UnsetType = UNSET
    all_active_contacts: bool | UnsetType = UNSET
    tag_ids: list[str] | UnsetType = UNSET
    engagement_level: str | UnsetType = UNSET


class Exclusion(msgspec.Struct, forbid_unknown_fields=True):
    """Who is left out."""

    contact_ids: list[str]


class Addition(msgspec.Struct, forbid_unknown_fields=True):
    """POST /activities/add_list_memberships."""

    source: Source
    list_ids: Ids50
    exclude: Exclusion | UnsetType = UNSET


class Removal(msgspec.Struct, forbid_unknown_fields=True):
    """POST /activities/remove_list_memberships."""

    source: RemovalSource
    list_ids: Ids50
    exclude: Exclusion | UnsetType = UNSET


class ContactDeletion(msgspec.Struct, forbid_unknown_fields=True):
    """POST /activities/contact_delete; one of both."""

    contact_ids: Ids500 | UnsetType = UNSET
    list_ids: Ids50 | UnsetType = UNSET


class ListDeletion(msgspec.Struct, forbid_unknown_fields=True):
    """POST /activities/list_delete."""

    list_ids: Ids100
