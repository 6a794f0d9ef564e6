"""What the pages say is so: each of these said something else once."""

from __future__ import annotations

import pytest

from unit.web.conftest import Visit

RUN = "/run?dag_id=crm_to_mailchimp&run_id="


def run(visit: Visit, name: str, state: str, minutes_ago: int = 0, **columns: object) -> int:
    """A run of Mailchimp that began so long ago and has ended; its number."""
    more = {"mode": "changes", **columns}
    names, values = ", ".join(more), ", ".join(f"'{value}'" for value in more.values())
    at = f"now() - make_interval(mins => {minutes_ago})"
    ((number,),) = visit.ledger(
        f"insert into crm_sync.run (provider, airflow_run_id, state, opened_at, finished_at, {names})"
        f" values ('mailchimp', '{name}', '{state}', {at}, {at}, {values}) returning run_id"
    )
    return int(number)


def planned(visit: Visit, number: int, verb: str = "create", who: int = 1) -> int:
    ((made,),) = visit.ledger(
        "insert into crm_sync.planned_operation (run_id, provider, verb, contact_id, subscriber_key, address) values"
        f" ({number}, 'mailchimp', '{verb}', {who}, 'p{who}@example.org', 'p{who}@example.org') returning operation_id"
    )
    return int(made)


def outcome(visit: Visit, number: int, operation: int, status: str, reason: str, verb: str = "create") -> None:
    visit.ledger(
        "insert into crm_sync.outcome (run_id, operation_id, verb, status, reason)"
        f" values ({number}, {operation}, '{verb}', '{status}', '{reason}')"
    )
    visit.ledger(f"update crm_sync.run set state = state where run_id = {number}")


def holding(visit: Visit, who: int, state: str, **columns: object) -> None:
    more = {"contact_id": who, "contact_ids": f"{{{who}}}", **columns}
    names, values = ", ".join(more), ", ".join(f"'{value}'" for value in more.values())
    visit.ledger(
        f"insert into crm_sync.holding (provider, subscriber_key, address, state, {names})"
        f" values ('mailchimp', 'p{who}@example.org', 'p{who}@example.org', '{state}', {values})"
    )


def person(visit: Visit, who: int, name: str, address: str = "", more: str = "") -> None:
    """An individual in list 1, News."""
    visit.in_crm(
        "insert into crm.list (list_id, name, sync_enabled) values (1, 'News', true) on conflict do nothing;"
        f" insert into crm.contact (contact_id, first_name) values ({who}, '{name}');"
        " insert into crm.email_address (contact_id, address, is_primary)"
        f" values ({who}, '{address or f'p{who}@example.org'}', true);"
        f" insert into crm.list_member (list_id, contact_id) values (1, {who}); {more}"
    )


def test_a_red_run_is_failed_and_whoever_it_left_over_waits(visit: Visit) -> None:
    number = run(visit, "red", "recorded", left_over=2, waiting=2)
    for who in (1, 2):
        outcome(visit, number, planned(visit, number, who=who), "deferred", "load_failed")
        holding(visit, who, "absent", reason="deferred", refused_at="2026-11-20 09:30Z", retry_at="2026-11-21 00:00Z")
    for said in (visit.get("/"), visit.get(RUN + "red")):
        assert "failed" in said
        assert ": done" not in said
    card = visit.get("/")
    assert "2 people wait since 2026-11-20 09:30 UTC" in card
    assert "Refused 0" in card
    listed = visit.get("/exceptions")
    assert "Refused: 2" not in listed
    assert "2026-11-20 09:30 UTC" in listed


def test_a_run_that_left_nothing_is_done(visit: Visit) -> None:
    run(visit, "good", "recorded")
    assert "done" in visit.get("/")
    run(visit, "tomorrow", "recorded", waiting=3)
    assert "done, but 3 operations wait" in visit.get(RUN + "tomorrow")


@pytest.mark.parametrize("later", ["previewed", "idle", "open"])
def test_no_preview_and_no_idle_run_hides_a_failure(visit: Visit, later: str) -> None:
    run(visit, "good", "recorded", minutes_ago=30)
    run(visit, "bad", "failed", minutes_ago=20, notice="the key is refused")
    run(visit, "later", later, minutes_ago=10, dry_run=later == "previewed")
    said = visit.get("/")
    assert "failed. the key is refused" in said
    assert "Last good run" in said


def test_a_preview_that_would_pull_the_brake_says_so(visit: Visit) -> None:
    run(visit, "preview", "previewed", dry_run=True, brake="the plan removes 9 of 10 people")
    said = visit.get(RUN + "preview")
    assert "This is what a run would do now" not in said
    assert "would wait for approval" in said
    assert "removes 9 of 10 people" in said


def test_whoever_is_set_aside_stays_as_they_are(visit: Visit) -> None:
    person(visit, 1, "Ann", "ann at example.org")
    visit.ledger("insert into crm_sync.cursor (provider, snapshot) values ('mailchimp', '1:1:')")
    holding(visit, 1, "active", lists="{1}")
    number = run(visit, "one", "recorded")
    visit.ledger(
        "insert into crm_sync.set_aside (run_id, provider, contact_id, reason)"
        f" values ({number}, 'mailchimp', 1, 'address_not_valid')"
    )
    said = visit.get("/why/1")
    assert "disables" not in said
    assert "stays as they are" in said or "stay as they are" in said
    assert "leaves with the next run" not in said


def test_a_flag_of_whoever_shares_the_address_is_said_to_be_theirs(visit: Visit) -> None:
    person(visit, 1, "Ann", "both@example.org")
    person(visit, 2, "Bob", "both@example.org")
    visit.in_crm("update crm.list_member set do_not_contact = true where contact_id = 2")
    said = visit.get("/why/1")
    assert "Do Not Contact is set for one of its lists" not in said
    assert "Do Not Contact is set on contact 2, who shares the address, in News" in said
    assert "Do Not Contact is set in News" in visit.get("/why/2")


def test_a_rejected_plan_says_by_whom_and_its_operations_are_dropped(visit: Visit) -> None:
    from crm_sync.pipeline import questions

    number = run(visit, "held", "held")
    outcome(visit, number, planned(visit, number, "archive"), "held", "awaits_approval", "archive")
    ((asked,),) = visit.ledger(
        "insert into crm_sync.question (provider, run_id, mode, weighed, why)"
        f" values ('mailchimp', {number}, 'changes', '{{}}', 'too many') returning question_id"
    )
    visit.ledger(f"update crm_sync.run set question_id = {asked} where run_id = {number}")
    assert "waits for approval" in visit.get(RUN + "held")
    questions.answer(visit.state, asked, approves=False, who="chair")
    said = visit.get(RUN + "held")
    assert "rejected by chair" in said
    assert "dropped" in said
    assert "held back" not in said.split("Operations")[1]
    history = visit.ledger("select provider, status, reason, is_preview from crm_sync.person_history")
    assert history == [("mailchimp", "dropped", "rejected", False)]
    assert visit.ledger("select held, dropped, unsettled from crm_sync.run_summary") == [(0, 1, 0)]


def test_history_marks_previews(visit: Visit) -> None:
    planned(visit, run(visit, "preview", "previewed", dry_run=True))
    assert visit.ledger("select status, is_preview from crm_sync.person_history") == [("pending", True)]


def test_a_good_run_after_a_bad_test_is_a_proof_of_the_connection(visit: Visit) -> None:
    visit.ledger(
        "insert into crm_sync.remembered (provider, kind, key, value, at) values ('mailchimp', 'account_check', 'last',"
        """ '{"is_connected": false, "message": "no answer"}', now() - interval '1 hour')"""
    )
    run(visit, "bad", "failed", minutes_ago=10)
    assert "Not connected: no answer" in visit.get("/")
    run(visit, "good", "recorded", minutes_ago=5)
    said = visit.get("/")
    assert "Not connected" not in said
    assert "Connected, as of the run of" in said


def test_a_retry_of_nothing_says_to_choose(visit: Visit) -> None:
    said = visit.post("/retry/mailchimp")
    assert said.status_code == 200
    assert "Choose" in said.text
    assert "will be offered again" not in said.text


def test_an_export_has_address_and_name_of_whoever_is_set_aside(visit: Visit) -> None:
    person(visit, 5, "Cid", "cid at example.org")
    number = run(visit, "one", "recorded")
    visit.ledger(
        "insert into crm_sync.set_aside (run_id, provider, contact_id, reason)"
        f" values ({number}, 'mailchimp', 5, 'address_not_valid')"
    )
    text = visit.page("/exceptions.csv?addresses=true")
    assert "cid at example.org" in text
    assert "Cid" in text
    assert "cid at example.org" not in visit.page("/exceptions.csv")


def test_an_alert_stands_on_the_card_though_nobody_was_told(visit: Visit) -> None:
    from crm_sync.alerts.kinds import Kind
    from crm_sync.alerts.open_alerts import tell_when_new

    tell_when_new(visit.state, "mailchimp", Kind.LOAD_FAILED, "scheduled__1", lambda: "no channel is set")
    said = visit.get("/")
    assert "runs fail" in said
    assert "nobody was notified, because no channel is set" in said


def test_a_history_is_told_under_whichever_contact_it_is_filed(visit: Visit) -> None:
    person(visit, 1, "Ann", "both@example.org")
    person(visit, 2, "Bob", "both@example.org")
    number = run(visit, "one", "recorded")
    visit.ledger(
        "insert into crm_sync.planned_operation (run_id, provider, verb, contact_id, subscriber_key, address) values"
        f" ({number}, 'mailchimp', 'create', 1, 'both@example.org', 'both@example.org'),"
        f" ({number}, 'mailchimp', 'create', 3, 'other@example.org', 'other@example.org')"
    )
    assert "add the person (as contact 1)" in visit.get("/why/2")
    assert "as contact" not in visit.get("/why/1")
    assert "as contact 3" not in visit.get("/why/2")


def test_whoever_is_deleted_does_not_take_along_who_shares_the_address(visit: Visit) -> None:
    person(visit, 2, "Bob", "both@example.org")
    visit.ledger(
        "insert into crm_sync.holding (provider, subscriber_key, address, contact_id, contact_ids, state, lists) values"
        " ('mailchimp', 'both@example.org', 'both@example.org', 1, '{1,2}', 'active', '{1}')"
    )
    visit.ledger(
        "insert into crm_sync.list_holding (provider, list_id, remote_id, name) values ('mailchimp', 1, 'x', 'News')"
    )
    said = visit.get("/why/1")
    assert "disables" not in said
    assert "Not held by Mailchimp: not in the CRM any more." in said
    assert "Held by Mailchimp." in visit.get("/why/2")


def test_whom_a_provider_without_lists_holds_is_said(visit: Visit) -> None:
    visit.guest.providers = ["votervoice"]
    said = visit.get("/")
    assert "No list yet" not in said
    assert "VoterVoice has no lists: it holds everyone with an Active or Courtesy membership" in said
