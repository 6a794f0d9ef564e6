"""Maps the fields of a contact to merge fields. Only this module decides it, in a form that a marketer can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from crm_sync.providers import further
from crm_sync.providers.mailchimp.mapping_fields import FORMS
from crm_sync.providers.records import all_their_lists as lists
from crm_sync.providers.records import in_a_list as wanted
from crm_sync.providers.records import json_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm_sync.settings import FieldOf

__all__ = ["fields", "lists", "record", "remarks", "wanted"]

# Merge tag → column of the extract. Every new audience has FNAME and LNAME.
# documented: https://mailchimp.com/help/manage-audience-signup-form-fields/
MERGE_FIELDS: Mapping[str, str] = {"FNAME": "first_name", "LNAME": "last_name"}
# An organization has one name, and mails greet people by FNAME.
ORGANIZATION_NAME_GOES_TO = "FNAME"


def fields(contacts: pd.DataFrame) -> pd.DataFrame:
    """The merge fields of contacts (kind, first_name, last_name, organization_name), one row each; a missing value is
    the empty string."""
    is_organization = contacts["kind"] == "organization"
    merged = pd.DataFrame({tag: contacts[column].fillna("") for tag, column in MERGE_FIELDS.items()})
    merged[is_organization] = ""
    merged.loc[is_organization, ORGANIZATION_NAME_GOES_TO] = contacts["organization_name"].fillna("")
    return merged


def remarks(contacts: pd.DataFrame, fields: Mapping[str, FieldOf] | None = None) -> pd.DataFrame:
    """Values of further fields that do not have the form of their type."""
    return further.not_valid(contacts, fields, FORMS)


def record(contacts: pd.DataFrame, fields: Mapping[str, FieldOf] | None = None) -> pd.Series:
    """The merge fields as JSON, with those of the settings. A name that the CRM lacks is left out, so that one in the
    audience stays; the field that an organization does not need is emptied."""
    return further.with_fields(_names(contacts), contacts, fields, FORMS)


def _names(contacts: pd.DataFrame) -> pd.Series:
    merged = fields(contacts)
    is_said = merged != ""
    is_said.loc[contacts["kind"] == "organization", merged.columns != ORGANIZATION_NAME_GOES_TO] = True
    answer = pd.Series("{}", index=merged.index, dtype="str")
    for said, some in merged.groupby([is_said[tag] for tag in merged.columns], sort=False):
        tags = [tag for tag, is_one in zip(merged.columns, list(said), strict=True) if is_one is True]
        if tags:
            answer[some.index] = json_text(some[tags])
    return answer
