"""A member in version 1 of the Push API. The names of its fields are seen in two production clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from crm_sync.providers.higher_logic import wire
from crm_sync.providers.higher_logic.push_version import DATE, DEMOGRAPHIC, TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crm_sync.providers.higher_logic.mapping_places import Member, Place

# seen: OFFICE, MOBILE, Cell, Other. The CRM has one number and does not say of which kind.
PHONE_TYPE = "Other"
SECURITY_TYPE = "Security"  # seen: in the vendor's examples of group types
MEMBER = "Member"  # the role of people without another one


def item(member: Member) -> wire.Item:
    """The complete record of a member."""
    details = {
        "LegacyContactKey": member.key,
        **member.texts,
        **member.further.get(TEXT, {}),
        **member.further.get(DATE, {}),
        "Phone1Type": PHONE_TYPE if member.texts["Phone1"] else "",
        "ParentMemberKey": member.organization,
        "MemberSince": member.since,
        "MemberExpiresOn": member.until,
        "IsOrganization": member.is_organization,
        "IsActive": True,
        "IsMember": bool(member.security),
    }
    return wire.Item(
        details,
        [_security_group(each) for each in member.security],
        [_community(each) for each in member.communities],
        _demographics(member.further.get(DEMOGRAPHIC, {})) or UNSET,
    )


def _demographics(said: Mapping[str, Iterable[str]]) -> list[wire.Demographic]:
    """assumed: a question and its answers are known by their texts, and made by the push that names them."""
    return [
        wire.Demographic(
            demographic_type_key=name, demographic_type_value=name, demographic_key=answer, demographic_value=answer
        )
        for name, answers in said.items()
        for answer in answers
    ]


def _security_group(place: Place) -> wire.Group:
    return wire.Group(
        group_key=place.key,
        group_name=place.name,
        group_type=SECURITY_TYPE,
        role_description=MEMBER,
        since_date=place.since,
        begin_date=place.since,
        end_date=place.until,
    )


def _community(place: Place) -> wire.Group:
    return wire.Group(
        group_key=place.key,
        group_name=place.name,
        group_type=place.type,
        role_description=place.role or MEMBER,
        since_date=place.since,
    )
