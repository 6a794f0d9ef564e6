"""Merge fields: what an audience asks about its members, and which values it takes."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import UNSET

from standins.mailchimp.bodies import FieldOptions
from standins.mailchimp.errors import INVALID, Refusal

LONGEST_VALUE_BYTES = 255
ADDRESS_NEEDS = ("addr1", "city", "state", "zip")
ADDRESS_KNOWS = frozenset({*ADDRESS_NEEDS, "addr2", "country"})
DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{2}/\d{2}/\d{4}")
BIRTHDAY = re.compile(r"(0[1-9]|1[0-2])/(0[1-9]|[12]\d|3[01])")

Values = tuple[Any, ...]


class MergeField(msgspec.Struct):
    """One merge field of an audience."""

    merge_id: int
    tag: str
    name: str
    type: str = "text"
    required: bool = False
    default_value: str = ""
    public: bool = False
    display_order: int = 0
    options: FieldOptions = msgspec.field(default_factory=FieldOptions)
    help_text: str = ""


def default_fields() -> list[MergeField | None]:
    """The fields of a new audience: ADDRESS, FNAME, LNAME, PHONE."""
    size = FieldOptions(size=25)
    return [
        MergeField(1, "FNAME", "First Name", public=True, display_order=2, options=size),
        MergeField(2, "LNAME", "Last Name", public=True, display_order=3, options=size),
        MergeField(3, "ADDRESS", "Address", "address", display_order=4, options=FieldOptions(default_country=164)),
        MergeField(4, "PHONE", "Phone Number", "phone", display_order=5, options=FieldOptions(phone_format="none")),
    ]


class Columns:
    """The merge fields of an audience in the order in which members keep their values; a deleted one leaves a gap."""

    def __init__(self) -> None:
        self.fields = default_fields()
        self.index: dict[str, int] = {}
        self.reindex()

    def reindex(self) -> None:
        """After any change of the fields."""
        self.index = {field.tag: position for position, field in enumerate(self.fields) if field}
        self._required = [field.tag for field in self.fields if field and field.required]
        self._live = [(field.tag, position) for position, field in enumerate(self.fields) if field]

    def rendered(self, values: Values) -> dict[str, Any]:
        """Tag → value; `""` where there is none."""
        size = len(values)
        return {tag: values[position] if position < size else "" for tag, position in self._live}

    def merged(self, values: Values, sent: dict[str, Any], skips_required: bool) -> Values:
        """The values after an update: fields not sent are kept, unknown tags ignored. Raises Refusal."""
        new = [*values, *[""] * (len(self.fields) - len(values))]
        wrong: list[tuple[object, ...]] = []
        for tag, value in sent.items():
            position = self.index.get(tag)
            if position is None:
                continue
            problem = refused(self.fields[position], value)
            if problem:
                wrong.append((tag, *problem))
            else:
                new[position] = value
        if not skips_required:
            wrong += [(tag, "enter_value") for tag in self._required if new[self.index[tag]] == ""]
        if wrong:
            raise Refusal(400, INVALID, "merge", fields=tuple(wrong))
        return tuple(new)


def refused(field: MergeField | None, value: Any) -> tuple[object, ...] | None:
    """Why the field does not take the value, as (key, *details); None where it does. `""` clears any field."""
    if value == "" or field is None:
        return None
    if field.type == "number":
        return None if _is_number(value) else ("enter_number",)
    if field.type == "address":
        return None if _is_address(value) else ("enter_address",)
    if not isinstance(value, str):
        return ("enter_text",)
    if len(value.encode()) > LONGEST_VALUE_BYTES:
        return ("too_long", LONGEST_VALUE_BYTES)
    return _refused_text(field, value)


def _refused_text(field: MergeField, value: str) -> tuple[object, ...] | None:
    if field.type == "date":
        return None if DATE.fullmatch(value) else ("enter_date",)
    if field.type == "birthday":
        return None if BIRTHDAY.fullmatch(value) else ("enter_date",)
    if field.type in {"url", "imageurl"}:
        return None if value.startswith(("http://", "https://")) else ("enter_url",)
    if field.type in {"radio", "dropdown"}:
        choices = field.options.choices
        return None if choices is not UNSET and value in choices else ("enter_choice", ", ".join(choices or []))
    return None


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"-?\d+(\.\d+)?", value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_address(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) - ADDRESS_KNOWS:
        return False
    return all(isinstance(value.get(part), str) and value[part] for part in ADDRESS_NEEDS)
