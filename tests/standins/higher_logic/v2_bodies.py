"""The bodies of version 2 as types. Object names are the vendor's; most field names inside them are not known to us.

Known are the contact's fields that another vendor maps to, what IsDeleted needs and the three modes of a list. The rest
of the shapes is assumed; the objects whose fields nobody shows are taken as they come.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from standins.higher_logic.bodies import Key, Name, record_type

Moment = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)\Z")]
Objects = list[dict[str, Any]]

MOMENTS = "Birthday MemberSince MemberExpiresOn"
ContactDetails = record_type(
    "ContactDetails",
    {"ContactId": Key},
    ("FirstName LastName InformalName CompanyName OrganizationName", Name),
    (MOMENTS, Moment),
    ("PrimaryEmailAddress", str),
    ("IsOrganization IsDeleted", bool),
)


class Group(msgspec.Struct, rename="pascal", forbid_unknown_fields=True, kw_only=True):
    """A contact's membership in a group; the fields are assumed to be those of version 1."""

    group_key: Key
    group_name: Name = ""
    group_type: str = ""
    role_description: str = ""
    since_date: Moment | None = None
    begin_date: Moment | None = None
    end_date: Moment | None = None


class ContactInfo(msgspec.Struct, rename="pascal", forbid_unknown_fields=True, kw_only=True):
    """One contact with everything that belongs to it."""

    contact_details: ContactDetails  # type: ignore[valid-type]
    groups: list[Group] = []
    addresses: Objects = []
    phone_numbers: Objects = []
    email_addresses: Objects = []
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
