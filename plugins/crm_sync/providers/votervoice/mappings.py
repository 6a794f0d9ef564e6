"""The field mappings of an association, the only call that names its lists and its custom fields."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from crm_sync.client import Client, FieldThere
from crm_sync.errors import ConfigError
from crm_sync.providers.votervoice import PROVIDER, wire
from crm_sync.transport.session import decoded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crm_sync.transport.session import Transport

_EMPTY: tuple[object, ...] = (None, "", [])


class Mappings:
    """Read once and before the first write, because an unknown association results in the same 404 as an unknown
    contact."""

    def __init__(self, transport: Transport, association: Mapping[str, str]) -> None:
        self._transport = transport
        self._association = association
        self._all: list[wire.ListMapping] | None = None

    def lists(self) -> set[str]:
        """The lists that have a field mapping, possibly none."""
        return {each.group_list or PROVIDER.default_list for each in self._read()}

    def fields(self) -> list[FieldThere]:
        """The custom fields that are in a mapping, each by its id and by its name there. documented: a mapping does not
        tell types."""
        return [FieldThere(name, PROVIDER.field_types, is_required=False) for name in self._ids()]

    def values(self, said: Mapping[str, str | bool | list[str]]) -> list[wire.CustomValue] | msgspec.UnsetType:
        """The values of a record, by id; UNSET if it has none. assumed: an unknown field costs the record, so it is
        left out."""
        ids = self._ids() if said else {}
        found = [wire.CustomValue(ids[name], value) for name, value in said.items() if name in ids]
        return found or UNSET

    def _ids(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for each in (field for mapping in self._read() for field in mapping.custom_fields):
            found |= {str(each.custom_field_id): str(each.custom_field_id)}
            if each.remote_field_name:
                found.setdefault(each.remote_field_name, str(each.custom_field_id))
        return found

    def _read(self) -> list[wire.ListMapping]:
        if self._all is None:
            response = self._transport.call("GET", "/contacts/mappings", query=dict(self._association))
            if response.status_code == HTTPStatus.NOT_FOUND:
                raise ConfigError(
                    f"{self._transport.host} knows no association {self._association['association']};"
                    " correct the connection's extra association, or its base URL"
                )
            self._all = decoded(response, list[wire.ListMapping])
        return self._all


class MappedFields(Client):
    """The custom fields of an association, as a client has them."""

    _mappings: Mappings

    def fields(self) -> list[FieldThere]:
        """See ``crm_sync.client``: the custom fields that are in a field mapping."""
        return self._mappings.fields()

    def create_field(self, name: str, kind: str) -> FieldThere:
        """See ``crm_sync.client``. Always a ConfigError."""
        raise ConfigError(
            f"VoterVoice has no call that creates a custom field ({name}, {kind}); create it there, and add it to the"
            " field mapping of the list"
        )


def complete(contact: wire.Contact, there: Iterable[wire.CustomValue]) -> wire.Contact:
    """The contact with all its custom values: those ``there`` that the settings do not fill, and its own, without empty
    ones. assumed: the list that is sent replaces the one there."""
    said = contact.custom_field_values
    if said is UNSET:
        return contact
    ours = {each.id for each in said}
    kept = [each for each in there if each.id not in ours]
    return msgspec.structs.replace(
        contact, custom_field_values=[*kept, *(each for each in said if each.value not in _EMPTY)]
    )
