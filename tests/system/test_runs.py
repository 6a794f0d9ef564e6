"""Runs that are not the usual one: dry, idle, switched off, made again, and two at once."""

from __future__ import annotations

import pytest

from crm_sync.pipeline import TASKS
from standins.process import StandIn
from system.accounts import Held
from system.association import Association, audience, writes
from system.runs import Runs

NEWS = frozenset({"News"})


def test_a_dry_run_shows_what_would_happen_and_sends_nothing(
    association: Association, standin: StandIn, runs: Runs
) -> None:
    news = association.list("News")
    ann = association.contact("Ann", news)
    runs.sync()
    standin.act("unsubscribe", address="ann@example.org")
    association.contact("Bob", news)
    before = audience(standin)
    standin.clear_requests()

    runs.sync(dry_run=True)

    assert runs.states["plan"] == "success"
    assert (runs.states["load"], runs.states["record"]) == ("skipped", "skipped")
    assert runs.result("plan")["create"] == 1
    assert standin.requests()["total"] > 0
    assert writes(standin) == []
    assert audience(standin) == before
    assert association.flagged_lists(ann) == set()

    runs.sync()
    assert audience(standin)["bob@example.org"] == Held("subscribed", NEWS)
    assert association.flagged_lists(ann) == {news}


def test_a_run_that_finds_nothing_changed_skips_the_rest(
    association: Association, standin: StandIn, runs: Runs
) -> None:
    association.contact("Ann", association.list("News"))
    runs.sync()
    assert set(runs.states.values()) == {"success"}

    runs.sync()

    done = {name for name, state in runs.states.items() if state == "success"}
    assert done == {"extract"}
    assert {state for name, state in runs.states.items() if name not in done} == {"skipped"}
    assert runs.result("extract")["idle"] == 1


def test_a_provider_that_is_switched_off_is_skipped_visibly(
    association: Association, standin: StandIn, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    association.contact("Ann", association.list("News"))
    monkeypatch.setenv("CRM_SYNC_PROVIDERS__MAILCHIMP__ENABLED", "false")

    runs.sync()

    assert runs.states == dict.fromkeys(TASKS, "skipped")
    assert standin.requests()["total"] == 0


def test_xcom_holds_numbers_only(association: Association, runs: Runs) -> None:
    association.contact("Ann", association.list("News"))
    runs.sync()
    results = {task: runs.result(task) for task in TASKS}
    assert all(results.values())
    values = [value for counts in results.values() for value in counts.values()]
    assert {type(value) for value in values} == {int}
    assert {counts["run_id"] for counts in results.values()} == set(runs.ask("select run_id from crm_sync.run")[0])


@pytest.mark.parametrize("task", TASKS)
def test_any_task_can_be_cleared_and_run_again(
    association: Association, standin: StandIn, runs: Runs, task: str
) -> None:
    news = association.list("News")
    ann = association.contact("Ann", news)
    association.contact("Bob", news)
    runs.sync()
    before = audience(standin)
    assert before == {"ann@example.org": Held("subscribed", NEWS), "bob@example.org": Held("subscribed", NEWS)}

    for again in list(TASKS)[list(TASKS).index(task) :]:
        assert runs.again(again) == "success"
    assert audience(standin) == before

    association.leave(ann, news)
    runs.sync()
    assert audience(standin) == {"ann@example.org": Held("archived"), "bob@example.org": Held("subscribed", NEWS)}


@pytest.mark.parametrize("task", TASKS)
def test_a_task_cleared_alone_does_no_harm(association: Association, standin: StandIn, runs: Runs, task: str) -> None:
    news = association.list("News")
    ann = association.contact("Ann", news)
    runs.sync()
    before = audience(standin)
    assert before == {"ann@example.org": Held("subscribed", NEWS)}

    assert runs.again(task) == "success"
    assert audience(standin) == before

    association.leave(ann, news)
    association.contact("Bob", news)
    runs.sync()
    assert audience(standin) == {"ann@example.org": Held("archived"), "bob@example.org": Held("subscribed", NEWS)}


def test_an_old_run_is_not_played_again_over_a_newer_one(
    association: Association, standin: StandIn, runs: Runs
) -> None:
    news = association.list("News")
    ann = association.contact("Ann", news)
    runs.sync()
    first = runs.last
    association.leave(ann, news)
    runs.sync()
    assert audience(standin) == {"ann@example.org": Held("archived")}

    assert runs.again("plan", of=first) == "failed"
    assert runs.again("load", of=first) == "failed"

    assert audience(standin) == {"ann@example.org": Held("archived")}
