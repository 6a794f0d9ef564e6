"""Fields that the settings fill from further columns of the CRM: at every provider that takes any, filled, changed and
emptied like a name, and one that is missing there costs nobody their record."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from contract.conftest import only
from contract.people import add_five
from contract.test_syncs import changes_sent
from contract.worlds import assert_in_step
from crm_sync.contract import Provider
from crm_sync.settings import FieldOf, OfProvider
from local.adapted import adapted
from local.world import World
from standins import StandIn

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    only(lambda sheet, _: bool(sheet.field_types)),
]

COLUMNS = {"town": "text", "since": "date"}
FIRST = "update crm.contact set town = 'Springfield', since = '2020-02-07' where contact_id = 1"


@pytest.fixture
def filled(world: World, told: ModuleType, sheet: Provider, tmp_path: Path) -> Iterator[World]:
    """Five people, whose towns and days the settings send; person 1 has both."""
    add_five(world.crm_dsn)
    with adapted(world, sheet.audience, COLUMNS, tmp_path):
        world.crm_do(FIRST)
        name_fields(world, of_the_columns(told))
        yield world


def of_the_columns(told: ModuleType, *columns: str) -> dict[str, FieldOf]:
    """The stand-in's two fields, the text filled from the first column and the day from the second."""
    named = zip(told.FURTHER.items(), columns or COLUMNS, strict=True)
    return {name: FieldOf(column, kind) for (name, kind), column in named}


def name_fields(world: World, fields: dict[str, FieldOf], *, creates: bool = True) -> None:
    own = OfProvider(fields=fields, create_fields=creates)
    world.settings = replace(world.settings, providers={world.provider: own})


def first_person(told: ModuleType, standin: StandIn) -> dict[str, Any]:
    """What person 1 has there."""
    everyone = told.further(standin.state())
    return next(each for who, each in everyone.items() if who in {"1", "person1@example.org"})


def trouble(world: World) -> set[str]:
    rows = world.query("select reason from crm_sync.exceptions where provider = %s", world.provider)
    return {reason for (reason,) in rows}


def test_fields_are_filled_changed_and_emptied(filled: World, told: ModuleType, standin: StandIn) -> None:
    text, day = told.FURTHER
    filled.run()
    assert_in_step(filled, standin)
    assert first_person(told, standin) == {text: "Springfield", day: told.A_DAY}
    assert sum(1 for each in told.further(standin.state()).values() if each) == 1, "nobody else has anything"
    filled.crm_do("update crm.contact set town = 'Shelbyville' where contact_id = 1")
    filled.run()
    assert first_person(told, standin) == {text: "Shelbyville", day: told.A_DAY}
    filled.crm_do("update crm.contact set town = null where contact_id = 1")
    filled.run()
    assert first_person(told, standin) == {day: told.A_DAY}
    filled.crm_do("update crm.contact set since = null where contact_id = 1")
    filled.run("full")
    assert first_person(told, standin) == {}
    assert trouble(filled) == set()


def test_what_is_filled_is_not_sent_again(filled: World, standin: StandIn) -> None:
    filled.run()
    standin.clear_requests()
    assert filled.run()["extract"]["idle"] == 1
    assert filled.run("compare")["extract"].get("idle") == 1 or changes_sent(standin) == []
    assert filled.run("full")["plan"] == {"planned": 0}
    assert changes_sent(standin) == []


@pytest.mark.parametrize("was_named", [False, True])
def test_a_full_run_fills_a_field_that_it_creates(
    filled: World, told: ModuleType, standin: StandIn, was_named: bool
) -> None:
    text, day = told.FURTHER
    name_fields(filled, of_the_columns(told) if was_named else {}, creates=False)
    filled.run()
    name_fields(filled, of_the_columns(told))
    filled.run("full")
    assert first_person(told, standin) == {text: "Springfield", day: told.A_DAY}
    assert filled.run("full")["plan"] == {"planned": 0}


def test_another_mapping_compares_everybody(filled: World, told: ModuleType, standin: StandIn) -> None:
    text, day = told.FURTHER
    filled.run()
    name_fields(filled, {text: FieldOf("since", told.FURTHER[text]), day: FieldOf("since", told.FURTHER[day])})
    filled.run()
    assert first_person(told, standin) == {text: "2020-02-07", day: told.A_DAY}
    name_fields(filled, {})
    filled.run()
    assert_in_step(filled, standin)


def test_what_the_settings_do_not_fill_stays_unless_a_record_is_whole(
    filled: World, told: ModuleType, standin: StandIn
) -> None:
    text, day = told.FURTHER
    filled.run()
    name_fields(filled, {text: FieldOf("town", told.FURTHER[text])})
    filled.crm_do("update crm.contact set town = 'Shelbyville' where contact_id = 1")
    filled.run()
    kept = {} if told.RECORDS_ARE_WHOLE else {day: told.A_DAY}
    assert first_person(told, standin) == {text: "Shelbyville", **kept}
    filled.crm_do("update crm.contact set town = null where contact_id = 1")
    filled.run()
    assert first_person(told, standin) == kept


def test_a_field_that_is_missing_there_is_a_row_and_costs_nobody_their_record(
    filled: World, told: ModuleType, standin: StandIn
) -> None:
    unknown = {"NOWHERE": FieldOf("town", next(iter(told.FURTHER.values())))}
    name_fields(filled, {**of_the_columns(told), **unknown})
    name_fields(filled, unknown, creates=False)
    counts = filled.run()["record"]
    assert counts["refused"] == 0
    assert_in_step(filled, standin)
    assert trouble(filled) == {"field_missing:NOWHERE"}
    notices = filled.query("select notice from crm_sync.run order by run_id desc limit 1")
    assert "field_missing:NOWHERE" in str(notices)


def test_a_value_without_the_form_of_its_type_is_left_out_and_a_row(
    filled: World, told: ModuleType, standin: StandIn
) -> None:
    text, day = told.FURTHER
    filled.crm_do("alter table crm.contact alter column since type text using 'tomorrow'")
    counts = filled.run()["record"]
    assert counts["refused"] == 0
    assert first_person(told, standin) == {text: "Springfield"}
    assert trouble(filled) == {f"field_not_valid:{day}"}


def test_a_field_of_another_type_is_a_row_and_costs_nobody_their_record(
    filled: World, told: ModuleType, standin: StandIn
) -> None:
    text, day = told.FURTHER
    filled.run()
    name_fields(filled, {day: FieldOf("town", told.FURTHER[text])})
    counts = filled.run()["record"]
    assert counts["refused"] == 0
    assert_in_step(filled, standin)
    assert trouble(filled) == {getattr(told, "OTHER_TYPE", f"field_of_other_type:{day}")}


def test_the_mapping_has_a_form_for_each_type(sheet: Provider) -> None:
    forms = importlib.import_module(f"crm_sync.providers.{sheet.name}.mapping_fields").FORMS
    assert tuple(forms) == sheet.field_types
