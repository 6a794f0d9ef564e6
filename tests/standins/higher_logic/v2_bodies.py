"""The bodies of version 2 as types, with the fields that public clients and another vendor's mapping show: others, and
wrong types, do not decode. The objects whose fields nobody shows are taken as they come.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from standins.higher_logic.bodies import Key, Name, record_type

Moment = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)\Z")]
CountryCode = Annotated[str, Meta(pattern=r"^([A-Z]{2})?\Z")]
Objects = list[dict[str, Any]]

MOMENTS = "Birthday MemberSince MemberExpiresOn"
ContactDetails = record_type(
    "ContactDetails",
    {"ContactId": Key},
    ("FirstName LastName InformalName CompanyName OrganizationName", Name),
    (MOMENTS, Moment),
    ("PrimaryEmailAddress Gender Prefix Title", str),
    ("WebsiteURL ProfileImageURL FacebookURL TwitterURL LinkedinURL", str),
    ("DoNotEmail IsMember IsOrganization IsDeleted", bool),
)


class Group(msgspec.Struct, rename="pascal", forbid_unknown_fields=True, kw_only=True):
    """A contact's membership in a security group, whose type is Membership, or in a community."""

    group_id: Key
    group_type: Key
    group_name: Name = ""
    role: str = ""
    initial_join_date: Moment | None = None
    begin_date: Moment | None = None
    end_date: Moment | None = None


Address = record_type(
    "Address",
    {"AddressType": Key},
    ("AddressLine1 AddressLine2 City StateProvince PostalCode", str),
    ("CountryCode", CountryCode),
    ("DoNotPublish IsBill IsPrimary", bool),
)
PhoneNumber = record_type("PhoneNumber", {"FormattedNumber": Key, "PhoneType": Key}, ("IsPreferred DoNotPublish", bool))
EmailAddress = record_type("EmailAddress", {"EmailAddress": Key, "EmailType": Key}, ("IsPreferred DoNotPublish", bool))


class ContactInfo(msgspec.Struct, rename="pascal", forbid_unknown_fields=True, kw_only=True):
    """One contact with everything that belongs to it."""

    contact_details: ContactDetails  # type: ignore[valid-type]  # made by record_type
    groups: list[Group] = []
    addresses: list[Address] = []  # type: ignore[valid-type]  # made by record_type
    phone_numbers: list[PhoneNumber] = []  # type: ignore[valid-type]  # made by record_type
    email_addresses: list[EmailAddress] = []  # type: ignore[valid-type]  # made by record_type
    demographics: Objects = []
    education: Objects = []
    job_history: Objects = []
    orders: Objects = []


class ContactList(msgspec.Struct, rename="pascal", forbid_unknown_fields=True, kw_only=True):
    """Who is in a list (Replace), who comes in (Add) or goes out (Remove)."""

    list_id: Key
    mode: Literal["Replace", "Add", "Remove"]
    list_name: Name = ""
    contact_ids: list[Key]


OTHERS = ("addresses", "phone_numbers", "email_addresses", "demographics", "education", "job_history", "orders")

read_array = msgspec.json.Decoder(list[msgspec.Raw]).decode
read_contact = msgspec.json.Decoder(ContactInfo).decode
read_list = msgspec.json.Decoder(ContactList).decode
