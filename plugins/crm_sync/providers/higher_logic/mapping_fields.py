"""The forms of the values that the settings fill further fields of a member with, and where they go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_sync.providers import further
from crm_sync.providers.higher_logic.push_version import DATE, DEMOGRAPHIC, TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from crm_sync.providers.further import Form
    from crm_sync.providers.higher_logic.push_version import PushVersion
    from crm_sync.settings import FieldOf

# Plain text first.
FORMS: Mapping[str, Form] = {TEXT: further.text, DATE: further.day, DEMOGRAPHIC: further.texts}

# Of each contact: fields of the record by type of the settings, name and value.
Filled = dict[str, dict[str, Any]]


def filled(contacts: pd.DataFrame, fields: Mapping[str, FieldOf] | None, version: PushVersion) -> list[Filled]:
    """The values of each contact, by type, of those fields that the version has."""
    types = {name: each.type or TEXT for name, each in (fields or {}).items()}
    return [
        {
            kind: {name: value for name, value in row.items() if types[name] == kind and version.has_field(name, kind)}
            for kind in FORMS
        }
        for row in further.each_formed(contacts, fields, FORMS)
    ]
