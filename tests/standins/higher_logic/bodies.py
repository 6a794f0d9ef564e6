"""The bodies of version 1 as types, with the fields that public clients send: others, and wrong types, do not decode.

An item is decoded by itself, because one bad item has a fate of its own.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

LONGEST_NAME = 100
Key = Annotated[str, Meta(pattern=r"\S")]
Name = Annotated[str, Meta(max_length=LONGEST_NAME)]
Day = Annotated[str, Meta(pattern=r"^(\d{4}-\d{2}-\d{2})?\Z")]
Flag = bool | Literal["True", "False"]
Number = int | str

NAMES = "FirstName MiddleName LastName InformalName CompanyName"
DAYS = "Birthday MemberSince MemberExpiresOn"
FLAGS = "ExcludeFromDirectory IsActive IsMember IsOrganization"
TEXTS = """
    MemberID MemberId PrefixCode SuffixCode Designation Gender Ethnicity Title ParentMemberKey Bio ProfileImageURL
    EmailAddress Phone1 Phone2 Phone3 Phone4 Phone1Type Phone2Type Phone3Type Phone4Type
    Address1 Address2 Address3 City State PostalCode Country
    WebsiteURL YouTubeURL FacebookURL TwitterURL GooglePlusURL LinkedInURL BloggerURL WordPressURL OtherBlogURL
"""


def record_type(name: str, required: dict[str, Any], *optional: tuple[str, Any]) -> type[msgspec.Struct]:
    """A type whose fields are written in one text for each kind; what is not sent stays unset."""
    fields: list[Any] = list(required.items())
    fields += [(field, kind | UnsetType, UNSET) for names, kind in optional for field in names.split()]
    return msgspec.defstruct(name, fields, forbid_unknown_fields=True)


MemberDetails = record_type(
    "MemberDetails", {"LegacyContactKey": Key}, (NAMES, Name), (DAYS, Day), (FLAGS, Flag), (TEXTS, str), ("Age", Number)
)
Demographic = record_type(
    "Demographic",
    {},
    ("DemographicTypeKey DemographicTypeValue DemographicKey DemographicValue", str),
    ("IsFreeForm", Flag),
)
Education = record_type(
    "Education",
    {},
    ("Degree FieldOfStudy Advisor Dissertation SchoolName City State Country", str),
    ("DegreeYear FromYear ToYear", Number),
    ("IsHighestDegreeAttained", Flag),
)
Job = record_type("Job", {}, ("CompanyName Title City State Country WebsiteUrl", str), ("StartDate EndDate", Day))


class SecurityGroup(msgspec.Struct, rename="pascal", forbid_unknown_fields=True, kw_only=True):
    """A membership in a security group, for instance by membership type."""

    group_key: Key
    group_name: Name = ""
    group_type: str = ""
    role_description: str = ""
    since_date: Day = ""
    begin_date: Day = ""
    end_date: Day = ""


class CommunityGroup(SecurityGroup, rename="pascal", forbid_unknown_fields=True, kw_only=True):
    """A membership in a community, for instance a committee or a chapter."""

    group_sub_type: str = ""
    parent_community_key: str = ""


class Item(msgspec.Struct, rename="pascal", forbid_unknown_fields=True, kw_only=True):
    """One member with everything that belongs to it."""

    member_details: MemberDetails  # type: ignore[valid-type]  # made by record_type
    security_groups: list[SecurityGroup] = []
    community_groups: list[CommunityGroup] = []
    demographics: list[Demographic] = []  # type: ignore[valid-type]  # made by record_type
    education: list[Education] = []  # type: ignore[valid-type]  # made by record_type
    job_history: list[Job] = []  # type: ignore[valid-type]  # made by record_type


class Push(msgspec.Struct, rename="pascal", forbid_unknown_fields=True, kw_only=True):
    """POST /push/v1/members."""

    tenant_code: str
    items: list[msgspec.Raw]


read_push = msgspec.json.Decoder(Push).decode
read_item = msgspec.json.Decoder(Item).decode
