"""A contact in version 2 of the Push API. The names of its fields are seen in Tendenci 16.30, unless noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_sync.providers import postal, telephone
from crm_sync.providers.higher_logic import wire
from crm_sync.providers.higher_logic.push_version import DATE, TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm_sync.providers.higher_logic.mapping_places import Member, Place

# Field of ContactDetails → text of the member.
TEXTS: Mapping[str, str] = {
    "FirstName": "FirstName",
    "LastName": "LastName",
    "Title": "Title",
    "OrganizationName": "CompanyName",
    "PrimaryEmailAddress": "EmailAddress",
    "WebsiteURL": "WebsiteURL",
}
_POSTAL = ("Address1", "Address2", "City", "State", "PostalCode", "Country")
SECURITY_TYPE = "Membership"
ADDRESS_TYPE, PHONE_TYPE, EMAIL_TYPE = "Main", "Main Phone", "Primary Email"
# documented: yyyy-MM-ddTHH:mm:ss.fffZ. assumed: the last day counts as a whole.
_DAY_BEGINS, _DAY_ENDS = "T00:00:00.000Z", "T23:59:59.999Z"


def contact(member: Member, *, says_refusal: bool) -> wire.Contact:
    """The complete record of a member. ``says_refusal``: whether DoNotEmail is sent, from Do Not Contact in the CRM."""
    texts = member.texts
    return wire.Contact(
        _details(member) | ({"DoNotEmail": member.refuses_mail} if says_refusal else {}),
        [*map(_security_group, member.security), *map(_community, member.communities)],
        _addresses(texts),
        [_phone_number(texts["Phone1"])] if texts["Phone1"] else [],
        [wire.EmailAddress(email_address=texts["EmailAddress"], email_type=EMAIL_TYPE)]
        if texts["EmailAddress"]
        else [],
    )


def _details(member: Member) -> dict[str, Any]:
    """ContactDetails; open days are left out."""
    # seen: among the fields that another vendor (Membes) maps.
    days = {
        "MemberSince": _moment(member.since, _DAY_BEGINS),
        "MemberExpiresOn": _moment(member.until, _DAY_ENDS),
        **{name: _moment(day, _DAY_BEGINS) for name, day in member.further.get(DATE, {}).items()},
    }
    return {
        "ContactId": member.key,
        **{name: member.texts[text] for name, text in TEXTS.items()},
        **member.further.get(TEXT, {}),
        **{name: moment for name, moment in days.items() if moment},
        "IsMember": bool(member.security),
        "IsOrganization": member.is_organization,
        "IsDeleted": False,
    }


def _addresses(texts: Mapping[str, str]) -> list[wire.Address]:
    line1, line2, city, state, postal_code, country = said = [texts[name] for name in _POSTAL]
    if not any(said):
        return []
    return [
        wire.Address(
            address_line1=line1,
            address_line2=line2,
            city=city,
            state_province=state,
            postal_code=postal_code,
            country_code=postal.alpha_2(country) if country else "",
            address_type=ADDRESS_TYPE,
        )
    ]


def _phone_number(said: str) -> wire.PhoneNumber:
    return wire.PhoneNumber(formatted_number=telephone.north_american(said), phone_type=PHONE_TYPE)


def _security_group(place: Place) -> wire.GroupPlace:
    begins = _moment(place.since, _DAY_BEGINS)
    return wire.GroupPlace(
        group_id=place.key,
        group_name=place.name,
        group_type=SECURITY_TYPE,
        role="",
        initial_join_date=begins,
        begin_date=begins,
        end_date=_moment(place.until, _DAY_ENDS),
    )


def _community(place: Place) -> wire.GroupPlace:
    return wire.GroupPlace(
        group_id=place.key,
        group_name=place.name,
        group_type=place.type,
        role=place.role,
        initial_join_date=_moment(place.since, _DAY_BEGINS),
    )


def _moment(day: str, time: str) -> str:
    return day + time if day else ""
