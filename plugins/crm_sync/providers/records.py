"""What the mappings of several providers say in the same words: who is wanted, in which lists, and records as JSON."""

from __future__ import annotations

import pandas as pd

_NO_LISTS = "{}"


def json_text(fields: pd.DataFrame) -> pd.Series:
    """Each row as one JSON object; no value is the empty string."""
    # Not splitlines(): a name may hold one of the line ends of Unicode, which JSON leaves as they are.
    lines = fields.to_json(orient="records", lines=True, force_ascii=False).rstrip("\n").split("\n")
    return pd.Series(lines, index=fields.index, dtype="str")


def in_a_list(contacts: pd.DataFrame) -> pd.Series:
    """Newsletters go to whoever is in a synchronized list."""
    return contacts["lists"] != _NO_LISTS


def all_their_lists(contacts: pd.DataFrame) -> pd.Series:
    """Everybody is put into the lists that the CRM has them in."""
    return contacts["lists"]


def no_remarks(_: pd.DataFrame) -> pd.DataFrame:
    """Nothing to tell."""
    return pd.DataFrame({"contact_id": pd.Series(dtype="int64"), "reason": pd.Series(dtype="str")})
