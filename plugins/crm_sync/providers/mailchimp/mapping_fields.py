"""Merge fields that the settings fill from further columns of the CRM, each in the form of its type.

documented: types and forms. https://mailchimp.com/developer/marketing/docs/merge-fields/#structure
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
import pandas as pd

from crm_sync.providers.texts import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crm_sync.settings import FieldOf

# seen: text merge fields hold 255 bytes.
_BYTES = 255
# documented: an address requires these four; the other two are optional.
_ADDRESS_NEEDS, _ADDRESS_MAY_HAVE = ("addr1", "city", "state", "zip"), ("addr2", "country")
_BIRTHDAY = re.compile(r"(0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])")
_ZIP = re.compile(r"(\d{5})(?:-\d{4})?")
_URL = re.compile(r"https?://[^\s/]+\.\S+", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")

_decode = msgspec.json.Decoder(dict[str, Any]).decode


def formed(contacts: pd.DataFrame, fields: Mapping[str, FieldOf]) -> pd.DataFrame:
    """A column of JSON values for each field. An empty value is the empty string; a value that does not fit its type is
    missing."""
    rows = [_decode(text) if text else {} for text in contacts["extra"].fillna("")]
    columns = {tag: [_value(each.type, row.get(each.column)) for row in rows] for tag, each in fields.items()}
    return pd.DataFrame(columns, index=contacts.index, dtype="object")


def with_fields(records: pd.Series, contacts: pd.DataFrame, fields: Mapping[str, FieldOf]) -> pd.Series:
    """The records with these fields added."""
    values = formed(contacts, fields)
    said = [
        ",".join(
            f"{_json(tag)}:{_json(value)}" for tag, value in zip(values.columns, row, strict=True) if value is not None
        )
        for row in values.itertuples(index=False, name=None)
    ]
    more = pd.Series(said, index=records.index, dtype="str")
    comma = pd.Series("", index=records.index, dtype="str").where((records == "{}") | (more == ""), ",")
    return records.str[:-1] + comma + more + "}"


def not_valid(contacts: pd.DataFrame, fields: Mapping[str, FieldOf]) -> pd.DataFrame:
    """contact_id and reason for values that do not fit their type."""
    values = formed(contacts, fields)
    found = [
        pd.DataFrame({"contact_id": contacts.loc[values[tag].isna(), "contact_id"], "reason": f"field_not_valid:{tag}"})
        for tag in values.columns
    ]
    return pd.concat(found, ignore_index=True)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _value(kind: str, value: object) -> object:
    """The value in the form of a type; "" for an empty one, None if it does not fit."""
    if value is None or value == "" or (isinstance(value, str) and not value.strip()):
        return ""
    return _FORMS[kind or "text"](value)


def _text(value: object) -> str | None:
    if isinstance(value, dict | list):
        return None
    text = one_line(str(value).lower() if isinstance(value, bool) else str(value))
    return text if len(text.encode()) <= _BYTES else None


def _number(value: object) -> float | int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    text = str(value).strip()
    if not _NUMBER.fullmatch(text):
        return None
    return float(text) if "." in text else int(text)


def _date(value: object) -> str | None:
    """The date, also of a timestamp."""
    try:
        return date.fromisoformat(str(value).strip()[:10]).isoformat()
    except ValueError:
        return None


def _birthday(value: object) -> str | None:
    """Month and day, also of a date."""
    day = _date(value)
    if day is not None:
        return f"{day[5:7]}/{day[8:10]}"
    found = _BIRTHDAY.fullmatch(str(value).strip())
    return f"{int(found[1]):02}/{int(found[2]):02}" if found else None


def _zip(value: object) -> str | None:
    found = _ZIP.fullmatch(str(value).strip())
    return found[1] if found else None


def _url(value: object) -> str | None:
    text = _text(value)
    return text if text and _URL.fullmatch(text) else None


def _address(value: object) -> dict[str, str] | str | None:
    """A JSON object, without parts that the type does not have."""
    if not isinstance(value, dict):
        return None
    parts = {name: one_line(str(value.get(name) or "")) for name in (*_ADDRESS_NEEDS, *_ADDRESS_MAY_HAVE)}
    if not any(parts.values()):
        return ""
    if not all(parts[name] for name in _ADDRESS_NEEDS):
        return None
    return {name: text for name, text in parts.items() if text}


_FORMS: Mapping[str, Callable[[object], object]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "birthday": _birthday,
    "phone": _text,
    "address": _address,
    "zip": _zip,
    "url": _url,
}
