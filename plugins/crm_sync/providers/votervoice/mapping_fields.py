"""The forms of the values that the settings fill custom fields with.

documented: the vendor's API blueprint shows one of each type; a date is MM/DD/YYYY, and a number is text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crm_sync.providers import further

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm_sync.providers.further import Form

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_TRUTHS = {"true": True, "false": False}


def _date(value: object) -> str | None:
    day = further.day(value)
    return f"{day[5:7]}/{day[8:10]}/{day[:4]}" if day else None


def _number(value: object) -> str | None:
    text = None if isinstance(value, bool) else further.text(value)
    return text if text and _NUMBER.fullmatch(text) else None


def _boolean(value: object) -> bool | None:
    return _TRUTHS.get(str(value).strip().lower())


# Plain text first.
FORMS: Mapping[str, Form] = {
    "text": further.text,
    "date": _date,
    "number": _number,
    "boolean": _boolean,
    "choices": further.texts,
}
