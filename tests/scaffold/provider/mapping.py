"""Which field of a contact becomes which field of a person; a marketer can read it, and nothing else decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pandas as pd

from crm_sync.providers.records import all_their_lists as lists
from crm_sync.providers.records import has_status
from crm_sync.providers.records import no_remarks as remarks
from crm_sync.providers.texts import one_line
from scaffold.provider import PROVIDER, wire

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["fields", "lists", "record", "remarks", "wanted"]

# Field of the person → column of the extract.
FIELDS: Mapping[str, str] = {
    "email": "address",
    "first_name": "first_name",
    "last_name": "last_name",
}

_places = msgspec.json.Decoder(list[wire.ListPlace]).decode


def wanted(contacts: pd.DataFrame) -> pd.Series:
    """Active members among the individuals of a synchronized list."""
    is_member = has_status(contacts, "active") & (contacts["lists"] != "{}")
    return is_member & (contacts["kind"] != "organization")


def fields(contacts: pd.DataFrame) -> pd.DataFrame:
    """The flat text of each person, a row each; no value is the empty string."""
    return pd.DataFrame({name: contacts[column].fillna("") for name, column in FIELDS.items()}, index=contacts.index)


def record(contacts: pd.DataFrame) -> pd.Series:
    """What is sent of each person, as JSON text. Lists are in one order, so that an unchanged record stays the same."""
    texts = fields(contacts).to_dict("records")
    held = [_in_lists(text) for text in contacts["list_memberships"].fillna("[]")]
    records = [{**text, "lists": in_lists} for text, in_lists in zip(texts, held, strict=True)]
    return pd.Series([msgspec.json.encode(each).decode() for each in records], index=contacts.index, dtype="str")


def _in_lists(text: str) -> list[wire.InList]:
    places = {each.list_id: one_line(each.name)[: PROVIDER.list_name_characters] for each in _places(text)}
    return [wire.InList(str(list_id), name) for list_id, name in sorted(places.items())]
