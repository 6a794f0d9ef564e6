"""What the mappings of several providers say in the same words: who is wanted, in which lists, and records as JSON."""

from __future__ import annotations

import msgspec
import pandas as pd

from crm_sync.providers.texts import one_line

_NO_LISTS = "{}"


def json_text(fields: pd.DataFrame) -> pd.Series:
    """Each row as one JSON object; no value is the empty string."""
    # Not splitlines(): a name may hold one of the line ends of Unicode, which JSON leaves as they are.
    lines = fields.to_json(orient="records", lines=True, force_ascii=False).rstrip("\n").split("\n")
    return pd.Series(lines, index=fields.index, dtype="str")


def in_a_list(contacts: pd.DataFrame) -> pd.Series:
    """Newsletters go to everyone in a synchronized list."""
    return contacts["lists"] != _NO_LISTS


def all_their_lists(contacts: pd.DataFrame) -> pd.Series:
    """Everybody is put into the lists that the CRM has them in."""
    return contacts["lists"]


def no_remarks(_: pd.DataFrame) -> pd.DataFrame:
    """Nothing to tell."""
    return pd.DataFrame({"contact_id": pd.Series(dtype="int64"), "reason": pd.Series(dtype="str")})


def has_status(contacts: pd.DataFrame, *statuses: str) -> pd.Series:
    """Who has a membership in one of ``statuses``, by the extract's array text of them."""
    return contacts["statuses"].fillna(_NO_LISTS).str.contains(rf"[{{,](?:{'|'.join(statuses)})[,}}]", regex=True)


class Organization(msgspec.Struct):
    """An entry of the extract's organizations."""

    organization_id: int
    name: str | None = None
    title: str | None = None


_organizations = msgspec.json.Decoder(list[Organization]).decode


def first_organization(contacts: pd.DataFrame) -> pd.DataFrame:
    """key, name and title of the main organization each contact belongs to; "" where there is none."""
    found = [_organizations(text)[:1] for text in contacts["organizations"].fillna("[]")]
    rows = [
        (str(each[0].organization_id), one_line(each[0].name), one_line(each[0].title)) if each else ("", "", "")
        for each in found
    ]
    return pd.DataFrame(rows, columns=["key", "name", "title"], index=contacts.index, dtype="str")
