"""However many people and operations there are, a page reads few rows of them, as the server counts; of runs, whose
number the retention bounds, each statement reads every one once at most."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from unit.web.conftest import Visit
from unit.web.test_nothing_untrue import RUN

PEOPLE, DAYS = 20_000, 30
RUNS = 2 * DAYS * 144
BIG = {"holding", "run_tally", "planned_operation", "outcome", "call", "last_read"}
# A statement with one of these acts; explained, it would act twice.
CHANGES = {"insert", "update", "delete"}
# A page of people, or of runs with what each did, a few times over; and fourteen days of runs with their counts.
MOST_ROWS = 1_500
DAYS_SHOWN = 14 * 144 * 5
PAGES = [
    *("/runs", "/runs?state=failed", "/exceptions", "/people?sort=since", "/people?sort=next_try"),
    *("/people?sort=reason", "/people?reason=address_taken&provider=mailchimp", "/why/5", "/why/7"),
    *(f"{RUN}mailchimp__6", f"{RUN}mailchimp__6&status=refused", f"{RUN}mailchimp__6&values=true"),
]


@pytest.fixture
def large(visit: Visit) -> Visit:
    """A ledger of many people and runs, behind the pages."""
    text = (Path(__file__).parent / "large_ledger.sql").read_text()
    with visit.state.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute(text.replace(":people", str(PEOPLE)).replace(":days", str(DAYS)).encode())
        driver.commit()
    return visit


def explained(visit: Visit, path: str) -> list[tuple[str, dict[str, Any]]]:
    """(statement, plan with the rows that it read) of each that a page asks of the state database."""
    found: list[tuple[str, dict[str, Any]]] = []

    def explain(_: Any, cursor: Any, text: str, parameters: Any, *__: Any) -> None:
        if "crm_sync." in text and not CHANGES & set(text.split()):
            cursor.execute(f"explain (analyze, format json) {text}", parameters)
            answer = cursor.fetchone()[0]
            plan = answer if isinstance(answer, list) else json.loads(answer)
            found.append((text, plan[0]["Plan"]))

    event.listen(visit.state.engine, "before_cursor_execute", explain)
    try:
        visit.page(path)
    finally:
        event.remove(visit.state.engine, "before_cursor_execute", explain)
    assert found
    return found


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from nodes(each)


def rows_read(node: dict[str, Any]) -> float:
    """Of a scan: those it found, and those it looked at in vain."""
    return float(node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_reads_and_sorts_few_rows(large: Visit, path: str) -> None:
    looked = 0
    for text, plan in explained(large, path):
        for node in nodes(plan):
            if node.get("Relation Name") in BIG:
                looked += 1
                assert rows_read(node) <= MOST_ROWS, (text, node)
            assert node.get("Relation Name") != "run" or rows_read(node) <= RUNS, (text, node)
            assert node["Node Type"] != "Sort" or rows_read(node) <= MOST_ROWS, (text, node)
    assert looked


def test_the_cards_read_no_more_than_the_runs_of_the_days_that_they_show(large: Visit) -> None:
    for text, plan in explained(large, "/"):
        for node in nodes(plan):
            most = DAYS_SHOWN if node.get("Relation Name") == "run_tally" else MOST_ROWS
            assert node.get("Relation Name") not in BIG or rows_read(node) <= most, (text, node)
