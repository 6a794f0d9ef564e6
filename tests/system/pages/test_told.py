"""A mail says what is wrong; its links lead a browser to the run, the card shows it, and its end comes by mail too."""

from __future__ import annotations

import re

from local.background import await_until
from system.association import DAG_ID, KEY
from system.sync_page import Site, Window, unpaused

SECONDS = 120.0
LOST = "CRM Sync: Mailchimp has lost its connection"
LAST_RUN = "select state from crm_sync.run where provider = 'mailchimp' order by run_id desc limit 1"
RECOVERED = "CRM Sync: Mailchimp recovered"


def link(text: str, name: str) -> str:
    """Where a line of a message leads."""
    found = re.search(rf"{name}: (?:<[^>]*>)*(http[^\s<\"]+)", text)
    assert found, f"no {name} in {text}"
    return found[1]


def test_from_the_mail_to_the_run_from_the_card_to_its_log_and_the_end_is_told(site: Site, window: Window) -> None:
    before = len(site.post.subjects())
    window.log_in(site.airflow.client.base_url, "op")
    site.standin.switch(api_key="another-us1")
    try:
        with unpaused(site):
            window.page.get_by_role("link", name="CRM Sync").click()
            card = window.inside.locator("#mailchimp")
            card.get_by_role("button", name="Sync now").click()
            assert await_until(lambda: site.post.subjects()[before:] == [LOST], SECONDS)
            assert await_until(lambda: site.ask(LAST_RUN) == [("failed",)], SECONDS)
    finally:
        site.standin.switch(api_key=KEY)

    window.page.goto(link(site.post.text(LOST), "What it did"))
    window.inside.get_by_role("heading", name="Mailchimp: run").wait_for()
    window.page.get_by_role("link", name="CRM Sync").click()
    card.get_by_text("the connection is lost").wait_for()
    card.get_by_role("button", name="Test").scroll_into_view_if_needed()
    window.picture("alert")
    card.get_by_role("link", name="its latest run").click()
    window.page.wait_for_url(f"**/dags/{DAG_ID}/runs/*")
    window.page.goto(link(site.post.text(LOST), "Log"))
    window.page.get_by_text("refused the key (401)").first.wait_for()

    with unpaused(site):
        window.page.get_by_role("link", name="CRM Sync").click()
        card.get_by_role("button", name="Sync now").click()
        # Others may follow: of people whom another test left refused, a run that is well again tells as well.
        assert await_until(lambda: site.post.subjects()[before:][:2] == [LOST, RECOVERED], SECONDS)
    window.inside.get_by_role("link", name="Providers").click()
    card.get_by_text("Account", exact=True).wait_for()
    assert card.get_by_text("the connection is lost").count() == 0
    assert window.complaints == []
