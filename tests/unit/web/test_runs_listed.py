"""All runs on one page: by provider, state and day, with their counts, and by whom they were started."""

from __future__ import annotations

import re
from itertools import product

import pytest

from crm_sync.model import RunState
from crm_sync.run_status import RunStatus, status_of
from crm_sync.web import runs
from unit.web.conftest import Visit
from unit.web.test_nothing_untrue import outcome, planned, run

ANSWERS = ("open", "approved", "rejected", "renewed", "withdrawn", "void", "used", None)


def listed(page: str) -> list[str]:
    """The runs of a page, by Airflow's ids, in order."""
    return re.findall(r"<th scope=\"row\"><a href=\"[^\"]*run_id=([^\"]+)\"", page)


def test_every_run_is_found_by_what_it_is_and_by_nothing_else(visit: Visit) -> None:
    rows = [
        (state, left, waits, answer)
        for state, left, waits, answer in product(RunState, (0, 1), (0, 1), ANSWERS)
        if waits >= left and (answer is None or state is RunState.HELD)
    ]
    wanted: dict[str, set[str]] = {status.value: set() for status in RunStatus}
    for number, (state, left, waits, answer) in enumerate(rows):
        made = run(visit, f"n{number}", state.value, left_over=left, waiting=waits)
        if answer is not None:
            visit.ledger(
                "with asked as (insert into crm_sync.question (provider, run_id, mode, weighed, why, status)"
                f" values ('{number}', {made}, 'changes', '{{}}', '', '{answer}') returning question_id)"
                f" update crm_sync.run set question_id = (select question_id from asked) where run_id = {made}"
            )
    with visit.state.transaction() as state_database:
        for number in range(len(rows)):
            row = state_database.row("runs/run_end", provider="mailchimp", airflow_run_id=f"n{number}")
            assert row is not None
            wanted[status_of(row)].add(f"n{number}")
    assert all(wanted.values())
    for status, names in wanted.items():
        assert set(listed(visit.page(f"/runs?state={status}"))) == names, status
    assert len(listed(visit.page("/runs"))) == min(len(rows), runs.ROWS)


def test_what_failed_last_night_is_one_click_from_the_first_page(visit: Visit) -> None:
    run(visit, "old", "failed", 60 * 30)
    run(visit, "bad", "failed", 60 * 8)
    run(visit, "good", "recorded", 60)
    (link,) = re.findall(r'href="([^"]+)">What failed in the last 24 hours', visit.page("/"))
    assert listed(visit.page(link)) == ["bad"]


def test_a_day_and_pages_that_know_the_way_back(visit: Visit) -> None:
    for number in range(runs.ROWS + 2):
        run(visit, f"n{number}", "idle", number)
    first, second = visit.page("/runs"), visit.page("/runs?page=2")
    assert len(listed(first)) == runs.ROWS
    assert listed(first)[0] == "n0"
    assert len(listed(second)) == 2
    assert 'page=2">Next page' in first
    assert 'page=1">Previous page' in second
    visit.ledger("update crm_sync.run set opened_at = '2026-03-04 23:59Z' where airflow_run_id = 'n7'")
    assert listed(visit.page("/runs?day=2026-03-04")) == ["n7"]
    assert listed(visit.page("/runs?day=2026-03-05")) == []
    assert visit.client.get("/runs?provider=nobody").status_code == 404


def test_a_row_has_counts_who_started_it_and_how_long_it_took(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    number = run(visit, "manual__1", "recorded", 5, left_over=1, waiting=1)
    visit.ledger("update crm_sync.run set finished_at = opened_at + interval '65 s'")
    outcome(visit, number, planned(visit, number, who=1), "refused", "address_taken")
    outcome(visit, number, planned(visit, number, who=2), "deferred", "load_failed")
    run(visit, "scheduled__2", "idle", 3)
    run(visit, "asset_triggered__3", "idle", 2)
    monkeypatch.setattr(runs, "origins", lambda _: {("crm_to_mailchimp", "manual__1"): "chair"})
    said = visit.get("/runs")
    assert "chair failed; 1 operation waits changes since the last run 1 min 5 s 2 0 1 1 0 0" in said
    assert "the clock nothing to do" in said
    assert "a change in the CRM nothing to do" in said
