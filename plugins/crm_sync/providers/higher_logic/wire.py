"""Types for the JSON exchanged with Higher Logic, and for memberships in the CRM's extract."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from crm_sync.providers.texts import day


class Group(msgspec.Struct, rename="pascal", kw_only=True):
    """Version 1: a member's place in a security group or community. Days are yyyy-mm-dd, or empty."""

    group_key: str
    group_name: str
    group_type: str
    role_description: str
    since_date: str = ""
    begin_date: str = ""
    end_date: str = ""


class Demographic(msgspec.Struct, rename="pascal", kw_only=True):
    """Version 1: one answer of a member to one question, each by its key and its text."""

    demographic_type_key: str
    demographic_type_value: str
    demographic_key: str
    demographic_value: str


class Item(msgspec.Struct, rename="pascal"):
    """Version 1: a complete member; whatever is left out is removed at Higher Logic. UNSET fields are not sent."""

    member_details: dict[str, Any]
    security_groups: list[Group] = []
    community_groups: list[Group] = []
    demographics: list[Demographic] | UnsetType = UNSET


class GroupPlace(msgspec.Struct, rename="pascal", kw_only=True, omit_defaults=True):
    """Version 2: a contact's place in a security group or community. Times are in UTC; missing ones are left out."""

    group_id: str
    group_name: str
    group_type: str
    role: str
    initial_join_date: str = ""
    begin_date: str = ""
    end_date: str = ""


class Address(msgspec.Struct, rename="pascal", kw_only=True):
    """Version 2: a postal address. ``country_code``: two letters by ISO 3166."""

    address_line1: str
    address_line2: str
    city: str
    state_province: str
    postal_code: str
    country_code: str
    address_type: str
    is_primary: bool = True


class PhoneNumber(msgspec.Struct, rename="pascal", kw_only=True):
    """Version 2: a telephone number."""

    formatted_number: str
    phone_type: str
    is_preferred: bool = True


class EmailAddress(msgspec.Struct, rename="pascal", kw_only=True):
    """Version 2: an e-mail address."""

    email_address: str
    email_type: str
    is_preferred: bool = True


class Contact(msgspec.Struct, rename="pascal"):
    """Version 2: a complete contact; whatever is left out is removed at Higher Logic."""

    contact_details: dict[str, Any]
    groups: list[GroupPlace] = []
    addresses: list[Address] = []
    phone_numbers: list[PhoneNumber] = []
    email_addresses: list[EmailAddress] = []


class Kept(msgspec.Struct, rename="pascal"):
    """The last record pushed for a person, in either version, without its groups."""

    member_details: dict[str, Any] = {}
    contact_details: dict[str, Any] = {}
    addresses: list[Address] = []
    phone_numbers: list[PhoneNumber] = []
    email_addresses: list[EmailAddress] = []


class Answer(msgspec.Struct, rename="camel"):
    """The response to a push: a flag and a count for all its items. The message beside them is not read."""

    success: bool
    count: int | None = None


class Membership(msgspec.Struct):
    """An entry of the extract's memberships. An invalid day is None."""

    type_id: int
    type: str
    status: str
    since: str | None = None
    until: str | None = None

    def __post_init__(self) -> None:
        """Parse the days, which the extract has as text."""
        self.since, self.until = day(self.since), day(self.until)


class ListPlace(msgspec.Struct):
    """An entry of the extract's list_memberships."""

    list_id: int
    name: str
    kind: str
    role: str | None = None
    since: str | None = None

    def __post_init__(self) -> None:
        """Parse the days, which the extract has as text."""
        self.since = day(self.since)
