"""What a data team does on an ordinary day takes a few clicks, counted from Airflow's own first page. To approve
(test_approving.py), to connect (test_connecting.py) and to backfill (test_dialogs.py) are counted where they stand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from system.pages.clicks import Clicks
from system.sync_page import Site, Window, unpaused

MOST = 3


@pytest.fixture
def clicks(site: Site, window: Window) -> Iterator[Clicks]:
    """At the first page of Airflow, whose navigation has the sync page; in the end few clicks were needed."""
    window.log_in(site.airflow.client.base_url, "op")
    hand = Clicks(window)
    hand.sync_page()
    yield hand
    assert hand.number <= MOST
    assert window.complaints == []


def test_whether_all_is_well(clicks: Clicks) -> None:
    clicks.window.inside.get_by_label("Is all well?").wait_for()
    assert clicks.number == 1


def test_why_somebody_is_not_there(clicks: Clicks) -> None:
    clicks.link("Why?")
    clicks.window.inside.get_by_label("Name, address or contact id").fill("cid")
    clicks.window.page.keyboard.press("Enter")
    clicks(clicks.window.inside.locator("tbody").get_by_role("link").first)
    clicks.sees("Not held by Mailchimp: set aside")


def test_what_failed_last_night(clicks: Clicks) -> None:
    clicks.link("What failed in the last 24 hours")
    clicks.sees("the last 24 hours")


def test_a_retry(site: Site, clicks: Clicks) -> None:
    site.ask(
        "insert into crm_sync.holding (provider, subscriber_key, address, state, reason) values"
        " ('mailchimp', 'again@example.org', 'again@example.org', 'absent', 'address_taken')"
    )
    try:
        clicks.link("Refused and set aside")
        clicks(
            clicks.window.inside.locator("#mailchimp")
            .get_by_role("row")
            .filter(has_text="address_taken")
            .get_by_text("Retry")
        )
        clicks.sees("1 will be offered again by the next run.")
    finally:
        site.ask("delete from crm_sync.holding where subscriber_key = 'again@example.org'")


def test_an_export(clicks: Clicks) -> None:
    clicks.link("Refused and set aside")
    with clicks.window.page.expect_download():
        clicks.link("Export all as CSV")


def test_a_preview(site: Site, clicks: Clicks) -> None:
    with unpaused(site):
        clicks.window.page.reload()
        clicks.button("Preview")
        clicks.window.inside.get_by_role("heading", name="Mailchimp: preview").wait_for(timeout=180_000)


def test_a_full_sync(site: Site, clicks: Clicks) -> None:
    with unpaused(site):
        clicks.window.page.reload()
        clicks.button("Full sync")
        clicks(clicks.window.inside.locator("#ask").get_by_role("button", name="Full sync"))
        clicks.window.inside.get_by_role("heading", name="Mailchimp: run").wait_for(timeout=180_000)
