"""A run's operations in pages: each is on one of them, however many are asked about one subscriber."""

from __future__ import annotations

import html
import re
from types import SimpleNamespace
from typing import Any

import pytest

from crm_sync.web.run import ROWS, page_of, page_until
from unit.web.conftest import Visit
from unit.web.test_nothing_untrue import RUN, outcome, planned, run


def read(asked: list[Any], after: int) -> list[Any]:
    """As page_run/operations_of_run does: all that is asked about one subscriber more than a page has rows."""
    ids = sorted({each.operation_id for each in asked if each.operation_id > after})[: ROWS + 1]
    return [each for each in asked if each.operation_id in ids]


@pytest.mark.parametrize("of_each", [1, 3, ROWS + 10])
@pytest.mark.parametrize("subscribers", [1, ROWS, 2 * ROWS + 1])
def test_pages_meet(subscribers: int, of_each: int) -> None:
    asked = [
        SimpleNamespace(operation_id=who, list_id=each) for who in range(1, subscribers + 1) for each in range(of_each)
    ]
    after: int | None = 0
    seen: list[Any] = []
    while after is not None:
        page, after = page_of(read(asked, after))
        assert page
        seen += page
    assert seen == asked


def test_pages_lead_back_to_the_first() -> None:
    asked = [SimpleNamespace(operation_id=who, list_id=each) for who in range(1, 3 * ROWS) for each in range(2)]
    until: int | None = asked[-1].operation_id
    seen: list[Any] = []
    while until is not None:
        ids = sorted({each.operation_id for each in asked if each.operation_id <= until})[-ROWS - 1 :]
        page, until = page_until([each for each in asked if each.operation_id in ids])
        assert page
        seen = page + seen
    assert seen == asked


def test_operations_are_found_by_what_became_of_them_and_why_with_a_total_and_a_way_back(visit: Visit) -> None:
    number = run(visit, "one", "recorded", left_over=1, waiting=1)
    made = [planned(visit, number, who=who) for who in range(1, 2 * ROWS + 3)]
    for operation in made[:3]:
        outcome(visit, number, operation, "refused", "address_taken")
    outcome(visit, number, made[3], "deferred", "load_failed")
    visit.ledger(f"update crm_sync.run set folded_to = {made[-1]} where run_id = {number}")
    visit.ledger("update crm_sync.run set state = state")
    assert f"{ROWS} operations on this page, of {2 * ROWS + 2}" in visit.get(RUN + "one")
    assert "3 operations on this page, of 3" in visit.get(f"{RUN}one&status=refused")
    assert "1 operation on this page, of 1" in visit.get(f"{RUN}one&reason=load_failed")
    assert "0 operations on this page, of 0" in visit.get(f"{RUN}one&status=held")
    assert "1 operation on this page" in visit.get(f"{RUN}one&contact_id=7")
    last = visit.page(f"{RUN}one&after={made[2 * ROWS - 1]}")
    assert "Next page" not in last
    (back,) = re.findall(r'rel="prev" href="([^"]+)"', last)
    middle = visit.page(html.unescape(back))
    assert f"until={made[ROWS - 1]}" in middle
    assert f"after={made[2 * ROWS - 1]}" in middle
    first = visit.page(html.unescape(re.findall(r'rel="prev" href="([^"]+)"', middle)[0]))
    assert "Previous page" not in first


@pytest.mark.parametrize("end", ["previewed", "held"])
def test_what_needs_approval_is_counted_by_cause_and_list(visit: Visit, end: str) -> None:
    kept = '[{"kind": "memberships", "cause": "list_gone", "list_name": "News", "number": 1234}]'
    number = run(visit, "heavy", end, brake="the plan ends 1,234 of 2,000 list memberships", removals=kept)
    if end == "held":
        visit.ledger(
            "with asked as (insert into crm_sync.question (provider, run_id, mode, weighed, why)"
            f" values ('mailchimp', {number}, 'changes', '{{}}', 'too many') returning question_id)"
            f" update crm_sync.run set question_id = asked.question_id from asked where run_id = {number}"
        )
    said = visit.get(RUN + "heavy")
    assert "What needs approval" in said
    assert "Taken out of a list the list is deleted, or not synchronized any more News 1,234" in said


def test_what_an_update_changes_is_shown_side_by_side_to_whoever_may_see_people_and_noted(visit: Visit) -> None:
    number = run(visit, "one", "recorded")
    operation = planned(visit, number, "update", who=7)
    visit.ledger(f"update crm_sync.run set folded_to = {operation}, state = state where run_id = {number}")
    visit.ledger(
        "insert into crm_sync.changed_record (run_id, operation_id, before, after)"
        f""" values ({number}, {operation}, '{{"FNAME": "Ann", "LNAME": null}}', '{{"FNAME": "Anna", "LNAME": "B"}}')"""
    )
    assert "Anna" not in visit.get(RUN + "one")
    assert visit.ledger("select count(*) from crm_sync.looked_at") == [(0,)]
    assert "FNAME: Ann LNAME: empty FNAME: Anna LNAME: B" in visit.get(RUN + "one&values=true")
    assert visit.ledger("select who, contact_id, what from crm_sync.looked_at") == [("op", 7, "found")]
    visit.guest.sees_people = False
    assert visit.client.get(RUN + "one&values=true").status_code == 403
    assert "before and after" not in visit.get(RUN + "one")
