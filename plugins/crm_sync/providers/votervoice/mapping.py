"""Maps the fields of a contact to VoterVoice. Only this module decides it, in a form that a marketer can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pandas as pd

from crm_sync.providers import further, postal
from crm_sync.providers.records import first_organization, has_status
from crm_sync.providers.votervoice import wire
from crm_sync.providers.votervoice.mapping_fields import FORMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm_sync.settings import FieldOf

__all__ = ["fields", "lists", "record", "remarks", "wanted"]

# Field of the contact → column of the extract.
TEXTS: Mapping[str, str] = {
    "givenNames": "first_name",
    "surname": "last_name",
    "emailAddress": "address",
    "phoneNumber": "phone",
    "businessCompanyName": "organization_name",
    "businessPositionName": "job_title",
}
OF_PEOPLE_ONLY = ("givenNames", "surname", "businessPositionName")
# Parameter of the address check → column of the extract.
HOME: Mapping[str, str] = {
    "address1": "address_line1",
    "address2": "address_line2",
    "city": "city",
    "state": "state",
    "zipcode": "postal_code",
    "country": "country",
}


def wanted(contacts: pd.DataFrame) -> pd.Series:
    """Contacts with an active or courtesy membership, in lists or not; organizations need one of their own."""
    return has_status(contacts, "active", "courtesy")


def lists(contacts: pd.DataFrame) -> pd.Series:
    """No lists of the CRM: everyone is in the one list that the connection names."""
    return pd.Series("{}", index=contacts.index, dtype="str")


def fields(contacts: pd.DataFrame) -> pd.DataFrame:
    """The flat texts of each contact, one row each; a missing value is the empty string. Company and position are those
    of the first organization that a person belongs to, if any."""
    return _flat(contacts)


def _flat(contacts: pd.DataFrame) -> pd.DataFrame:
    flat = pd.DataFrame({name: contacts[column].fillna("") for name, column in TEXTS.items()}, index=contacts.index)
    first = first_organization(contacts)
    flat["businessCompanyName"] = flat["businessCompanyName"].where(first["key"] == "", first["name"])
    flat["businessPositionName"] = flat["businessPositionName"].where(first["title"] == "", first["title"])
    flat.loc[contacts["kind"] == "organization", list(OF_PEOPLE_ONLY)] = ""
    return flat


def remarks(contacts: pd.DataFrame, fields: Mapping[str, FieldOf] | None = None) -> pd.DataFrame:
    """Values of custom fields that do not have the form of their type."""
    return further.not_valid(contacts, fields, FORMS)


def record(contacts: pd.DataFrame, fields: Mapping[str, FieldOf] | None = None) -> pd.Series:
    """Each contact as JSON, without its list, and with an address that is yet to be checked; the custom fields of the
    settings by the names that the settings give them."""
    flat = _flat(contacts)
    texts = flat.astype(object).where(flat != "", None).to_dict("records")
    ids = contacts["contact_id"].astype("int64").astype(str)
    more = [{"customFields": each} if fields else {} for each in further.each_formed(contacts, fields, FORMS)]
    records = [
        {"membership": {"contactId": contact_id}, **text, "homeAddress": home if home.is_given() else None, **said}
        for contact_id, text, home, said in zip(ids, texts, _homes(contacts), more, strict=True)
    ]
    return pd.Series([msgspec.json.encode(each).decode() for each in records], index=contacts.index, dtype="str")


def _homes(contacts: pd.DataFrame) -> list[wire.Address]:
    flat = pd.DataFrame({name: contacts[column].fillna("") for name, column in HOME.items()}, index=contacts.index)
    return [_home(wire.Address(*row)) for row in flat.itertuples(index=False, name=None)]


def _home(said: wire.Address) -> wire.Address:
    """documented: country and state are two letters, the country's in upper case; a ZIP code has five digits."""
    country, state = postal.country(said.country, said.zipcode), postal.state(said.state)
    zipcode = postal.postal_code(said.zipcode, country, state)
    return msgspec.structs.replace(said, country=country, state=state, zipcode=zipcode)
