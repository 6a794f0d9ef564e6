"""Telephone numbers in the form that services expect. A number that is not unambiguous stays as written."""

from __future__ import annotations

import re
from functools import cache

_CALLING_CODE = 1  # of the North American Numbering Plan
_PARTS = re.compile(r"(\d{3})(\d{3})(\d{4})")


@cache
def north_american(said: str) -> str:
    """xxx-xxx-xxxx for a valid number of the North American plan without any addition; other text as written.

    phonenumbers reads words and remarks after a number as keys to dial, so a number counts only if its digits are all
    that was written.
    """
    import phonenumbers  # a fiftieth of a second

    try:
        parsed = phonenumbers.parse(said, "US")
    except phonenumbers.NumberParseException:
        return said
    number = str(parsed.national_number)
    is_whole = re.sub(r"\D", "", said) in {number, f"{_CALLING_CODE}{number}"} and not re.search(r"[^\W\d_]", said)
    is_one = parsed.country_code == _CALLING_CODE and phonenumbers.is_valid_number(parsed)
    found = _PARTS.fullmatch(number)
    return "-".join(found.groups()) if found and is_whole and is_one else said
