"""The request bodies as types, in the words of the vendor's blueprint: unknown fields and wrong types do not decode."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

Text = str | None | UnsetType
TEXTS = (
    "honorific",
    "given_names",
    "surname",
    "suffix",
    "email_address",
    "phone_number",
    "fax_number",
    "business_company_name",
    "business_position_name",
)


class Coordinates(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """Where an address is; comes with it, and is not looked at when it returns."""

    latitude: float
    longitude: float


class Address(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """An address as GET /addresses gave it."""

    street_address: str
    city: str
    state: str
    county: str | None = None
    zip_code: str
    zip_code_extension: str | None = None
    country: str = "US"
    checksum: str | int | None = None
    coordinates: Coordinates | None = None


class Membership(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """The contact's id at the association, and its list; null is the default list."""

    group_list: Text = UNSET
    contact_id: Text = UNSET
    date_registered: Text = UNSET


class CustomValue(msgspec.Struct, forbid_unknown_fields=True):
    """The value of one custom field; its type is the field's."""

    id: str
    value: str | bool | list[str]


class Person(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """What contacts and users have in common."""

    honorific: Text = UNSET
    given_names: Text = UNSET
    surname: Text = UNSET
    suffix: Text = UNSET
    email_address: Text = UNSET
    phone_number: Text = UNSET
    fax_number: Text = UNSET
    business_company_name: Text = UNSET
    business_position_name: Text = UNSET
    home_address: Address | UnsetType | None = UNSET
    business_address: Address | UnsetType | None = UNSET

    def texts(self) -> dict[str, str]:
        """The texts that were sent, null being the empty text."""
        sent = {name: getattr(self, name) for name in TEXTS}
        return {name: value or "" for name, value in sent.items() if value is not UNSET}


class Contact(Person, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """POST and PUT /contacts. What only the service knows may be sent back, and is not looked at."""

    membership: Membership | UnsetType = UNSET
    custom_field_values: list[CustomValue] | UnsetType | None = UNSET
    is_non_deliverable_email: bool | UnsetType = UNSET
    date_updated: Text = UNSET
    temporary_contact_id: Text = UNSET


class NewId(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """The membership in the body of PATCH."""

    contact_id: str


class ContactPatch(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """PATCH /contacts: nothing but the id."""

    membership: NewId


class UserValue(msgspec.Struct, forbid_unknown_fields=True):
    """The values of one custom field, as the users resource has them."""

    id: str
    values: list[Any]


class User(Person, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """POST /users."""

    user_id: int | UnsetType = UNSET
    custom_field_values: list[UserValue] = []
