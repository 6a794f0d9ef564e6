"""A full synchronization is started from Airflow's own dialog, which says what each field does, and a backfill from the
card."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from local.background import await_until
from system.association import DAG_ID
from system.pages.clicks import Clicks
from system.sync_page import Site, Window, unpaused

SECONDS = 120.0
CLOSED = {"recorded", "idle"}
MOST_FOR_A_BACKFILL = 5


def dialog(window: Window, site: Site) -> Any:
    """What the button Trigger of the DAG's page opens."""
    window.log_in(site.airflow.client.base_url, "op")
    window.page.goto(f"{site.airflow.client.base_url}/dags/{DAG_ID}")
    window.page.get_by_role("button", name="Trigger Dag").click()
    return window.page.get_by_role("dialog").filter(has_text=DAG_ID)


def runs(site: Site, mode: str) -> list[tuple[Any, ...]]:
    """Those of a mode that have ended, newest first: Airflow's id, and the time they look at."""
    query = "select airflow_run_id, since, until, state from crm_sync.run where mode = %s order by run_id desc"
    return [row[:3] for row in site.ask(query, mode) if row[3] in CLOSED]


def by_hand(site: Site) -> list[tuple[Any, ...]]:
    """Full runs that a person started: one by the clock may be full, too, and have looked before."""
    return [row for row in runs(site, "full") if row[0].startswith("manual__")]


def test_a_full_synchronization_is_started_from_the_form(site: Site, window: Window) -> None:
    before = by_hand(site)
    site.standin.act("set_merge_fields", address="ann@example.org", merge_fields={"FNAME": "Spoiled"})
    with unpaused(site):
        form = dialog(window, site)
        form.get_by_text("compared with what the provider holds now").wait_for()
        form.get_by_role("combobox").first.focus()
        window.page.keyboard.type("everything")
        window.page.keyboard.press("Enter")
        window.picture("full-sync")
        form.get_by_role("button", name="Trigger").last.click()
        assert await_until(lambda: len(by_hand(site)) == len(before) + 1, SECONDS)
    names = {each["address"]: each["merge_fields"]["FNAME"] for each in site.standin.state()["members"]}
    assert names["ann@example.org"] == "Ann"
    assert window.complaints == []


def test_a_backfill_is_started_from_the_card(site: Site, window: Window) -> None:
    before = runs(site, "backfill")
    last = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(days=1)
    first = last.replace(minute=0)
    window.log_in(site.airflow.client.base_url, "op")
    hand = Clicks(window)
    with unpaused(site):
        hand.sync_page()
        card = window.inside.locator("#mailchimp")
        hand(card.locator("summary").filter(has_text="Backfill"))
        for label, moment in (("From (UTC)", first), ("To (UTC)", first + timedelta(minutes=9))):
            hand(card.get_by_label(label))
            card.get_by_label(label).fill(f"{moment:%Y-%m-%dT%H:%M}")
        window.picture("backfill")
        hand(card.get_by_role("button", name="Send again"))
        hand.sees("Airflow has made backfill")
        assert hand.number <= MOST_FOR_A_BACKFILL
        assert await_until(lambda: len(runs(site, "backfill")) > len(before), SECONDS)
    assert runs(site, "backfill")[0][1:] == (first, first + timedelta(minutes=10))
    assert window.complaints == []
