"""Which field of a contact becomes which field of a member; a marketer can read it, and nothing else decides it."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

import msgspec
import pandas as pd

from crm_sync.providers.higher_logic import PROVIDER, wire
from crm_sync.providers.records import first_organization, has_status
from crm_sync.providers.texts import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["fields", "lists", "record", "remarks", "wanted"]

# Field of MemberDetails → column of the extract.
DETAILS: Mapping[str, str] = {
    "FirstName": "first_name",
    "LastName": "last_name",
    "Title": "job_title",
    "CompanyName": "organization_name",
    "EmailAddress": "address",
    "Phone1": "phone",
    "Address1": "address_line1",
    "Address2": "address_line2",
    "City": "city",
    "State": "state",
    "PostalCode": "postal_code",
    "Country": "country",
    "WebsiteURL": "website",
}
OF_PEOPLE_ONLY = ("FirstName", "LastName", "Title")
# seen: OFFICE, MOBILE, Cell, Other; the CRM does not say of what kind its one number is.
PHONE_TYPE = "Other"
SECURITY_TYPE = "Security"  # seen: as the vendor's examples of group types
# Of communities, by kind of list, where the connection names no other. seen: Committee; assumed: List.
COMMUNITY_TYPES = {"committee": "Committee", "list": "List"}
MEMBER = "Member"  # the role of who has no other
ACTIVE = "active"

_memberships = msgspec.json.Decoder(list[wire.Membership]).decode
_places = msgspec.json.Decoder(list[wire.ListPlace]).decode


def wanted(contacts: pd.DataFrame) -> pd.Series:
    """Active members among the individuals of a synchronized list, and the organizations that such people belong to."""
    is_organization = contacts["kind"] == "organization"
    is_needed = contacts["is_related"].fillna(False).astype(bool)
    is_member = has_status(contacts, ACTIVE) & (contacts["lists"] != "{}")
    return is_member.where(~is_organization, is_needed)


def lists(contacts: pd.DataFrame) -> pd.Series:
    """Communities are for people: an organization is in none."""
    return contacts["lists"].where(contacts["kind"] != "organization", "{}")


def remarks(contacts: pd.DataFrame) -> pd.DataFrame:
    """Organizations that a list holds, and that are skipped there."""
    is_skipped = (contacts["kind"] == "organization") & (contacts["lists"] != "{}")
    return contacts.loc[is_skipped, ["contact_id"]].assign(reason="organization_in_list")


def fields(contacts: pd.DataFrame) -> pd.DataFrame:
    """The flat text of each member, a row each; no value is the empty string. Title and company are those of the first
    organization a person belongs to, where there is one."""
    flat = pd.DataFrame({name: contacts[column].fillna("") for name, column in DETAILS.items()}, index=contacts.index)
    first = first_organization(contacts)
    belongs = first["key"] != ""
    flat["CompanyName"] = flat["CompanyName"].where(~belongs, first["name"])
    flat["Title"] = flat["Title"].where(first["title"] == "", first["title"])
    flat.loc[contacts["kind"] == "organization", list(OF_PEOPLE_ONLY)] = ""
    return flat


def record(contacts: pd.DataFrame, *, list_type: str = "", committee_type: str = "") -> pd.Series:
    """The whole item of each member as JSON: details, security groups by membership type, communities by list.

    ``list_type``, ``committee_type``: the types that these communities have at the site; "" for those of
    ``COMMUNITY_TYPES``.
    """
    said = {"list": list_type, "committee": committee_type}
    types = {kind: said.get(kind) or usual for kind, usual in COMMUNITY_TYPES.items()}
    active = [
        [each for each in _memberships(text) if each.status == ACTIVE] for text in contacts["memberships"].fillna("[]")
    ]
    places = [_places(text) for text in contacts["list_memberships"].fillna("[]")]
    is_person = (contacts["kind"] != "organization").tolist()
    details = _details(contacts, active).to_dict("records")
    items = [
        wire.Item(
            {str(name): value for name, value in detail.items()},
            security_groups(memberships),
            community_groups(joined, types) if takes_part else [],
        )
        for detail, memberships, joined, takes_part in zip(details, active, places, is_person, strict=True)
    ]
    return pd.Series([msgspec.json.encode(item).decode() for item in items], index=contacts.index, dtype="str")


def _details(contacts: pd.DataFrame, active: list[list[wire.Membership]]) -> pd.DataFrame:
    flat = fields(contacts)
    flat.insert(0, "LegacyContactKey", contacts["contact_id"].astype("int64").astype(str))
    return flat.assign(
        Phone1Type=flat["Phone1"].where(flat["Phone1"] == "", PHONE_TYPE),
        ParentMemberKey=first_organization(contacts)["key"],
        MemberSince=[_earliest(memberships) for memberships in active],
        MemberExpiresOn=[_latest(memberships) for memberships in active],
        IsOrganization=contacts["kind"] == "organization",
        IsActive=True,
        IsMember=[bool(memberships) for memberships in active],
    )


def _earliest(memberships: list[wire.Membership]) -> str:
    return min((each.since for each in memberships if each.since), default="")


def _latest(memberships: list[wire.Membership]) -> str:
    """The last day; "" where one of them never ends."""
    if not all(each.until for each in memberships):
        return ""
    return max((each.until for each in memberships if each.until), default="")


def security_groups(memberships: list[wire.Membership]) -> list[wire.Group]:
    """One group for each type of active membership, from its first day to its last."""
    by_type: dict[int, list[wire.Membership]] = {}
    for each in memberships:
        by_type.setdefault(each.type_id, []).append(each)
    return [
        wire.Group(
            group_key=f"membership-type-{type_id}",
            group_name=_short(same[0].type),
            group_type=SECURITY_TYPE,
            role_description=MEMBER,
            since_date=_earliest(same),
            begin_date=_earliest(same),
            end_date=_latest(same),
        )
        for type_id, same in sorted(by_type.items())
    ]


def community_groups(places: list[wire.ListPlace], types: Mapping[str, str]) -> list[wire.Group]:
    """One community for each synchronized list or committee. ``types``: of communities, by kind of list."""
    return [
        wire.Group(
            group_key=f"list-{each.list_id}",
            group_name=_short(each.name),
            group_type=types.get(each.kind, each.kind.title()),
            role_description=each.role or MEMBER,
            since_date=each.since or "",
        )
        for each in sorted(places, key=operator.attrgetter("list_id"))
    ]


def _short(name: str) -> str:
    return one_line(name)[: PROVIDER.list_name_characters]
