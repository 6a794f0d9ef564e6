"""Maps the fields of a contact to properties. Only this module decides it, in a form that a marketer can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from crm_sync.providers import further
from crm_sync.providers.constant_contact.custom_fields import PREFIX
from crm_sync.providers.constant_contact.mapping_fields import FORMS
from crm_sync.providers.records import all_their_lists as lists
from crm_sync.providers.records import in_a_list as wanted
from crm_sync.providers.records import json_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crm_sync.settings import FieldOf

__all__ = ["fields", "lists", "record", "remarks", "wanted"]

# Property → column of the extract. An individual's company_name is left to the marketers.
# documented: https://api.cc.email/v3/swagger.yaml
NAMES: Mapping[str, str] = {"first_name": "first_name", "last_name": "last_name"}
# An organization has one name, and no first or last name.
ORGANIZATION_NAME_GOES_TO = "company_name"

_ORGANIZATION = "organization"


def fields(contacts: pd.DataFrame) -> pd.DataFrame:
    """The properties with a maximum length, one row each, in a form whose bytes are the characters that the vendor
    counts.

    assumed: a character beyond the basic plane counts as two, as in the vendor's language.
    """
    given = _named(contacts).assign(email=contacts["address"].fillna("").str.strip(" "))
    return pd.DataFrame({name: _a_byte_each(given[name]) for name in given})


def remarks(contacts: pd.DataFrame, fields: Mapping[str, FieldOf] | None = None) -> pd.DataFrame:
    """Values of custom fields that do not have the form of their type."""
    return further.not_valid(contacts, fields, FORMS)


def record(contacts: pd.DataFrame, fields: Mapping[str, FieldOf] | None = None) -> pd.Series:
    """The properties as JSON: all three names of an organization, or the first and last name of an individual; and the
    custom fields of the settings, named as an import names them."""
    prefixed = {PREFIX + name: each for name, each in (fields or {}).items()}
    return further.with_fields(_names(contacts), contacts, prefixed, FORMS)


def _names(contacts: pd.DataFrame) -> pd.Series:
    named = _named(contacts)
    is_organization = contacts["kind"] == _ORGANIZATION
    answer = pd.Series("", index=contacts.index, dtype="str")
    if is_organization.any():
        answer[is_organization] = json_text(named[is_organization])
    if not is_organization.all():
        answer[~is_organization] = json_text(named.loc[~is_organization, list(NAMES)])
    return answer


def record_there(people: pd.DataFrame, custom: Sequence[Mapping[str, str | None]] = ()) -> pd.Series:
    """The properties of people as they are held (first_name, last_name, company_name), in the form of ``record``, and
    their custom fields.

    A contact with a company name is reported with all three: it is unknown whether that is an organization or a
    marketer's note.
    """
    has_company = people["company_name"] != ""
    answer = pd.Series("", index=people.index, dtype="str")
    if has_company.any():
        answer[has_company] = json_text(people.loc[has_company, [*NAMES, ORGANIZATION_NAME_GOES_TO]])
    if not has_company.all():
        answer[~has_company] = json_text(people.loc[~has_company, list(NAMES)])
    return further.added(answer, custom) if custom else answer


def _a_byte_each(text: pd.Series) -> pd.Series:
    plain = text.str.replace(r"[^\x00-\uffff]", "??", regex=True)
    return plain.str.replace(r"[^\x00-\x7f]", "?", regex=True)


def _named(contacts: pd.DataFrame) -> pd.DataFrame:
    is_organization = contacts["kind"] == _ORGANIZATION
    named = pd.DataFrame({name: contacts[column].fillna("") for name, column in NAMES.items()})
    named[is_organization] = ""
    return named.assign(company_name=contacts["organization_name"].fillna("").where(is_organization, ""))
