"""Functions that the mappings of several providers share: who is wanted, in which lists, and records as JSON."""

from __future__ import annotations

import msgspec
import pandas as pd

from crm_sync.providers.texts import one_line

_NO_LISTS = "{}"


def json_text(fields: pd.DataFrame) -> pd.Series:
    """Each row as a JSON object; a missing value is the empty string."""
    # Not splitlines(): a name may contain a line end of Unicode, which JSON does not escape.
    lines = fields.to_json(orient="records", lines=True, force_ascii=False).rstrip("\n").split("\n")
    return pd.Series(lines, index=fields.index, dtype="str")


def in_a_list(contacts: pd.DataFrame) -> pd.Series:
    """Whether each contact is in a synchronized list, and so gets newsletters."""
    return contacts["lists"] != _NO_LISTS


def all_their_lists(contacts: pd.DataFrame) -> pd.Series:
    """The lists of each contact in the CRM."""
    return contacts["lists"]


def no_remarks(_: pd.DataFrame) -> pd.DataFrame:
    """No remarks."""
    return pd.DataFrame({"contact_id": pd.Series(dtype="int64"), "reason": pd.Series(dtype="str")})


def has_status(contacts: pd.DataFrame, *statuses: str) -> pd.Series:
    """Whether each contact has a membership in one of ``statuses``, by the extract's array text."""
    return contacts["statuses"].fillna(_NO_LISTS).str.contains(rf"[{{,](?:{'|'.join(statuses)})[,}}]", regex=True)


class Organization(msgspec.Struct):
    """An entry of the extract's organizations."""

    organization_id: int
    name: str | None = None
    title: str | None = None


_organizations = msgspec.json.Decoder(list[Organization]).decode


def first_organization(contacts: pd.DataFrame) -> pd.DataFrame:
    """Key, name and title of the main organization of each contact; "" if there is none."""
    found = [_organizations(text)[:1] for text in contacts["organizations"].fillna("[]")]
    rows = [
        (str(each[0].organization_id), one_line(each[0].name), one_line(each[0].title)) if each else ("", "", "")
        for each in found
    ]
    return pd.DataFrame(rows, columns=["key", "name", "title"], index=contacts.index, dtype="str")
