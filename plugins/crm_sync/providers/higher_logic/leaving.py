"""The final record of a person who leaves: no member, and without groups, since these alone give access.

It is based on the record that was pushed last, possibly with the other version of the Push API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from crm_sync.providers.higher_logic import wire
from crm_sync.providers.higher_logic.push_version import V1

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm_sync.providers.higher_logic.push_version import PushVersion

# Field of version 2 → field of version 1, for the fields that both have.
_SAME: Mapping[str, str] = {
    "FirstName": "FirstName",
    "LastName": "LastName",
    "Title": "Title",
    "OrganizationName": "CompanyName",
    "PrimaryEmailAddress": "EmailAddress",
    "WebsiteURL": "WebsiteURL",
    "IsOrganization": "IsOrganization",
}
_kept = msgspec.json.Decoder(wire.Kept).decode


def ended(version: PushVersion, subscriber_key: str, fields: str) -> msgspec.Raw:
    """``fields``: the record of the last push; "" if it is not known, and then only the key is sent."""
    kept = _kept(fields) if fields else wire.Kept()
    return _item(subscriber_key, kept) if version is V1 else _contact(subscriber_key, kept)


def deleted(subscriber_key: str) -> msgspec.Raw:
    """documented: with IsDeleted only the id is required. A later push without it restores the contact."""
    return msgspec.Raw(msgspec.json.encode({"ContactDetails": {"ContactId": subscriber_key, "IsDeleted": True}}))


def _item(subscriber_key: str, kept: wire.Kept) -> msgspec.Raw:
    said = kept.member_details or _renamed(kept.contact_details, _SAME)
    details = said | {"LegacyContactKey": subscriber_key, "IsActive": False, "IsMember": False}
    return msgspec.Raw(msgspec.json.encode(wire.Item(details)))


def _contact(subscriber_key: str, kept: wire.Kept) -> msgspec.Raw:
    said = kept.contact_details or _renamed(kept.member_details, {one: two for two, one in _SAME.items()})
    details = said | {"ContactId": subscriber_key, "IsMember": False, "IsDeleted": False}
    return msgspec.Raw(
        msgspec.json.encode(wire.Contact(details, [], kept.addresses, kept.phone_numbers, kept.email_addresses))
    )


def _renamed(said: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names[name]: value for name, value in said.items() if name in names}
