"""The custom fields of an account that the settings fill: found by name, and compared with what a contact has."""

from __future__ import annotations

import re
from datetime import date
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from crm_sync.client import FieldThere
from crm_sync.errors import ConfigError
from crm_sync.providers.constant_contact import wire
from crm_sync.transport.session import decoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm_sync.providers.constant_contact.api import Api
    from crm_sync.settings import FieldOf

# documented: before the name of a custom field in an import; so in a record of ours.
# https://api.cc.email/v3/swagger.yaml
PREFIX = "cf:"
STRING, DATE = "string", "date"
# documented: these types exist, among others. A text area takes a string, too.
_TAKES = {"text_area": STRING}
# documented for other dates: these orders of year, month and day. assumed: a custom field may be read in any of them.
_DATES = (
    re.compile(r"(?P<y>\d{4})[-/](?P<m>\d{1,2})[-/](?P<d>\d{1,2})"),
    re.compile(r"(?P<m>\d{1,2})[-/](?P<d>\d{1,2})[-/](?P<y>\d{4})"),
)


class Filled(NamedTuple):
    """A person's value of a custom field; "" empties it. ``type``: of the settings."""

    field_id: str
    name: str
    type: str
    value: str

    def is_held(self, contact: wire.Contact) -> bool:
        """Whether a contact has the value."""
        return comparable(self.type, contact.custom_value(self.field_id)) == self.value


class CustomFields:
    """The custom fields of one account, of which those of ``wanted`` are filled. They are read once."""

    def __init__(self, api: Api, wanted: Mapping[str, FieldOf]) -> None:
        self._api = api
        self._wanted = wanted
        self._there: list[wire.CustomField] | None = None
        self._ids: dict[str, tuple[str, str]] | None = None

    def all(self) -> list[FieldThere]:
        """Those of the account; none of them is required."""
        return [_there(each) for each in self._read()]

    def create(self, name: str, kind: str) -> FieldThere:
        """Create one. documented: its name is its label with underscores for blanks, 409 for a name in use."""
        response = self._api.post_custom_field(name, kind)
        if not response.ok:
            is_taken = response.status_code == HTTPStatus.CONFLICT
            why = "a field of that label exists" if is_taken else "an account has at most 100"
            raise ConfigError(
                f"Constant Contact did not create the custom field {name} ({response.status_code}): {why}; create it"
                " there, or correct the table fields"
            )
        made = decoded(response, wire.CustomField)
        self._read().append(made)
        self._ids = None
        return _there(made)

    def filled(self, record: Mapping[str, str]) -> list[Filled]:
        """The values of a record, of fields that the account has. assumed: an unknown one fails a whole call."""
        if not any(name.startswith(PREFIX) for name in record):
            return []
        return [
            Filled(field_id, name, kind, record[PREFIX + name])
            for name, (field_id, kind) in self._filled().items()
            if PREFIX + name in record
        ]

    def _filled(self) -> dict[str, tuple[str, str]]:
        """Name → id and type of those fields that are filled; one of another type is left out."""
        if self._ids is None:
            there = {each.name: each for each in self._read()} if self._wanted else {}
            types = {name: each.type or STRING for name, each in self._wanted.items()}
            self._ids = {
                name: (there[name].custom_field_id, kind)
                for name, kind in types.items()
                if name in there and kind in _there(there[name]).takes
            }
        return self._ids

    def held(self, contact: wire.Contact) -> dict[str, str | None]:
        """What a contact has of those fields, as a record of ours has it; None where the account lacks the field."""
        there = self._filled()
        return {
            PREFIX + name: comparable(there[name][1], contact.custom_value(there[name][0])) if name in there else None
            for name in self._wanted
        }

    def _read(self) -> list[wire.CustomField]:
        if self._there is None:
            self._there = [each for page in self._api.custom_fields() for each in page.custom_fields]
        return self._there


def _there(each: wire.CustomField) -> FieldThere:
    return FieldThere(each.name, (_TAKES.get(each.type, each.type),), is_required=False)


def comparable(kind: str, value: str) -> str:
    """A value in the form of a record. A date is the same in each of the vendor's forms."""
    said = value.strip().replace("\x00", "")
    found = next((match for form in _DATES if (match := form.match(said))), None) if kind == DATE else None
    if found is None:
        return said
    try:
        return date(int(found["y"]), int(found["m"]), int(found["d"])).isoformat()
    except ValueError:
        return said


def changed(contact: wire.Contact, filled: list[Filled]) -> list[wire.CustomValue] | None:
    """All values that a contact is to have; None if it has them. documented: the list that is sent replaces the one
    there, so values of other fields are sent along."""
    if all(each.is_held(contact) for each in filled):
        return None
    ours = {each.field_id for each in filled}
    others = [each for each in contact.custom_fields if each.custom_field_id not in ours]
    return others + [wire.CustomValue(each.field_id, each.value) for each in filled if each.value]
