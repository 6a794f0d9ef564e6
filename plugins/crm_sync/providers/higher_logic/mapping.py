"""Maps the fields of a contact to the fields of a member. Only this module decides it, in a form that a marketer can
read.

The format of a record depends on the version of the Push API: mapping_v1.py, mapping_v2.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pandas as pd

from crm_sync.providers import further
from crm_sync.providers.higher_logic import mapping_v1, mapping_v2, wire
from crm_sync.providers.higher_logic.mapping_fields import FORMS, filled
from crm_sync.providers.higher_logic.mapping_places import Member, communities, since, types_of, until
from crm_sync.providers.higher_logic.push_version import V1, V2
from crm_sync.providers.records import first_organization, has_status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crm_sync.providers.higher_logic.mapping_fields import Filled
    from crm_sync.providers.higher_logic.mapping_places import Place
    from crm_sync.settings import FieldOf

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
# Kind of list → community type, unless the connection names another. seen: Committee; assumed: List.
COMMUNITY_TYPES = {"committee": "Committee", "list": "List"}
ACTIVE = "active"


def wanted(contacts: pd.DataFrame) -> pd.Series:
    """Individuals who are active members and in a synchronized list, and the organizations that they belong to."""
    is_organization = contacts["kind"] == "organization"
    is_needed = contacts["is_related"].fillna(False).astype(bool)
    is_member = has_status(contacts, ACTIVE) & (contacts["lists"] != "{}")
    return is_member.where(~is_organization, is_needed)


def lists(contacts: pd.DataFrame) -> pd.Series:
    """The lists of each contact; communities are for people, so an organization has none."""
    return contacts["lists"].where(contacts["kind"] != "organization", "{}")


def remarks(contacts: pd.DataFrame, fields: Mapping[str, FieldOf] | None = None) -> pd.DataFrame:
    """Organizations in a list, which are skipped in its community; values of further fields that do not have the form
    of their type."""
    is_skipped = (contacts["kind"] == "organization") & (contacts["lists"] != "{}")
    skipped = contacts.loc[is_skipped, ["contact_id"]].assign(reason="organization_in_list")
    return pd.concat([skipped, further.not_valid(contacts, fields, FORMS)], ignore_index=True)


def fields(contacts: pd.DataFrame) -> pd.DataFrame:
    """The flat texts of each member, one row each; a missing value is the empty string. Title and company are those of
    the first organization that a person belongs to, if any."""
    flat = pd.DataFrame({name: contacts[column].fillna("") for name, column in DETAILS.items()}, index=contacts.index)
    first = first_organization(contacts)
    belongs = first["key"] != ""
    flat["CompanyName"] = flat["CompanyName"].where(~belongs, first["name"])
    flat["Title"] = flat["Title"].where(first["title"] == "", first["title"])
    flat.loc[contacts["kind"] == "organization", list(OF_PEOPLE_ONLY)] = ""
    return flat


def record(
    contacts: pd.DataFrame,
    *,
    push_api: str = "1",
    list_type: str = "",
    committee_type: str = "",
    do_not_email: bool = False,
    fields: Mapping[str, FieldOf] | None = None,
) -> pd.Series:
    """The complete record of each member as JSON: details, a security group for each membership type, a community for
    each list, and the further fields of the settings.

    ``push_api``: the version of the Push API. ``list_type``, ``committee_type``: the community types of lists and
    committees at the site; "" for those of ``COMMUNITY_TYPES``. ``do_not_email``: whether version 2 sends Do Not Email.
    """
    said = {"list": list_type, "committee": committee_type}
    types = {kind: said.get(kind) or usual for kind, usual in COMMUNITY_TYPES.items()}
    is_v2 = push_api == V2.number
    members = _members(contacts, types, filled(contacts, fields, V2 if is_v2 else V1))
    made: Iterator[wire.Contact | wire.Item] = (
        (mapping_v2.contact(each, says_refusal=do_not_email) for each in members)
        if is_v2
        else (mapping_v1.item(each) for each in members)
    )
    return pd.Series([msgspec.json.encode(each).decode() for each in made], index=contacts.index, dtype="str")


def _members(contacts: pd.DataFrame, types: Mapping[str, str], more: list[Filled]) -> Iterator[Member]:
    flat = fields(contacts).to_dict("records")
    keys = contacts["contact_id"].astype("int64").astype(str)
    is_organization = contacts["kind"] == "organization"
    places: list[list[Place]] = [communities(text, types) for text in contacts["list_memberships"].fillna("[]")]
    refuses = contacts["do_not_contact"].fillna(False).astype(bool) | ~contacts["flagged_lists"].isin([None, "", "{}"])
    rows = zip(
        *(keys, flat, is_organization, first_organization(contacts)["key"], contacts["memberships"].fillna("[]")),
        *(places, refuses, more),
        strict=True,
    )
    for key, texts, is_one, organization, memberships, joined, refuses_mail, others in rows:
        active = types_of(memberships, ACTIVE)
        yield Member(
            key=key,
            texts={str(name): value for name, value in texts.items()},
            is_organization=is_one,
            organization=organization,
            since=since(active),
            until=until(active),
            security=active,
            communities=[] if is_one else joined,
            refuses_mail=refuses_mail,
            further=others,
        )
