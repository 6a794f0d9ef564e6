"""A statement of a large run looks at each of its rows a few times, and never at each for each of the others.

The server explains every statement that it executes, those inside functions too, with how many rows each step of it
looked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from contract.people import add_list, add_people
from crm_sync.errors import LoadFailedError
from local.world import World

PEOPLE = 1_000
LISTS = [1, 2, 3]
# For each person: those in three lists have some rows of their own in each table. All for all would be a thousand.
MOST_ROWS_EACH = 40

EXPLAINING = """
load 'auto_explain';
set auto_explain.log_min_duration = 0;
set auto_explain.log_analyze = on;
set auto_explain.log_timing = off;
set auto_explain.log_nested_statements = on;
set auto_explain.log_format = json;
set auto_explain.log_level = notice;
set client_min_messages = notice;
"""
# Half of the answers were lost before they were written down.
LOST = "update crm_sync.call set answered_at = null, applied = 0, remote_ids = null where call_id % 2 = 0 returning 1"


@contextmanager
def explained(world: World) -> Iterator[list[dict[str, Any]]]:
    """What the state database says of the statements that it executes meanwhile."""
    told: list[dict[str, Any]] = []

    def hear(notice: Any) -> None:
        _, is_plan, plan = notice.message_primary.partition("plan:\n")
        if is_plan:
            told.append(json.loads(plan))

    def listen(connection: Any, _: object) -> None:
        connection.execute(EXPLAINING)
        connection.commit()
        connection.add_notice_handler(hear)

    world.state.engine.dispose()
    event.listen(world.state.engine, "connect", listen)
    try:
        yield told
    finally:
        event.remove(world.state.engine, "connect", listen)
        world.state.engine.dispose()


def steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from steps(each)


def looked_at(step: dict[str, Any]) -> float:
    """Rows that a step gave or left out, in all its turns."""
    left_out = sum(value for name, value in step.items() if name.startswith("Rows Removed by"))
    return float(step["Actual Loops"] * (step["Actual Rows"] + left_out))


def too_much(told: list[dict[str, Any]]) -> list[str]:
    """The statements that looked at too many rows, with the step that did."""
    return [
        f"{looked_at(step):,.0f} rows by {step['Node Type']} in: {each['Query Text'][:300]}"
        for each in told
        for step in steps(each["Plan"])
        if looked_at(step) > MOST_ROWS_EACH * PEOPLE
    ]


@pytest.fixture
def association(world: World) -> World:
    """Everybody is in every list, and nobody is known to the provider."""
    for each in LISTS:
        add_list(world.crm_dsn, each, f"List {each}")
    add_people(world.crm_dsn, 1, PEOPLE, lists=LISTS)
    return world


def test_a_first_synchronization_looks_at_each_row_a_few_times(association: World) -> None:
    with explained(association) as told:
        assert association.run()["record"]["applied"] >= PEOPLE
    assert len(told) > 50
    assert too_much(told) == []


def test_a_load_whose_answers_were_lost_looks_at_each_row_a_few_times(association: World) -> None:
    association.begin(airflow_run_id="lost")
    for stage in ("opt_outs", "extract", "validate", "transform", "plan", "load"):
        association.stage(stage, "lost")
    assert association.query(LOST)
    with explained(association) as told:
        association.stage("load", "lost")
        assert association.stage("record", "lost")["applied"] >= PEOPLE
    assert too_much(told) == []


def test_a_load_that_sent_nothing_looks_at_each_row_a_few_times(association: World) -> None:
    association.begin(airflow_run_id="idle")
    for stage in ("opt_outs", "extract", "validate", "transform", "plan"):
        association.stage(stage, "idle")
    with explained(association) as told:
        with pytest.raises(LoadFailedError):
            association.stage("record", "idle")
        assert association.run()["record"]["applied"] >= PEOPLE
    assert too_much(told) == []


def test_a_full_run_looks_at_each_row_a_few_times(association: World) -> None:
    association.run()
    with explained(association) as told:
        association.run("full")
    assert too_much(told) == []


def test_a_run_of_many_changes_looks_at_each_row_a_few_times(association: World) -> None:
    association.run()
    association.crm_do("update crm.contact set first_name = 'Other' || contact_id")
    association.crm_do("update crm.email_address set address = 'new-' || address where contact_id % 3 = 0")
    association.crm_do("delete from crm.list_member where list_id = 1 and contact_id % 2 = 0")
    association.crm_do("update crm.contact set do_not_contact = true where contact_id % 5 = 0")
    association.crm_do("delete from crm.contact where contact_id % 7 = 0")
    with explained(association) as told:
        assert association.run("changes", allow_removals=True)["record"]["applied"] >= PEOPLE / 2
        association.run("compare")
    assert too_much(told) == []
