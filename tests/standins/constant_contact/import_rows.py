"""The rows of a JSON import: their own flat vocabulary, their lengths, and what is lost beyond four megabytes."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from standins.constant_contact import details
from standins.constant_contact.custom_fields import Fields
from standins.constant_contact.errors import bad_value, invalid, not_imitated

Row = dict[str, Any]

MOST_ROWS = 40_000
MOST_CUSTOM_FIELDS = 25
NAMES = ("first_name", "last_name", "job_title", "company_name")
NUMBERS = frozenset({"birthday_month", "birthday_day"})
PHONES = {
    "phone": "other",
    "home_phone": "home",
    "work_phone": "work",
    "mobile_phone": "mobile",
    "other_phone": "other",
}
PLACE = {"street": "street", "street2": "street", "city": "city", "state": "state", "zip": "postal_code"} | {
    "country": "country"
}
# The vendor's schema writes `home country` with a blank; both are taken.
PLACES = {f"{kind}{name}": (kind.rstrip("_ ") or "home", part) for kind in ("", "home_", "work_", "other_")
          for name, part in PLACE.items()} | {"home country": ("home", "country")}  # fmt: skip
LONGEST = (
    {"email": 50, "anniversary": 255}
    | dict.fromkeys([*NAMES, *PHONES], 50)
    | {name: 255 if part == "street" else 50 for name, (_, part) in PLACES.items()}
)
SMS = frozenset({"sms_number", "sms_consent_date"})
CUSTOM = "cf:"
LONGEST_VALUE = 255


def decoded(raw: list[msgspec.Raw], body: bytes, most_bytes: int) -> list[Row]:
    """The rows that end within the first so many bytes of the body; the others are lost without a word."""
    kept = [bytes(row) for row in raw]
    if len(body) > most_bytes:
        position, ends = 0, []
        for row in kept:
            position = body.index(row, position) + len(row)
            ends.append(position)
        kept = [row for row, end in zip(kept, ends, strict=True) if end <= most_bytes]
    return [_row(row) for row in kept]


def _row(text: bytes) -> Row:
    try:
        return msgspec.json.decode(text, type=Row)
    except msgspec.DecodeError as error:
        raise bad_value("import_data") from error


def check(rows: list[Row], fields: Fields, may_be_long: bool) -> None:
    """Refuse the whole import (400) for a property or a custom field that does not exist, a wrong type or length."""
    if not 1 <= len(rows) <= MOST_ROWS:
        raise invalid(f"import_data must have 1 to {MOST_ROWS} contacts")
    known = {f"{CUSTOM}{field.name}" for field in fields.by_id.values()}
    for row in rows:
        for name, value in row.items():
            _check_value(name, value, known, may_be_long)
        if len([name for name in row if name.startswith(CUSTOM)]) > MOST_CUSTOM_FIELDS:
            raise invalid(f"A contact can have {MOST_CUSTOM_FIELDS} custom fields.")
        if len({kind for name, kind in PHONES.items() if name in row}) > details.MOST_KINDS:
            raise invalid(f"A contact can have {details.MOST_KINDS} phone numbers.")


def _check_value(name: str, value: Any, custom: set[str], may_be_long: bool) -> None:
    if name in SMS:
        raise not_imitated("SMS channels")
    if name in NUMBERS:
        if not isinstance(value, int) or isinstance(value, bool):
            raise bad_value(name)
        return
    longest = LONGEST.get(name, LONGEST_VALUE if name in custom else None)
    if longest is None:
        raise invalid(f"{name} is not a known property or custom field")
    if not isinstance(value, str) or (len(value) > longest and not may_be_long):
        raise bad_value(name)


def is_correctable(row: Row, fields: Fields) -> bool:
    """Whether the row is set aside to be corrected by hand: too long, or dates that are none."""
    lengths = any(isinstance(value, str) and len(value) > _longest(name) for name, value in row.items())
    month, day = row.get("birthday_month"), row.get("birthday_day")
    birthday = (month is None) != (day is None) or not (1 <= (month or 1) <= 12 and 1 <= (day or 1) <= 31)
    anniversary = row.get("anniversary", "")
    dates = [row.get(f"{CUSTOM}{field.name}", "") for field in fields.by_id.values() if field.type == "date"]
    return lengths or birthday or any(each != "" and not details.is_date(each) for each in [anniversary, *dates])


def _longest(name: str) -> int:
    return LONGEST_VALUE if name.startswith(CUSTOM) else LONGEST[name]


def phones(row: Row) -> dict[str, str]:
    """Phone numbers by kind."""
    return {kind: row[name] for name, kind in PHONES.items() if row.get(name)}


def places(row: Row) -> dict[str, dict[str, str]]:
    """Parts of postal addresses by kind; the second line of a street is put behind the first."""
    found: dict[str, dict[str, str]] = {}
    for name, (kind, part) in PLACES.items():
        if row.get(name):
            parts = found.setdefault(kind, {})
            before = parts.get(part, "") if name.endswith("street2") else ""
            parts[part] = re.sub(r"^ ", "", f"{before} {row[name]}")
    return found


def custom_values(row: Row, fields: Fields) -> dict[str, str]:
    """Values of custom fields by the id of the field."""
    named = {field.name: field.id for field in fields.by_id.values()}
    given = ((name.removeprefix(CUSTOM), value) for name, value in row.items() if name.startswith(CUSTOM))
    return {named[name]: value for name, value in given if name in named}
