"""A plan that would take away too much waits for a person, with the numbers, in a run of its own; those of the provider
go on, and Do Not Contact with them."""

from __future__ import annotations

import pytest

from crm_sync.pages import APPROVAL_DAG
from standins.process import StandIn
from system.approvals import ask_and_answer, conf_of_newest, run_approved
from system.association import Association, audience, writes
from system.runs import Runs


@pytest.fixture
def four(association: Association, standin: StandIn, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> int:
    """Ann, Bob, Cid and Dora are subscribed to the list whose id this is; then Ann and Bob are deleted from the CRM,
    and a run is held."""
    monkeypatch.setenv("CRM_SYNC_BRAKE_FLOOR", "1")
    news = association.list("News")
    for name in ("Ann", "Bob", "Cid", "Dora"):
        association.contact(name, news)
    runs.sync()
    assert len(audience(standin)) == 4
    standin.clear_requests()
    association.do("delete from crm.contact where first_name in ('Ann', 'Bob')")
    runs.sync()
    return news


def statuses(standin: StandIn) -> dict[str, str]:
    return {address.partition("@")[0]: each.status for address, each in audience(standin).items()}


def newest(runs: Runs, what: str) -> object:
    return runs.ask(f"select {what} from crm_sync.run order by run_id desc limit 1")[0][0]


@pytest.mark.usefixtures("four")
def test_a_held_run_ends_well_and_asks_and_an_approval_starts_one_that_sends(standin: StandIn, runs: Runs) -> None:
    assert set(runs.states.values()) == {"success"}
    assert runs.result("plan")["archive_held"] == 2
    assert (newest(runs, "state"), writes(standin)) == ("held", [])
    held = runs.run_id_in_links()

    question = ask_and_answer("Approve")
    assert question.subject == "Mailchimp: may a run remove this much?"
    assert "The plan removes 2 of 4 people and ends 2 of 4 list memberships at Mailchimp" in question.body
    assert f"/runs/{held}/plugin/crm-sync-run" in question.body
    assert writes(standin) == []

    assert run_approved(runs) == "success"
    assert statuses(standin) == {"ann": "archived", "bob": "archived", "cid": "subscribed", "dora": "subscribed"}
    assert (newest(runs, "state"), newest(runs, "allowed_by")) == ("recorded", "chair")


@pytest.mark.usefixtures("four")
def test_a_rejected_plan_is_not_sent_and_the_next_run_asks_again(standin: StandIn, runs: Runs) -> None:
    before = audience(standin)
    ask_and_answer("Reject")
    runs.sync()
    assert newest(runs, "state") == "held"
    ask_and_answer("Reject")
    assert (writes(standin), audience(standin)) == ([], before)
    assert runs.ask("select distinct answered_by, status from crm_sync.question") == [("chair", "rejected")]

    runs.sync(allow_removals=True)
    assert statuses(standin) == {"ann": "archived", "bob": "archived", "cid": "subscribed", "dora": "subscribed"}


def test_while_it_waits_runs_go_on_with_do_not_contact_and_a_run_with_nothing_new_is_short(
    association: Association, standin: StandIn, runs: Runs, four: int
) -> None:
    runs.sync()
    assert (runs.states["extract"], runs.states["load"], newest(runs, "state")) == ("success", "skipped", "held")

    association.contact("Eve", four)
    association.do("update crm.contact set do_not_contact = true where first_name = 'Cid'")
    runs.sync()
    assert statuses(standin) == {"ann": "subscribed", "bob": "subscribed", "cid": "unsubscribed", "dora": "subscribed"}
    assert runs.ask("select count(*) from crm_sync.question") == [(1,)]

    ask_and_answer("Approve")
    assert run_approved(runs) == "success"
    assert statuses(standin) == {
        "ann": "archived",
        "bob": "archived",
        "cid": "unsubscribed",
        "dora": "subscribed",
        "eve": "subscribed",
    }


def test_an_answer_to_a_question_that_nobody_asks_any_more_does_nothing(
    association: Association, standin: StandIn, runs: Runs, four: int
) -> None:
    def mended() -> None:
        for name in ("Ann", "Bob"):
            association.contact(name, four)
        runs.ask("update crm_sync.question set status = 'withdrawn' returning 1")

    before = conf_of_newest(runs.dag.dag_id)
    ask_and_answer("Approve", mended)
    assert conf_of_newest(runs.dag.dag_id) == before
    runs.sync()
    assert set(statuses(standin).values()) == {"subscribed"}


@pytest.mark.usefixtures("four")
def test_a_dry_run_asks_nobody_and_says_what_would_be_held(runs: Runs) -> None:
    asked = conf_of_newest(APPROVAL_DAG)
    runs.sync(dry_run=True)
    assert conf_of_newest(APPROVAL_DAG) == asked
    assert "a run would wait for a decision: the plan removes 2 of 4 people" in str(newest(runs, "notice"))
