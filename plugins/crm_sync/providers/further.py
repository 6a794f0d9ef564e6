"""Fields that the settings fill from further columns of the CRM: each value in the form of its field's type."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
import pandas as pd

from crm_sync.providers.texts import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from crm_sync.settings import FieldOf

    # The value in the form of a type; None if it does not fit. It is never called with an empty value.
    Form = Callable[[object], object]

_decode = msgspec.json.Decoder(dict[str, Any]).decode


def formed(contacts: pd.DataFrame, fields: Mapping[str, FieldOf], forms: Mapping[str, Form]) -> pd.DataFrame:
    """A column of values for each field. An empty value is the empty string; one that does not fit its type is missing.

    ``forms``: the form of each type, that of plain text first.
    """
    rows = [_decode(text) if text else {} for text in contacts["extra"].fillna("")]
    plain = next(iter(forms))
    columns = {
        name: [_value(forms[each.type or plain], row.get(each.column)) for row in rows] for name, each in fields.items()
    }
    return pd.DataFrame(columns, index=contacts.index, dtype="object")


def each_formed(
    contacts: pd.DataFrame, fields: Mapping[str, FieldOf] | None, forms: Mapping[str, Form]
) -> list[dict[str, Any]]:
    """The same, a dict for each contact, without what does not fit."""
    if not fields:
        return [{} for _ in contacts.index]
    return [
        {str(name): value for name, value in row.items() if value is not None}
        for row in formed(contacts, fields, forms).to_dict("records")
    ]


def with_fields(
    records: pd.Series, contacts: pd.DataFrame, fields: Mapping[str, FieldOf] | None, forms: Mapping[str, Form]
) -> pd.Series:
    """The records, which are JSON objects, with these fields added by their names."""
    if not fields:
        return records
    return added(records, each_formed(contacts, fields, forms))


def added(records: pd.Series, fields: Sequence[Mapping[str, Any]]) -> pd.Series:
    """The records, which are JSON objects, with these fields added to each."""
    said = [msgspec.json.encode(row).decode()[1:-1] for row in fields]
    more = pd.Series(said, index=records.index, dtype="str")
    comma = pd.Series("", index=records.index, dtype="str").where((records == "{}") | (more == ""), ",")
    return records.str[:-1] + comma + more + "}"


def not_valid(contacts: pd.DataFrame, fields: Mapping[str, FieldOf] | None, forms: Mapping[str, Form]) -> pd.DataFrame:
    """contact_id and reason for values that do not fit their type."""
    values = formed(contacts, fields, forms) if fields else pd.DataFrame()
    found = [
        pd.DataFrame(
            {"contact_id": contacts.loc[values[name].isna(), "contact_id"], "reason": f"field_not_valid:{name}"}
        )
        for name in values.columns
    ]
    nobody = pd.DataFrame({"contact_id": pd.Series(dtype="int64"), "reason": pd.Series(dtype="str")})
    return pd.concat([nobody, *found], ignore_index=True)


def _value(form: Form, value: object) -> object:
    is_empty = value is None or value in ("", []) or (isinstance(value, str) and not value.strip())
    return "" if is_empty else form(value)


def text(value: object) -> str | None:
    """One line of text; also of a number or a truth value."""
    if isinstance(value, dict | list):
        return None
    return one_line(str(value).lower() if isinstance(value, bool) else str(value))


def day(value: object) -> str | None:
    """The date as yyyy-mm-dd, also of a timestamp."""
    try:
        return date.fromisoformat(str(value).strip()[:10]).isoformat()
    except ValueError:
        return None


def texts(value: object) -> list[str] | None:
    """One or several lines of text, each once."""
    found = [text(each) for each in (value if isinstance(value, list) else [value])]
    lines = [each for each in found if each]
    return None if None in found else list(dict.fromkeys(lines))
