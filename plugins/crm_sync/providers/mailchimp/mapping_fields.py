"""Merge fields that the settings fill from further columns of the CRM, each in the form of its type.

documented: types and forms. https://mailchimp.com/developer/marketing/docs/merge-fields/#structure
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crm_sync.providers import further
from crm_sync.providers.texts import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm_sync.providers.further import Form

# seen: text merge fields hold 255 bytes.
_BYTES = 255
# documented: an address requires these four; the other two are optional.
_ADDRESS_NEEDS, _ADDRESS_MAY_HAVE = ("addr1", "city", "state", "zip"), ("addr2", "country")
_BIRTHDAY = re.compile(r"(0?[1-9]|1[0-2])[/-](0?[1-9]|[12]\d|3[01])")
_ZIP = re.compile(r"(\d{5})(?:-\d{4})?")
_URL = re.compile(r"https?://[^\s/]+\.\S+", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def _text(value: object) -> str | None:
    text = further.text(value)
    return text if text is not None and len(text.encode()) <= _BYTES else None


def _number(value: object) -> float | int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    text = str(value).strip()
    if not _NUMBER.fullmatch(text):
        return None
    return float(text) if "." in text else int(text)


def _birthday(value: object) -> str | None:
    """Month and day, also of a date."""
    day = further.day(value)
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


# Plain text first.
FORMS: Mapping[str, Form] = {
    "text": _text,
    "number": _number,
    "date": further.day,
    "birthday": _birthday,
    "phone": _text,
    "address": _address,
    "zip": _zip,
    "url": _url,
}
