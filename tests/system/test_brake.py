"""A plan that would take away too much waits for a person, with the numbers; nothing is sent before they have said
yes, nor ever where they say no."""

from __future__ import annotations

import pytest

from standins.process import StandIn
from system.approvals import answering
from system.association import Association, Held, audience, writes
from system.runs import Runs

NEWS = Held("subscribed", frozenset({"News"}))


@pytest.fixture
def three(association: Association, standin: StandIn, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> int:
    """Ann, Bob and Cid are subscribed to the list whose id this is; then Ann and Bob are deleted from the CRM."""
    monkeypatch.setenv("CRM_SYNC_BRAKE_FLOOR", "1")
    news = association.list("News")
    for name in ("Ann", "Bob", "Cid"):
        association.contact(name, news)
    runs.sync()
    assert len(audience(standin)) == 3
    standin.clear_requests()
    association.do("delete from crm.contact where first_name in ('Ann', 'Bob')")
    return news


def statuses(standin: StandIn) -> dict[str, str]:
    return {address.partition("@")[0]: each.status for address, each in audience(standin).items()}


@pytest.mark.usefixtures("three")
def test_a_run_that_would_take_away_too_much_waits_and_goes_on_when_approved(standin: StandIn, runs: Runs) -> None:
    with answering("Approve", lambda: writes(standin)) as asked:
        runs.sync()

    assert asked.seen == [[]]
    (question,) = asked.questions
    assert question.subject == "crm_to_mailchimp: may this run take away so much?"
    assert "The plan would take away 2 of 3 people and 2 of 3 list memberships at Mailchimp" in question.body
    assert f"/runs/{runs.run_id_in_links()}/plugin/crm-sync-run" in question.body
    assert statuses(standin) == {"ann": "archived", "bob": "archived", "cid": "subscribed"}
    assert runs.result("record")["applied"] == 4
    notice = runs.ask("select notice, allowed_by from crm_sync.run order by run_id desc limit 1")
    assert notice[0][1] == "chair"
    assert "2 people and 2 list memberships was approved by chair" in notice[0][0]


@pytest.mark.usefixtures("three")
def test_a_rejected_plan_ends_the_run_and_the_next_one_asks_again(
    association: Association, standin: StandIn, runs: Runs
) -> None:
    before = audience(standin)
    with answering("Reject", lambda: writes(standin)) as asked:
        assert runs.run() == "failed"
    assert asked.seen == [[]]
    assert (runs.states["plan"], runs.states["load"]) == ("failed", "upstream_failed")
    assert runs.tries("plan") == 1

    with answering("Reject", lambda: writes(standin)):
        assert runs.run() == "failed"
    assert writes(standin) == []
    assert audience(standin) == before

    runs.sync(allow_removals=True)
    assert statuses(standin) == {"ann": "archived", "bob": "archived", "cid": "subscribed"}


def test_what_changed_while_the_run_waited_is_part_of_what_is_sent(
    association: Association, standin: StandIn, runs: Runs, three: int
) -> None:
    def meanwhile() -> None:
        association.contact("Dora", three)
        association.do("update crm.contact set do_not_contact = true where first_name = 'Cid'")

    with answering("Approve", meanwhile):
        runs.sync()

    assert audience(standin)["dora@example.org"] == NEWS
    assert statuses(standin) == {"ann": "archived", "bob": "archived", "cid": "unsubscribed", "dora": "subscribed"}


def test_much_more_than_was_approved_is_not_sent_and_the_next_run_asks_anew(
    association: Association, standin: StandIn, runs: Runs, three: int
) -> None:
    for name in ("Eve", "Fay", "Gus"):
        association.contact(name, three)
    runs.sync(allow_removals=True)
    association.do("delete from crm.contact where first_name in ('Eve', 'Fay')")

    def the_rest_goes_too() -> list[str]:
        association.do("delete from crm.contact")
        return writes(standin)

    standin.clear_requests()
    with answering("Approve", the_rest_goes_too) as asked:
        assert runs.run() == "failed"
    assert asked.seen == [[]]
    assert "2 of 4 people" in asked.questions[0].body
    assert writes(standin) == []

    with answering("Approve", lambda: writes(standin)) as asked:
        runs.sync()
    assert asked.seen == [[]]
    assert "4 of 4 people" in asked.questions[0].body
    assert set(statuses(standin).values()) == {"archived"}


def test_nothing_is_asked_again_when_the_crm_was_mended_while_the_run_waited(
    association: Association, standin: StandIn, runs: Runs, three: int
) -> None:
    def mended() -> None:
        for name in ("Ann", "Bob"):
            association.contact(name, three)

    with answering("Approve", mended):
        runs.sync()

    assert statuses(standin) == {"ann": "subscribed", "bob": "subscribed", "cid": "subscribed"}
