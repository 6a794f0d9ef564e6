"""One line says whether all is well, and if not what is not; a run that is on says how far it is."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from crm_sync.web import overview
from crm_sync.web.cards import Progress
from crm_sync.web.schedule import Schedule
from unit.web.conftest import Visit
from unit.web.test_nothing_untrue import holding, run

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture
def well(visit: Visit) -> Visit:
    """Mailchimp is in step."""
    run(visit, "good", "recorded", 60, extracted_at="2026-11-24 14:20Z")
    visit.ledger("insert into crm_sync.cursor (provider, snapshot) values ('mailchimp', pg_current_snapshot()::text)")
    return visit


def line(visit: Visit) -> str:
    return visit.get("/").split("Mailchimp switched on")[0].split("Mailchimp paused")[0]


def test_all_in_step_is_said_with_the_time(well: Visit) -> None:
    assert "All in step as of 2026-11-24 14:20 UTC." in line(well)
    run(well, "idle", "idle", 5, extracted_at="2026-11-24 15:00Z")
    assert "All in step as of 2026-11-24 15:00 UTC." in line(well)


@pytest.mark.parametrize("later", [None, "idle", "previewed"])
def test_a_failure_is_said_with_a_link_until_all_is_found_in_step(well: Visit, later: str | None) -> None:
    run(well, "bad", "failed", 30)
    if later:
        run(well, "later", later, 10, dry_run=later == "previewed")
    page = well.page("/")
    assert ("Mailchimp: the last run failed" in page) is (later != "idle")
    assert ("/run?dag_id=crm_to_mailchimp&amp;run_id=bad" in page.split("</section>")[0]) is (later != "idle")


def test_whoever_waits_keeps_it_from_being_well_through_any_idle_run(well: Visit) -> None:
    run(well, "red", "recorded", 30, left_over=1, waiting=1)
    run(well, "idle", "idle", 5)
    holding(well, 1, "active", reason="deferred", refused_at="2026-11-20 09:30Z")
    assert "1 person waits for a later run" in line(well)


def test_an_alert_a_held_plan_and_an_empty_start_are_not_well(well: Visit) -> None:
    well.ledger(
        "insert into crm_sync.alert (provider, kind, airflow_run_id, met_again_in)"
        " values ('mailchimp', 'late', 'r', 'r')"
    )
    assert "no run has ended well for long" in line(well)
    well.ledger("delete from crm_sync.alert")
    held = run(well, "held", "held", 5)
    well.ledger(
        "insert into crm_sync.question (provider, run_id, mode, weighed, why)"
        f" values ('mailchimp', {held}, 'changes', '{{}}', 'too many')"
    )
    assert "Mailchimp: a plan waits for approval" in line(well)
    well.ledger("delete from crm_sync.question; delete from crm_sync.cursor")
    assert "not synchronized yet" in line(well)


def planned(well: Visit, monkeypatch: pytest.MonkeyPatch, **schedule: Any) -> None:
    found = {"mailchimp": Schedule(is_known=True, **schedule)}
    monkeypatch.setattr(overview, "schedules", lambda _: found)
    monkeypatch.setattr("crm_sync.web.run.schedules", lambda _: found)


def test_a_run_that_is_on_says_how_far_it_is_and_the_page_looks_again(
    well: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = run(well, "on", "planned", 1, planned=100, planned_at="2026-11-24 15:00Z")
    well.ledger(
        "insert into crm_sync.call (run_id, provider, operation_ids, first_id, last_id, applied, answered_at)"
        f" values ({number}, 'mailchimp', '{{}}', 1, 1, 40, now())"
    )
    planned(well, monkeypatch, running=("on",))
    assert "sending" in well.get("/")
    assert "40 of 100, expected to end at" in well.get("/")
    assert 'data-reload="5"' in well.page("/")
    planned(well, monkeypatch, running=())
    assert "ended in Airflow" in line(well)
    assert "data-reload" not in well.page("/")
    assert "ended in Airflow" in well.get("/run?dag_id=crm_to_mailchimp&run_id=on")


def test_a_queued_run_says_what_it_waits_for(well: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    planned(well, monkeypatch, running=("one",), queued=("two",))
    assert "two waits for the run before it, one" in well.get("/")
    assert "It waits for the run before it, one." in well.get("/run?dag_id=crm_to_mailchimp&run_id=two")
    assert "It waits for a worker" in well.get("/run?dag_id=crm_to_mailchimp&run_id=one")
    planned(well, monkeypatch, is_paused=True, running=(), queued=("two",))
    assert "unpause the DAG" in well.get("/run?dag_id=crm_to_mailchimp&run_id=two")


@pytest.mark.parametrize(("done", "ends"), [(0, None), (1, None), (25, 30.0), (100, 0.0), (130, 0.0)])
def test_when_a_run_ends_is_told_by_what_it_took_so_far(done: int, ends: float | None) -> None:
    row = SimpleNamespace(done=done, planned=100, planned_at=NOW - timedelta(minutes=10), now=NOW)
    found = Progress.of(row)
    assert (found.ends_at and (found.ends_at - NOW) / timedelta(minutes=1)) == ends


def test_a_connection_that_airflow_does_not_keep_is_not_linked(well: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    linked = "connections?name_pattern=mailchimp_default"
    assert linked in well.page("/")
    monkeypatch.setattr(overview, "kept_connections", lambda _: set())
    assert linked not in well.page("/")
    assert "the environment or a secrets backend" in well.get("/")


def looked(visit: Visit, seconds_ago: float, waits_for: str = "") -> None:
    visit.ledger(
        "insert into crm_sync.live_look (provider, looked_at, waits_for)"
        f" values ('mailchimp', now() - make_interval(secs => {seconds_ago}), '{waits_for}')"
    )


def test_a_card_says_that_changes_start_runs_and_when_the_watcher_looked(well: Visit) -> None:
    assert "not live: nothing has looked for changes, so they wait for the next run" in well.get("/")
    looked(well, 3)
    assert re.search(r"live: a change in the CRM starts a run; looked [3-9] s ago", well.get("/"))


def test_a_watcher_that_looks_no_more_is_not_called_live(well: Visit) -> None:
    looked(well, 600)
    assert "not live: nothing has looked for changes for 10 minutes, so they wait" in well.get("/")


def test_the_card_says_that_the_rest_of_the_days_calls_is_kept_for_the_schedule(well: Visit) -> None:
    looked(well, 3, "calls_of_day")
    assert "waits: half of today's calls are used" in well.get("/")


def test_a_provider_that_goes_by_the_clock_alone_says_nothing_of_it(
    well: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_SYNC_PROVIDERS__MAILCHIMP__LIVE", "false")
    looked(well, 3)
    assert "live: " not in well.get("/")
