"""The JSON that goes to VoterVoice and comes from it, typed; the record as the mapping leaves it, too."""

from __future__ import annotations

from typing import Any

import msgspec


class Address(msgspec.Struct, frozen=True):
    """A postal address as the CRM has it, in the words of the call that checks it."""

    address1: str = ""
    address2: str = ""
    city: str = ""
    state: str = ""
    zipcode: str = ""
    country: str = ""

    def is_given(self) -> bool:
        """Whether there is more than a country."""
        return any((self.address1, self.address2, self.city, self.state, self.zipcode))

    def question(self) -> dict[str, str]:
        """The query of the check; empty where it would find nothing.

        documented: a street is required, but for contacts whose address is incomplete, whom a simple lookup gives a
        best-effort district.
        """
        said = {name: value for name, value in msgspec.structs.asdict(self).items() if value}
        if self.address1:
            return said
        said.pop("address2", None)
        return said | {"simpleLookup": "true"} if self.zipcode or (self.city and self.state) else {}

    def key(self) -> str:
        """What two ways of writing the same address have in common, or two people in the same place without street."""
        line = (self.address1, self.address2) if self.address1 else ("", "simpleLookup")
        return "|".join((*line, self.city, self.state, self.zipcode, self.country)).casefold()


class Membership(msgspec.Struct, rename="camel"):
    """The association's own id for a contact, and the list it is in; null is the default list."""

    contact_id: str | None = None
    group_list: str | None = None


class Person(msgspec.Struct, rename="camel"):
    """What a record says of a person; every field is sent, since what is left out may be emptied."""

    membership: Membership
    given_names: str | None
    surname: str | None
    email_address: str | None
    phone_number: str | None
    business_company_name: str | None
    business_position_name: str | None


class Record(Person, rename="camel"):
    """A contact as the mapping leaves it: without its list, and with the address as the CRM has it."""

    home_address: Address | None


class Contact(Person, rename="camel"):
    """A contact as it is sent: in its list, and with a checked address."""

    home_address: dict[str, Any] | None


class Found(msgspec.Struct, rename="camel"):
    """A contact there, as far as it is read: whose it is, and its texts. Without an own id it has a passing one."""

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


# The texts of a contact but for its address.
TEXTS = frozenset(
    {
        *("honorific", "givenNames", "surname", "suffix", "phoneNumber", "faxNumber"),
        *("businessCompanyName", "businessPositionName"),
    }
)


class Addresses(msgspec.Struct):
    """The answer to the check of an address: none where it is not good. The sentence beside it is not read."""

    addresses: list[dict[str, Any]] | None = None


class ListMapping(msgspec.Struct, rename="camel"):
    """One of the field mappings, of which only the list's name is read."""

    group_list: str | None = None
