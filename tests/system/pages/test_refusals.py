"""Whom a provider does not hold as the CRM says: counted by reason, exported, and offered again from the page."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_sync import providers
from system.sync_page import Site, Window


@pytest.fixture
def refused(site: Site) -> Iterator[str]:
    """Somebody whose address Mailchimp did not take: their subscriber_key."""
    subscriber_key = "refused@example.org"
    site.ask(
        "insert into crm_sync.holding (provider, subscriber_key, address, state, reason) values"
        " ('mailchimp', %s, %s, 'absent', 'address_taken')",
        subscriber_key,
        subscriber_key,
    )
    yield subscriber_key
    site.ask("delete from crm_sync.holding where subscriber_key = %s", subscriber_key)


def offered_again(site: Site) -> list[tuple[str]]:
    """Whom the next run takes up, though they were refused."""
    return site.ask("select subscriber_key from crm_sync.holding where retry_at <= now()")


def test_a_retry_offers_the_chosen_again(site: Site, refused: str) -> None:
    user = site.person("user")
    answer = user.post("/retry/mailchimp", data={"token": user.token(), "reason": ["address_taken", "opted_out"]})
    assert "retried=1" in answer.headers["Location"]
    assert offered_again(site) == [(refused,)]


def test_an_export_holds_no_formula(site: Site) -> None:
    site.ask(
        "insert into crm_sync.holding (provider, subscriber_key, address, state, reason) values"
        " ('mailchimp', 'formula@example.org', '@formula', 'absent', '=1+1')"
    )
    try:
        lines = site.person("op").get("/exceptions.csv?addresses=true&reason=%3D1%2B1").text.splitlines()
    finally:
        site.ask("delete from crm_sync.holding where subscriber_key = 'formula@example.org'")
    assert lines[1:] == ["mailchimp,subscriber,,,'=1+1,'=1+1,,,,'@formula,"]


def test_in_the_browser_they_are_counted_exported_and_offered_again(
    site: Site, window: Window, refused: str, tmp_path: Path
) -> None:
    window.log_in(site.airflow.client.base_url, "op")
    window.page.get_by_role("link", name="CRM Sync").click()
    window.inside.get_by_role("link", name="Refused and set aside").click()
    card = window.inside.locator("#mailchimp")
    card.get_by_text("address_taken").wait_for()
    (taken,) = card.get_by_role("row").filter(has_text="address_taken").all_inner_texts()
    what = providers.get("mailchimp").reasons["address_taken"]
    assert taken.split("\t")[1:5] == [what.meaning, what.remedy, "address_taken", "1"]
    assert card.get_by_role("row").filter(has_text="the e-mail address is not valid").count() == 1
    assert window.inside.locator("#votervoice").get_by_text("Nobody is refused or set aside.").is_visible()
    window.picture("refused")

    with window.page.expect_download() as begun:
        window.inside.get_by_role("link", name="Export all as CSV").click()
    begun.value.save_as(tmp_path / "exported.csv")
    with (tmp_path / "exported.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["provider"], row["reason"]) for row in rows} >= {
        ("mailchimp", "address_taken"),
        ("mailchimp", "address_not_valid"),
    }
    assert "address" not in rows[0]

    card.get_by_label(f"Choose: {what.meaning}").check()
    card.get_by_role("button", name="Retry now").click()
    window.inside.get_by_text("1 will be offered again by the next run.").wait_for()
    assert offered_again(site) == [(refused,)]
    assert window.complaints == []
