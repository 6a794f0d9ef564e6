"""When the watch tells of a provider that is late, and a run of its failure where no task could."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from system.moments import at, ended, left_over, migrated

HALF_AN_HOUR = timedelta(minutes=30)
LATE = "CRM Sync: Mailchimp has had no successful run for a long time"


def look(late_after: timedelta = HALF_AN_HOUR) -> None:
    """The watch looks at Mailchimp."""
    from crm_sync.alerts import report_late
    from crm_sync.hooks.database import state_database

    with state_database() as state:
        report_late(state, "mailchimp", late_after, at("look"))


def test_a_provider_that_is_late_is_told_once_with_what_is_known_to_be_wrong(told: Any, state_dsn: str) -> None:
    from crm_sync.alerts import report_failure

    ended(migrated(state_dsn), "scheduled__1", "recorded", "40 minutes")
    ended(state_dsn, "scheduled__3", "failed", "10 minutes")
    report_failure(at("load", "scheduled__2"))
    for _ in range(2):
        look()

    assert told.subjects()[1:] == [LATE]
    assert "No run has succeeded since 20" in told.texts()[1]
    assert "Open: runs failed, since 20" in told.texts()[1]
    assert "/dags/crm_to_mailchimp/runs/scheduled__3/" in told.texts()[1]


@pytest.mark.parametrize("state", ["idle", "recorded"])
def test_a_provider_is_not_late_where_a_run_has_ended_well(told: Any, state_dsn: str, state: str) -> None:
    ended(migrated(state_dsn), "scheduled__4", state, "20 minutes")
    look()
    assert told.subjects() == []

    look(HALF_AN_HOUR / 2)
    assert told.subjects() == [LATE]


@pytest.mark.parametrize("state", ["failed", "previewed", "planned", "recorded"])
def test_only_a_run_that_sent_all_it_had_planned_has_ended_well(told: Any, state_dsn: str, state: str) -> None:
    ended(migrated(state_dsn), "scheduled__4", state, "1 minute")
    left_over(state_dsn, "scheduled__4")
    look()
    assert told.subjects() == [], "it has only begun to be watched"

    watched_for(state_dsn, "40 minutes")
    look()

    assert told.subjects() == [LATE]
    assert "No run has succeeded yet." in told.texts()[0]


def watched_for(state_dsn: str, how_long: str) -> None:
    """Mailchimp has been watched for so long."""
    with psycopg.connect(state_dsn) as connection:
        moved = connection.execute("update crm_sync.watch set since = since - %s::interval", [how_long])
        assert moved.rowcount == 1


def test_a_provider_of_which_no_run_was_ever_queued_is_late_all_the_same(told: Any, state_dsn: str) -> None:
    look()
    watched_for(state_dsn, "40 minutes")
    look()

    assert told.subjects() == [LATE]
    assert "All its runs: " in told.texts()[0]
    assert "/runs/" not in told.texts()[0], "there is none to look at"


def test_the_time_in_which_a_provider_was_off_does_not_make_it_late(told: Any, state_dsn: str) -> None:
    from crm_sync.hooks.database import state_database

    ended(migrated(state_dsn), "scheduled__1", "recorded", "40 days")
    with state_database() as state, state.transaction() as transaction:
        transaction.run("watch/watch_off", provider="mailchimp")
    look()
    assert told.subjects() == []

    watched_for(state_dsn, "40 minutes")
    look()
    assert told.subjects() == [LATE]


def of_run(run: str = "scheduled__3", stage: str = "record") -> Any:
    """What Airflow gives the callback of a failed run."""
    return {**at(stage, run), "dag": SimpleNamespace(dag_id="crm_to_mailchimp"), "run_id": run}


def test_a_failed_run_of_which_no_task_could_tell_is_told_once(told: Any) -> None:
    from crm_sync.alerts import report_failed_run

    for _ in range(2):
        report_failed_run(of_run())

    assert told.subjects() == ["CRM Sync: Mailchimp failed at record"]
    assert "none of its tasks could report why" in told.texts()[0]


def test_a_failed_run_of_which_a_task_has_told_is_not_told_again(told: Any) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    from crm_sync.alerts import report_failed_run, report_failure
    from crm_sync.alerts.kinds import ConnectionLost

    for error in (AirflowFailException("500"), ConnectionLost("401")):
        report_failure(at("load", exception=error))
    before = told.subjects()
    report_failed_run(of_run())

    assert told.subjects() == before
    assert len(before) == 2


def test_a_failed_run_without_a_failed_task_is_told_with_what_airflow_gives(told: Any) -> None:
    from crm_sync.alerts import report_failed_run

    report_failed_run({"dag": SimpleNamespace(dag_id="crm_to_mailchimp"), "run_id": "scheduled__3", "reason": "x"})

    assert told.subjects() == ["CRM Sync: Mailchimp failed at a stage"]


NOT_LIVE = "CRM Sync: Mailchimp waits for its schedule"


def look_for_the_watcher(longest: timedelta | None = HALF_AN_HOUR) -> None:
    """The watch looks whether somebody looks for changes."""
    from crm_sync.alerts import report_live
    from crm_sync.hooks.database import state_database

    with state_database() as state:
        report_live(state, "mailchimp", longest, at("look"))


def looked(state_dsn: str, how_long_ago: str) -> None:
    """The watcher for changes has looked then, and not since."""
    with psycopg.connect(state_dsn) as connection:
        connection.execute(
            "insert into crm_sync.live_look (provider, looked_at) values ('mailchimp', now() - %s::interval)"
            " on conflict (provider) do update set looked_at = excluded.looked_at",
            [how_long_ago],
        )


@pytest.mark.parametrize("end", ["it looks again", "it is switched off"])
def test_a_watcher_for_changes_that_looks_no_more_is_told_once_and_so_is_its_end(
    told: Any, state_dsn: str, end: str
) -> None:
    looked(migrated(state_dsn), "40 minutes")
    for _ in range(2):
        look_for_the_watcher()
    assert told.subjects() == [NOT_LIVE]
    assert "for 40 minutes" in told.texts()[0]
    assert "live = false" in told.texts()[0]

    if end == "it looks again":
        looked(state_dsn, "1 second")
    look_for_the_watcher(HALF_AN_HOUR if end == "it looks again" else None)
    assert told.subjects()[1:] == ["CRM Sync: Mailchimp recovered"]


def test_where_no_watcher_ever_looked_none_is_missed(told: Any, state_dsn: str) -> None:
    migrated(state_dsn)
    look_for_the_watcher()
    assert told.subjects() == []


def test_of_a_provider_that_is_switched_off_no_watcher_is_missed(
    told: Any, state_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crm_sync.hooks.database import state_database
    from crm_sync.operators import watch
    from crm_sync.settings import Settings

    looked(migrated(state_dsn), "40 minutes")
    look_for_the_watcher()
    monkeypatch.setattr(watch, "_is_on", lambda *_: False)
    with state_database() as state:
        assert not watch._look(state, "mailchimp", Settings(), at("look"))
    assert told.subjects() == [NOT_LIVE, "CRM Sync: Mailchimp recovered"]


@pytest.mark.parametrize("is_on", [True, False])
def test_the_lag_is_measured_of_each_provider_that_is_watched(
    told: Any, state_dsn: str, is_on: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crm_sync.hooks.database import state_database
    from crm_sync.operators import watch
    from crm_sync.settings import Settings

    measured: list[str] = []
    monkeypatch.setattr(watch, "measure_lag", lambda _, provider: measured.append(provider))
    monkeypatch.setattr(watch, "_is_on", lambda *_: is_on)
    migrated(state_dsn)
    with state_database() as state:
        watch._look(state, "mailchimp", Settings(), at("look"))
    assert measured == ["mailchimp"] * is_on
