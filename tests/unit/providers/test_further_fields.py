"""Values of further columns in the forms of each provider's fields."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from crm_sync import providers
from crm_sync.client import FieldThere
from crm_sync.contract import Credentials, Provider
from crm_sync.errors import ConfigError
from crm_sync.providers.constant_contact.custom_fields import comparable
from crm_sync.providers.constant_contact.mapping_fields import FORMS as CUSTOM
from crm_sync.providers.higher_logic.mapping_fields import FORMS as OF_A_MEMBER
from crm_sync.providers.votervoice.mapping_fields import FORMS as OF_AN_ADVOCATE
from crm_sync.settings import FieldOf, OfProvider, Settings
from unit.providers.member_rows import Notebook, contacts

VALUES: list[tuple[Any, str, Any, Any]] = [
    (CUSTOM, "string", "  two\nlines ", "two lines"),
    (CUSTOM, "string", 12.5, "12.5"),
    (CUSTOM, "string", "x" * 255, "x" * 255),
    (CUSTOM, "string", "x" * 256, None),
    (CUSTOM, "string", "👋" * 128, None),
    (CUSTOM, "string", {"a": 1}, None),
    (CUSTOM, "date", "2026-02-03T10:00:00+00:00", "2026-02-03"),
    (CUSTOM, "date", "soon", None),
    (OF_A_MEMBER, "date", "infinity", None),
    (OF_A_MEMBER, "demographic", ["Tax", "Trade", "Tax"], ["Tax", "Trade"]),
    (OF_A_MEMBER, "demographic", "Tax", ["Tax"]),
    (OF_A_MEMBER, "demographic", [["Tax"]], None),
    (OF_AN_ADVOCATE, "date", "2026-02-03", "02/03/2026"),
    (OF_AN_ADVOCATE, "date", "02/03/2026", None),
    (OF_AN_ADVOCATE, "number", 12, "12"),
    (OF_AN_ADVOCATE, "number", True, None),
    (OF_AN_ADVOCATE, "number", "a dozen", None),
    (OF_AN_ADVOCATE, "boolean", False, False),
    (OF_AN_ADVOCATE, "boolean", "TRUE", True),
    (OF_AN_ADVOCATE, "boolean", "perhaps", None),
    (OF_AN_ADVOCATE, "choices", ["Taxes"], ["Taxes"]),
]


@pytest.mark.parametrize(("forms", "kind", "value", "sent"), VALUES)
def test_a_value_has_the_form_of_its_type_or_is_left_out(forms: Any, kind: str, value: Any, sent: Any) -> None:
    assert forms[kind](value) == sent


@pytest.mark.parametrize(
    "held", ["2026-02-03", "02/03/2026", "2/3/2026", "2026/2/3", "2-3-2026", "2026-02-03T00:00:00Z"]
)
def test_a_day_at_constant_contact_is_the_same_in_each_form(held: str) -> None:
    assert comparable("date", held) == "2026-02-03"
    assert comparable("string", held) == held


def member(sheet: Provider, extra: dict[str, Any] | None, **fields: FieldOf) -> dict[str, Any]:
    frame = contacts({"contact_id": 1, "first_name": "Ann", "address": "ann@example.org"})
    frame["extra"] = pd.Series([json.dumps(extra) if extra else None], dtype="object")
    made: dict[str, Any] = json.loads(sheet.with_fields(fields).records(frame)[0])
    return made


def site(version: str) -> Provider:
    return providers.get("higher_logic").as_connected({"push_api": version})


FIELDS = {"Birthday": FieldOf("born", "date"), "Practice": FieldOf("areas", "demographic"), "Nonsense": FieldOf("born")}
SAID = {"born": "1990-02-07", "areas": ["Tax", "Trade"]}


def test_a_member_of_version_1_has_a_birthday_and_demographics() -> None:
    made = member(site("1"), SAID, **FIELDS)
    assert made["MemberDetails"]["Birthday"] == "1990-02-07"
    assert "Nonsense" not in made["MemberDetails"]
    assert [(each["DemographicTypeKey"], each["DemographicValue"]) for each in made["Demographics"]] == [
        ("Practice", "Tax"),
        ("Practice", "Trade"),
    ]
    assert member(site("1"), None, **FIELDS)["MemberDetails"]["Birthday"] == ""
    assert "Demographics" not in member(site("1"), None, **FIELDS)


def test_a_contact_of_version_2_has_a_birthday_and_no_demographics() -> None:
    made = member(site("2"), SAID, **FIELDS)
    assert made["ContactDetails"]["Birthday"] == "1990-02-07T00:00:00.000Z"
    assert made.keys() & {"Demographics", "Nonsense"} == set()
    assert "Birthday" not in member(site("2"), None, **FIELDS)["ContactDetails"]


@pytest.mark.parametrize(("version", "has_demographics"), [("1", True), ("2", False)])
def test_a_site_has_the_fields_of_its_version(version: str, has_demographics: bool) -> None:
    extras = {"push_api": version, "tenant_code": "t", "base_url": "http://127.0.0.1:9"}
    settings = Settings(providers={"higher_logic": OfProvider(fields=FIELDS)})
    memory: Any = Notebook()
    client = site(version).connect(Credentials("key", "", extras), settings, memory)
    there = client.fields()
    assert FieldThere("Birthday", ("date",), is_required=False) in there
    assert (FieldThere("Practice", ("demographic",), is_required=False) in there) == has_demographics
    assert not [each for each in there if each.name == "Nonsense"]
    with pytest.raises(ConfigError, match="Nonsense"):
        client.create_field("Nonsense", "text")


def test_an_advocate_has_each_value_by_the_name_of_the_settings() -> None:
    fields = {"1004": FieldOf("helps", "boolean"), "Interests": FieldOf("areas", "choices"), "1001": FieldOf("kind")}
    made = member(providers.get("votervoice"), {"helps": False, "areas": ["Taxes"]}, **fields)
    assert made["customFields"] == {"1001": "", "1004": False, "Interests": ["Taxes"]}
    assert "customFields" not in member(providers.get("votervoice"), None)
