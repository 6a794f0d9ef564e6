"""What the pages once said wrongly, in a browser: each test is a case that a person could read on the page."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_sync.ledger import store
from crm_sync.ledger.database import Database
from crm_sync.pipeline import questions
from system.sync_page import Site, Window

# Nobody has synchronized it here, so that what these tests write is all there is.
PROVIDER = "votervoice"
SENT = "2026-11-20 09:30Z"


@pytest.fixture
def site(place: Site) -> Iterator[Site]:
    """What a test writes of VoterVoice is gone afterwards."""
    yield place
    place.forget(PROVIDER)


def run(site: Site, name: str, state: str, minutes_ago: int = 0, **columns: object) -> int:
    """A run of VoterVoice that began so long ago and has ended; its number."""
    values = {"provider": PROVIDER, "airflow_run_id": name, "state": state, "mode": "changes", **columns}
    ((number,),) = site.ask(
        f"insert into crm_sync.run ({', '.join(values)}, opened_at, finished_at) values"
        f" ({', '.join(['%s'] * len(values))}, now() - make_interval(mins => %s), now() - make_interval(mins => %s))"
        " returning run_id",
        *values.values(),
        minutes_ago,
        minutes_ago,
    )
    return int(number)


def planned(site: Site, number: int, verb: str, who: str, status: str, reason: str) -> None:
    """An operation of a run, with its outcome, counted as at the end of a run."""
    ((made,),) = site.ask(
        "insert into crm_sync.planned_operation (run_id, provider, verb, subscriber_key, address)"
        " values (%s, %s, %s, %s, %s) returning operation_id",
        *(number, PROVIDER, verb, who, who),
    )
    site.ask(
        "insert into crm_sync.outcome (run_id, operation_id, verb, status, reason) values (%s, %s, %s, %s, %s)",
        *(number, made, verb, status, reason),
    )
    site.ask("update crm_sync.run set state = state where run_id = %s", number)


def synchronized(site: Site) -> None:
    """VoterVoice was synchronized once, an hour ago."""
    site.ask("insert into crm_sync.cursor (provider, snapshot) values (%s, pg_current_snapshot()::text)", PROVIDER)
    run(site, "good", "recorded", 60)


def card(site: Site, window: Window, of: str = PROVIDER) -> Any:
    """The card of a provider."""
    window.log_in(site.airflow.client.base_url, "op")
    window.page.get_by_role("link", name="CRM Sync").click()
    return window.inside.locator(f"#{of}")


def tab(site: Site, window: Window, name: str) -> Any:
    """The page of a run of VoterVoice."""
    window.log_in(site.airflow.client.base_url, "op")
    window.page.goto(f"{site.airflow.client.base_url}/crm_sync/run?dag_id=crm_to_{PROVIDER}&run_id={name}")
    return window.page


def why(site: Site, window: Window, contact_id: int) -> Any:
    """The page of a person."""
    window.log_in(site.airflow.client.base_url, "op")
    window.page.goto(f"{site.airflow.client.base_url}/crm_sync/why/{contact_id}")
    return window.page


def test_everything_answered_503_is_failed_and_everybody_waits(site: Site, window: Window) -> None:
    synchronized(site)
    number = run(site, "red", "recorded", 5, left_over=2, waiting=2)
    for who in ("1", "2"):
        planned(site, number, "create", who, "deferred", "load_failed")
        site.ask(
            "insert into crm_sync.holding (provider, subscriber_key, address, state, reason, refused_at)"
            " values (%s, %s, %s, 'absent', 'deferred', %s)",
            *(PROVIDER, who, who, SENT),
        )
    shown = card(site, window)
    shown.get_by_text("2 people wait since").wait_for()
    said = shown.inner_text()
    assert "failed; 2 operations wait" in said
    assert shown.get_by_role("link", name="0 refused: VoterVoice").count() == 1
    window.inside.get_by_label("Is all well?").get_by_text("VoterVoice: the last run failed").wait_for()


def test_an_alert_stands_though_no_channel_took_it(site: Site, window: Window) -> None:
    synchronized(site)
    site.ask(
        "insert into crm_sync.alert (provider, kind, airflow_run_id, met_again_in, untold)"
        " values (%s, 'load_failed', 'red', 'red', 'no channel is set')",
        PROVIDER,
    )
    card(site, window).get_by_text("nobody was notified, because no channel is set").wait_for()
    window.inside.get_by_label("Is all well?").get_by_text("VoterVoice: runs fail").wait_for()


def test_somebody_set_aside_stays_as_they_are(site: Site, window: Window) -> None:
    ann = site.contacts["Ann"]
    change = "update crm.email_address set address = %s where contact_id = %s"
    site.association.do(change, "ann at example.org", ann)
    try:
        page = why(site, window, ann)
        said = page.locator("[aria-labelledby=title-mailchimp]").inner_text()
    finally:
        site.association.do(change, "ann@example.org", ann)
    assert "Held by Mailchimp, and stays as they are there: set aside" in said
    assert "disables" not in said
    assert "leaves with the next run" not in said


@pytest.mark.parametrize("later", ["previewed", "idle", "backfill"])
def test_a_failure_stands_until_a_good_run(site: Site, window: Window, later: str) -> None:
    synchronized(site)
    run(site, "bad", "failed", 30, notice="the key is refused")
    if later == "backfill":
        run(site, "later", "recorded", 10, mode="backfill")
    else:
        run(site, "later", later, 10, dry_run=later == "previewed")
    shown = card(site, window)
    shown.get_by_text("the key is refused").wait_for()
    assert "failed" in shown.inner_text()
    is_over = later == "idle"
    trouble = window.inside.get_by_label("Is all well?").get_by_text("VoterVoice: the last run failed")
    assert trouble.count() == (0 if is_over else 1)


def test_a_preview_says_that_a_run_would_wait(site: Site, window: Window) -> None:
    run(site, "preview", "previewed", dry_run=True, brake="the plan removes 9 of 10 people")
    page = tab(site, window, "preview")
    page.get_by_role("alert").get_by_text("A run would wait for approval: the plan removes 9 of 10 people.").wait_for()
    assert page.get_by_text("This is what a run would do now").count() == 0


def test_a_flag_is_said_to_be_of_the_contact_who_has_it(site: Site, window: Window) -> None:
    shared = "both@example.org"
    fay = site.association.contact("Fay", site.news, address=shared)
    gil = site.association.contact("Gil", site.news, address=shared, do_not_contact=True)
    try:
        said = why(site, window, fay).locator("[aria-labelledby=title-mailchimp]").inner_text()
    finally:
        site.association.do("delete from crm.contact where contact_id in (%s, %s)", fay, gil)
    assert f"Do Not Contact is set on contact {gil}, who shares the address" in said
    assert "for one of its lists" not in said


def test_a_rejected_plan_says_by_whom_and_nothing_of_it_is_pending(site: Site, window: Window) -> None:
    synchronized(site)
    number = run(site, "held", "held", 5)
    planned(site, number, "archive", "1", "held", "awaits_approval")
    ((asked,),) = site.ask(
        "insert into crm_sync.question (provider, run_id, mode, weighed, why)"
        " values (%s, %s, 'changes', '{}', 'too many') returning question_id",
        *(PROVIDER, number),
    )
    site.ask("update crm_sync.run set question_id = %s where run_id = %s", asked, number)
    state = store_of(site)
    assert questions.answer(state, asked, approves=False, who="chair") is not None
    assert questions.answer(state, asked, approves=True, who="op") is None
    state.engine.dispose()
    page = tab(site, window, "held")
    page.get_by_text("what it held back is dropped").wait_for()
    assert "The plan was rejected by chair" in page.inner_text("main")
    page.get_by_role("cell", name="dropped", exact=True).wait_for()
    assert page.get_by_role("cell", name="held back", exact=True).count() == 0
    window.page.goto(f"{site.airflow.client.base_url}/plugin/crm-sync")
    window.inside.get_by_label("Is all well?").get_by_text("VoterVoice: the last plan was rejected").wait_for()


def store_of(site: Site) -> Database:
    """The state database, as the pipeline opens it."""
    from sqlalchemy import create_engine

    from local.world import engine_url

    state = Database(create_engine(engine_url(site.state_dsn)), "the state database")
    store.migrate(state)
    return state


@pytest.mark.parametrize("is_connected", [True, False])
def test_the_account_is_as_the_last_run_found_it(site: Site, window: Window, is_connected: bool) -> None:
    """A test that failed before a good run is not the last word, nor is one that succeeded before the loss."""
    site.ask(
        "insert into crm_sync.remembered (provider, kind, key, value, at) values (%s, 'account_check', 'last',"
        " %s::jsonb, now() - interval '2 hours')",
        PROVIDER,
        '{"is_connected": false, "message": "no answer"}'
        if is_connected
        else '{"is_connected": true, "organization": "Us", "host": "x"}',
    )
    synchronized(site)
    if not is_connected:
        run(site, "bad", "failed", 5)
        site.ask(
            "insert into crm_sync.alert (provider, kind, airflow_run_id, met_again_in)"
            " values (%s, 'connection_lost', 'bad', 'bad')",
            PROVIDER,
        )
    shown = card(site, window)
    shown.get_by_text("Connected, as of the run of" if is_connected else "A run lost its connection").wait_for()
    said = shown.inner_text()
    assert "Not connected" not in said
    assert "Connected as Us" not in said


def test_a_retry_of_nothing_says_to_choose_and_the_export_names_who_is_set_aside(
    site: Site, window: Window, tmp_path: Path
) -> None:
    site.ask(
        "insert into crm_sync.holding (provider, subscriber_key, address, state, reason)"
        " values (%s, '7', 'seven@example.org', 'absent', 'address_taken')",
        PROVIDER,
    )
    card(site, window)
    window.inside.get_by_role("link", name="Refused and set aside").click()
    window.inside.locator(f"#{PROVIDER}").get_by_role("button", name="Retry now").click()
    window.inside.get_by_role("alert").get_by_text("Nothing was chosen.").wait_for()
    assert window.inside.get_by_text("will be offered again").count() == 0
    with window.page.expect_download() as begun:
        window.inside.get_by_role("link", name="with addresses").click()
    begun.value.save_as(tmp_path / "exported.csv")
    with (tmp_path / "exported.csv").open(newline="") as file:
        aside = [row for row in csv.DictReader(file) if row["what"] == "contact"]
    assert ("Cid Example", "cid at example.org") in {(row["name"], row["address"]) for row in aside}
