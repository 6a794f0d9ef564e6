"""Neighbours of what the pages once said wrongly."""

from __future__ import annotations

import pytest

from unit.web.conftest import Visit
from unit.web.test_nothing_untrue import RUN, holding, outcome, person, planned, run
from unit.web.test_wellness import line


def cursor(visit: Visit) -> None:
    visit.ledger("insert into crm_sync.cursor (provider, snapshot) values ('mailchimp', pg_current_snapshot()::text)")


def alert(visit: Visit, kind: str, run_id: str) -> None:
    visit.ledger(
        "insert into crm_sync.alert (provider, kind, airflow_run_id, met_again_in)"
        f" values ('mailchimp', '{kind}', '{run_id}', '{run_id}')"
    )


def checked(visit: Visit, is_connected: str, hours_ago: int) -> None:
    visit.ledger(
        "insert into crm_sync.remembered (provider, kind, key, value, at) values ('mailchimp', 'account_check', 'last',"
        f""" '{{"is_connected": {is_connected}, "message": "no answer", "organization": "Us", "host": "x"}}',"""
        f" now() - interval '{hours_ago} hours')"
    )


def test_a_good_test_is_no_proof_once_a_run_lost_the_connection(visit: Visit) -> None:
    checked(visit, "true", 2)
    run(visit, "bad", "failed", 5)
    assert "Connected as Us" in visit.get("/")
    alert(visit, "connection_lost", "bad")
    said = visit.get("/")
    assert "Connected as" not in said
    assert "lost its connection" in said
    visit.ledger("update crm_sync.remembered set at = now()")
    assert "Connected as Us" in visit.get("/")


def test_a_rejected_plan_is_not_in_step(visit: Visit) -> None:
    run(visit, "good", "recorded", 60)
    cursor(visit)
    number = run(visit, "held", "held", 5)
    ((asked,),) = visit.ledger(
        "insert into crm_sync.question (provider, run_id, mode, weighed, why, status)"
        f" values ('mailchimp', {number}, 'changes', '{{}}', 'too many', 'rejected') returning question_id"
    )
    visit.ledger(f"update crm_sync.run set question_id = {asked} where run_id = {number}")
    assert "All in step" not in line(visit)
    assert "was rejected" in line(visit)
    run(visit, "next", "idle", 1)
    assert "All in step" in line(visit)


def test_no_backfill_hides_a_failure(visit: Visit) -> None:
    run(visit, "good", "recorded", 60)
    cursor(visit)
    run(visit, "bad", "failed", 30, notice="the key is refused")
    run(visit, "past", "recorded", 10, mode="backfill")
    assert "Mailchimp: the last run failed" in line(visit)
    assert "failed. the key is refused" in visit.get("/")


@pytest.mark.parametrize(("ended", "said"), [("failed", "not sent"), ("recorded", "not sent"), ("planned", "planned")])
def test_what_a_run_that_is_over_never_sent_is_not_planned_for_good(visit: Visit, ended: str, said: str) -> None:
    person(visit, 1, "Ann")
    number = run(visit, "one", ended)
    planned(visit, number)
    history = visit.get("/why/1").split("History")[-1]
    assert said in history
    status = "pending" if ended == "planned" else "not_sent"
    assert visit.ledger("select status, is_preview from crm_sync.person_history") == [(status, False)]


def test_a_failed_runs_page_says_what_was_not_sent(visit: Visit) -> None:
    number = run(visit, "bad", "failed")
    planned(visit, number)
    visit.ledger(f"update crm_sync.run set state = state where run_id = {number}")
    said = visit.get(RUN + "bad")
    assert "not sent" in said.split("Operations")[-1]


def test_nobody_is_offered_whom_no_run_can_bring_back(visit: Visit) -> None:
    person(visit, 1, "Ann")
    cursor(visit)
    holding(visit, 1, "absent", reason="forgotten", refused_at="2026-11-20 09:30Z")
    page = visit.page("/why/1")
    assert "/why/1/retry/" not in page
    visit.post("/why/1/retry/mailchimp")
    visit.post("/people/retry/mailchimp", contact_id=["1"])
    assert visit.ledger("select retry_at from crm_sync.holding") == [(None,)]


def test_a_retry_of_a_person_says_what_will_happen(visit: Visit) -> None:
    person(visit, 1, "Ann")
    cursor(visit)
    holding(visit, 1, "absent", reason="address_taken", refused_at="2026-11-20 09:30Z")
    assert "/why/1/retry/mailchimp" in visit.page("/why/1")
    said = visit.post("/why/1/retry/mailchimp")
    assert said.status_code == 200
    assert "will be offered again by the next run" in said.text


def test_a_retry_of_a_person_who_is_set_aside_is_not_offered(visit: Visit) -> None:
    person(visit, 1, "Ann", "ann at example.org")
    cursor(visit)
    number = run(visit, "one", "recorded")
    visit.ledger(
        "insert into crm_sync.set_aside (run_id, provider, contact_id, reason)"
        f" values ({number}, 'mailchimp', 1, 'address_not_valid')"
    )
    holding(visit, 1, "active", reason="address_taken", lists="{1}")
    assert "/why/1/retry/" not in visit.page("/why/1")


def test_a_retry_that_finds_nobody_says_so(visit: Visit) -> None:
    said = visit.post("/retry/mailchimp", reason=["address_taken"]).text
    assert "0 will be offered again" not in said
    assert "Nobody" in said


def test_a_search_of_people_is_exported_and_paged_as_it_stands_or_not_at_all(visit: Visit) -> None:
    for who in (1, 2):
        person(visit, who, f"Ann{who}")
        holding(visit, who, "absent", reason="address_taken")
    assert "exceptions.csv" in visit.page("/people")
    said = visit.post("/people", q="ann1").text
    assert "1 in all" in said
    assert "exceptions.csv" not in said


@pytest.mark.parametrize("wish", ["", " ", "a"])
def test_too_short_a_search_of_people_finds_all_and_says_so(visit: Visit, wish: str) -> None:
    person(visit, 1, "Ann")
    holding(visit, 1, "absent", reason="address_taken")
    holding(visit, 2, "absent", reason="address_taken")
    said = visit.post("/people", q=wish).text
    assert "2 in all" in said
    assert "at least two letters" in said


def test_a_search_of_people_says_where_it_looks_at_some_of_a_common_name_only(visit: Visit) -> None:
    for who in range(1, 41):
        person(visit, who, "Ann")
    holding(visit, 40, "absent", reason="address_taken")
    assert "1 in all" in visit.post("/people", q="p40@example.org").text
    assert "Only the first 25 contacts of that name" in visit.post("/people", q="ann").text


def test_people_can_be_filtered_by_why_they_are_set_aside(visit: Visit) -> None:
    person(visit, 5, "Cid", "cid at example.org")
    number = run(visit, "one", "recorded")
    visit.ledger(
        "insert into crm_sync.set_aside (run_id, provider, contact_id, reason)"
        f" values ({number}, 'mailchimp', 5, 'address_not_valid')"
    )
    assert 'value="address_not_valid"' in visit.page("/people")
    assert "1 in all" in visit.get("/people?reason=address_not_valid")
    assert "0 in all" in visit.get("/people?reason=address_taken")


def test_whoever_waits_is_not_said_to_be_refused_one_by_one(visit: Visit) -> None:
    person(visit, 1, "Ann")
    holding(visit, 1, "absent", reason="deferred", refused_at="2026-11-20 09:30Z")
    assert "(waiting)" in visit.get("/people")


def test_people_who_are_too_many_to_count_are_at_least_so_many(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm_sync.web.exceptions_listed.MOST_COUNTED", 2)
    for who in (1, 2, 3):
        holding(visit, who, "absent", reason="address_taken")
    assert "at least 2 in all" in visit.get("/people").lower()


def test_a_list_that_waits_is_not_refused(visit: Visit) -> None:
    visit.ledger(
        "insert into crm_sync.list_holding (provider, list_id, name, reason, tries) values"
        " ('mailchimp', 1, 'News', 'server_error_500', 1), ('mailchimp', 2, 'Board', 'list_name_taken', 0)"
    )
    said = visit.get("/exceptions")
    assert "Lists refused: 1" in said
    assert "News" in said.split("Lists refused")[0]
    assert "Mailchimp: 1 list waits for a later run" in line(visit)


def test_a_preview_that_failed_is_said_to_be_one(visit: Visit) -> None:
    run(visit, "good", "recorded", 60)
    cursor(visit)
    run(visit, "looked", "failed", 5, dry_run=True)
    assert "the last run failed" not in line(visit)
    assert "preview failed" in line(visit)
    assert "preview" in visit.get("/").split("Last run")[1].split("Next run")[0]


def test_a_run_of_which_only_some_was_refused_is_done_and_a_row_says_whom(visit: Visit) -> None:
    number = run(visit, "some", "recorded")
    outcome(visit, number, planned(visit, number), "refused", "address_taken")
    assert "done" in visit.get(RUN + "some")
