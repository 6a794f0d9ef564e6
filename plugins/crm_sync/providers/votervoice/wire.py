"""Types for the JSON exchanged with VoterVoice, and for the records that the mapping makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, UnsetType

if TYPE_CHECKING:
    from collections.abc import Iterator


class Address(msgspec.Struct, frozen=True):
    """A postal address of the CRM, with the parameter names of the address check."""

    address1: str = ""
    address2: str = ""
    city: str = ""
    state: str = ""
    zipcode: str = ""
    country: str = ""

    def is_given(self) -> bool:
        """Whether it contains more than a country."""
        return any((self.address1, self.address2, self.city, self.state, self.zipcode))

    def question(self) -> dict[str, str]:
        """The query of the check; empty if it could find nothing.

        documented: a street is required, except for contacts with an incomplete address, for whom a simple lookup
        yields a best-effort district.
        """
        said = {name: value for name, value in msgspec.structs.asdict(self).items() if value}
        if self.address1:
            return said
        said.pop("address2", None)
        return said | {"simpleLookup": "true"} if self.zipcode or (self.city and self.state) else {}

    def key(self) -> str:
        """The same for two spellings of one address, and for two people in the same place without a street."""
        line = (self.address1, self.address2) if self.address1 else ("", "simpleLookup")
        return "|".join((*line, self.city, self.state, self.zipcode, self.country)).casefold()


class Membership(msgspec.Struct, rename="camel"):
    """The association's own id of a contact, and the contact's list; null is the default list."""

    contact_id: str | None = None
    group_list: str | None = None


class Person(msgspec.Struct, rename="camel"):
    """The fields of a person. Every field is sent, since VoterVoice may empty those that are left out."""

    membership: Membership
    given_names: str | None
    surname: str | None
    email_address: str | None
    phone_number: str | None
    business_company_name: str | None
    business_position_name: str | None


class CustomValue(msgspec.Struct):
    """The value of a custom field: text, a truth value or choices."""

    id: str
    value: str | bool | list[str] | None = None


class Record(Person, rename="camel"):
    """A contact as the mapping makes it: without its list, and with the address of the CRM. ``custom_fields``: name in
    the settings → value, "" for none."""

    home_address: Address | None
    custom_fields: dict[str, str | bool | list[str]] = {}


class Contact(Person, rename="camel"):
    """A contact as it is sent: in its list, and with a checked address."""

    home_address: dict[str, Any] | None
    custom_field_values: list[CustomValue] | UnsetType = UNSET

    def lesser(self) -> Iterator[Contact]:
        """The contact with less and less of what a refusal may be due to: its address, its custom fields."""
        without_address = msgspec.structs.replace(self, home_address=None)
        if self.home_address:
            yield without_address
        if self.custom_field_values:
            yield msgspec.structs.replace(self, custom_field_values=[])
            if self.home_address:
                yield msgspec.structs.replace(without_address, custom_field_values=[])


class Found(msgspec.Struct, rename="camel"):
    """A contact at VoterVoice: its ids and texts. A contact without the association's id has a temporary one."""

    membership: Membership
    temporary_contact_id: str | None = None
    honorific: str | None = None
    given_names: str | None = None
    surname: str | None = None
    suffix: str | None = None
    phone_number: str | None = None
    fax_number: str | None = None
    business_company_name: str | None = None
    business_position_name: str | None = None
    custom_field_values: list[CustomValue] = []

    def without_address(self) -> dict[str, Any]:
        """The whole record, to be sent, without its e-mail address. A postal address that is read lacks the checksum
        without which it may not be sent."""
        said = {name: value for name, value in msgspec.to_builtins(self).items() if name in TEXTS}
        more = {"customFieldValues": self.custom_field_values} if self.custom_field_values else {}
        return {"membership": {"contactId": self.membership.contact_id}, **said, **more, "emailAddress": None}


# The texts of a contact other than its address.
TEXTS = frozenset(
    {
        *("honorific", "givenNames", "surname", "suffix", "phoneNumber", "faxNumber"),
        *("businessCompanyName", "businessPositionName"),
    }
)


class Addresses(msgspec.Struct):
    """The response to an address check: none for an invalid address. The message beside it is not read."""

    addresses: list[dict[str, Any]] | None = None


class ListMapping(msgspec.Struct, rename="camel"):
    """A field mapping of a list."""

    group_list: str | None = None
    custom_fields: list[MappedField] = []


class MappedField(msgspec.Struct, rename="camel"):
    """A custom field in a field mapping: its id, and its name in the file that is uploaded."""

    custom_field_id: str | int
    remote_field_name: str | None = None
