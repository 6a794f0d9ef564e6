"""Each type of a merge field has its form; what does not have it is left out, and nothing else is."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from crm_sync.providers.mailchimp import mapping
from crm_sync.settings import FieldOf


def contact(value: Any, first_name: str = "Ann") -> pd.DataFrame:
    names = {"kind": "individual", "first_name": first_name, "last_name": "", "organization_name": ""}
    return pd.DataFrame([{"contact_id": 7, **names, "extra": json.dumps({"x": value})}])


@pytest.mark.parametrize(
    ("kind", "value", "sent"),
    [
        ("", "  a\nb ", "a b"),
        ("text", 7, "7"),
        ("text", True, "true"),
        ("text", "é" * 127, "é" * 127),
        ("number", 7, 7),
        ("number", "-7.5", -7.5),
        ("number", " 12 ", 12),
        ("date", "2024-02-29", "2024-02-29"),
        ("date", "2024-02-29T10:00:00+00:00", "2024-02-29"),
        ("birthday", "1990-02-07", "02/07"),
        ("birthday", "2/7", "02/07"),
        ("phone", "+1 555 0100", "+1 555 0100"),
        ("zip", "02134-1000", "02134"),
        ("url", "https://example.org/a", "https://example.org/a"),
        (
            "address",
            {"addr1": "1 A", "city": "B", "state": "C", "zip": "1", "addr2": None, "more": 1},
            {"addr1": "1 A", "city": "B", "state": "C", "zip": "1"},
        ),
        ("address", {"addr1": "", "city": None}, ""),
        *((kind, value, "") for kind in ("text", "number", "date", "address", "url") for value in (None, "", "  ")),
    ],
)
def test_a_value_is_sent_in_the_form_of_its_type(kind: str, value: Any, sent: Any) -> None:
    fields = {"X": FieldOf("x", kind)}
    assert json.loads(mapping.record(contact(value), fields=fields).iloc[0]) == {"FNAME": "Ann", "X": sent}
    assert mapping.remarks(contact(value), fields=fields).empty


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", "é" * 128),
        ("text", {"a": 1}),
        ("number", "twelve"),
        ("number", True),
        ("number", "1,5"),
        ("date", "2023-02-29"),
        ("date", "29.02.2024"),
        ("birthday", "13/01"),
        ("zip", "1234"),
        ("zip", "SW1A 1AA"),
        ("url", "example.org"),
        ("url", "https://"),
        ("address", "1 Main St"),
        ("address", {"addr1": "1 Main St"}),
    ],
)
def test_a_value_without_the_form_of_its_type_is_left_out(kind: str, value: Any) -> None:
    fields = {"X": FieldOf("x", kind), "Y": FieldOf("y")}
    assert json.loads(mapping.record(contact(value), fields=fields).iloc[0]) == {"FNAME": "Ann", "Y": ""}
    assert json.loads(mapping.record(contact(value, ""), fields={"X": FieldOf("x", kind)}).iloc[0]) == {}
    found = mapping.remarks(contact(value), fields=fields)
    assert found.to_dict("records") == [{"contact_id": 7, "reason": "field_not_valid:X"}]


def test_without_fields_names_alone_are_sent() -> None:
    assert json.loads(mapping.record(contact("a")).iloc[0]) == {"FNAME": "Ann"}
    assert mapping.remarks(contact("a")).empty
