"""Request bodies for contacts, lists and fields as the vendor's schema has them: too long or unknown is refused."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

Text50 = Annotated[str, Meta(max_length=50)]
Text255 = Annotated[str, Meta(max_length=255)]
Address = Annotated[str, Meta(max_length=80)]
ShortAddress = Annotated[str, Meta(max_length=50)]
Phone = Annotated[str, Meta(max_length=25)]
DateText = Annotated[str, Meta(max_length=10)]
Month = Annotated[int, Meta(ge=1, le=12)]
Day = Annotated[int, Meta(ge=1, le=31)]
Lists = Annotated[list[str], Meta(max_length=50)]
Source = Literal["Contact", "Account"]
Permission = Literal["explicit", "implicit", "not_set", "pending_confirmation", "temp_hold", "unsubscribed"]


class FieldValue(msgspec.Struct, forbid_unknown_fields=True):
    """The value of one custom field."""

    custom_field_id: str
    value: Text255 | UnsetType = UNSET
    choice_ids: list[str] | UnsetType = UNSET


class PhoneNumber(msgspec.Struct, forbid_unknown_fields=True):
    """One phone number."""

    phone_number: Phone | UnsetType = UNSET
    kind: Literal["home", "work", "mobile", "other"] | UnsetType = UNSET


class StreetAddress(msgspec.Struct, forbid_unknown_fields=True):
    """One postal address."""

    kind: Literal["home", "work", "other"]
    street: Text255 | UnsetType = UNSET
    city: Text50 | UnsetType = UNSET
    state: Text50 | UnsetType = UNSET
    postal_code: Text50 | UnsetType = UNSET
    country: Text50 | UnsetType = UNSET


class Note(msgspec.Struct, forbid_unknown_fields=True):
    """One note; what the service writes itself is taken and not looked at."""

    content: Annotated[str, Meta(max_length=2000)] | UnsetType = UNSET
    note_id: str | UnsetType = UNSET
    created_at: str | UnsetType = UNSET


class NewAddress(msgspec.Struct, forbid_unknown_fields=True):
    """The e-mail address of a new contact."""

    address: Address
    permission_to_send: Permission | UnsetType = UNSET


class ChangedAddress(msgspec.Struct, forbid_unknown_fields=True):
    """The e-mail address in a PUT; what the service writes itself is taken and not looked at."""

    address: Address
    permission_to_send: Permission | UnsetType = UNSET
    opt_out_reason: Text255 | UnsetType | None = UNSET
    created_at: str | UnsetType = UNSET
    updated_at: str | UnsetType = UNSET
    opt_in_date: str | UnsetType = UNSET
    opt_out_source: str | UnsetType = UNSET
    opt_out_date: str | UnsetType = UNSET
    confirm_status: str | UnsetType = UNSET


class Person(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What all calls that write a contact have in common."""

    first_name: Text50 | UnsetType | None = UNSET
    last_name: Text50 | UnsetType | None = UNSET
    job_title: Text50 | UnsetType | None = UNSET
    company_name: Text50 | UnsetType | None = UNSET
    birthday_month: Month | UnsetType | None = UNSET
    birthday_day: Day | UnsetType | None = UNSET
    anniversary: DateText | UnsetType | None = UNSET


class Contact(Person, forbid_unknown_fields=True, kw_only=True):
    """What POST and PUT of a contact have in common: its sub-resources."""

    custom_fields: Annotated[list[FieldValue], Meta(max_length=25)] | UnsetType = UNSET
    phone_numbers: Annotated[list[PhoneNumber], Meta(max_length=3)] | UnsetType = UNSET
    street_addresses: Annotated[list[StreetAddress], Meta(max_length=3)] | UnsetType = UNSET
    list_memberships: Lists | UnsetType = UNSET
    taggings: Lists | UnsetType = UNSET
    notes: Annotated[list[Note], Meta(max_length=150)] | UnsetType = UNSET
    sms_channel: Any = UNSET


class NewContact(Contact, forbid_unknown_fields=True, kw_only=True):
    """POST /contacts."""

    create_source: Source
    email_address: NewAddress | UnsetType = UNSET


class ChangedContact(Contact, forbid_unknown_fields=True, kw_only=True):
    """PUT /contacts/{contact_id}."""

    update_source: Source
    email_address: ChangedAddress | UnsetType = UNSET


class SignUp(Person, forbid_unknown_fields=True, kw_only=True):
    """POST /contacts/sign_up_form."""

    list_memberships: Annotated[list[str], Meta(min_length=1, max_length=50)]
    email_address: ShortAddress | UnsetType = UNSET
    phone_number: Phone | UnsetType = UNSET
    custom_fields: Annotated[list[FieldValue], Meta(max_length=50)] | UnsetType = UNSET
    street_address: StreetAddress | UnsetType = UNSET
    sms_channel: Any = UNSET


class Resubscription(msgspec.Struct, forbid_unknown_fields=True):
    """PUT /contacts/resubscribe/{contact_id}."""

    list_ids: list[str]


class ListInput(msgspec.Struct, forbid_unknown_fields=True):
    """POST and PUT of a list."""

    name: Text255
    favorite: bool = False
    description: Text255 | UnsetType = UNSET


FieldType = Literal[
    "string", "text_area", "date", "datetime", "number", "currency", "boolean", "single_select", "multi_select"
]


class FieldMetadata(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How a custom field is shown."""

    display_type: str | UnsetType = UNSET
    allow_negative: bool | UnsetType = UNSET
    decimal_places: int | UnsetType = UNSET
    currency_code: str | UnsetType = UNSET
    integer: bool | UnsetType = UNSET
    display_format: str | UnsetType = UNSET


class NewChoice(msgspec.Struct, forbid_unknown_fields=True):
    """One choice of a new custom field."""

    choice_label: Text255
    display_order: int | UnsetType = UNSET


class ChangedChoice(msgspec.Struct, forbid_unknown_fields=True):
    """One choice in a PUT."""

    choice_label: Text255
    choice_id: int | UnsetType = UNSET
    display_order: int | UnsetType = UNSET


class NewField(msgspec.Struct, forbid_unknown_fields=True):
    """POST /contact_custom_fields."""

    label: Text50
    type: FieldType
    metadata: FieldMetadata | UnsetType = UNSET
    choices: Annotated[list[NewChoice], Meta(max_length=100)] | UnsetType = UNSET
    version: int | UnsetType = UNSET


class FieldChange(msgspec.Struct, forbid_unknown_fields=True):
    """PUT /contact_custom_fields/{custom_field_id}."""

    label: Text50
    choices: Annotated[list[ChangedChoice], Meta(max_length=100)] | UnsetType = UNSET
