"""On its card a person says whose account answers: the same as `crm-sync account`, by the rights of the connection."""

from __future__ import annotations

from typing import Any

import pytest

from system.association import DAG_ID
from system.sync_page import PREFIX, Site, Window

NAME, TITLE = "mailchimp", "Mailchimp"
OFFERED = f'action="{PREFIX}/account/{NAME}"'
SAID = "select said, said_by from crm_sync.account_said where provider = 'mailchimp'"


@pytest.fixture(autouse=True)
def nothing_said(site: Site) -> None:
    site.ask("delete from crm_sync.account_said")


def cursor(site: Site) -> Any:
    return site.ask("select account from crm_sync.cursor where provider = 'mailchimp'")


def test_by_the_button_it_is_another_account_and_the_card_says_who_said_so(site: Site, window: Window) -> None:
    assert DAG_ID.endswith(NAME)
    before = cursor(site)
    window.log_in(site.airflow.client.base_url, "op")
    window.page.get_by_role("link", name="CRM Sync").click()
    shown = window.inside.locator(f"#{NAME}")
    shown.get_by_text("Whose account is it?").click()
    shown.get_by_role("button", name=f"{TITLE}: this is another account").click()
    shown.get_by_text("another account than before: the next run sends everyone, by op").wait_for()
    assert site.ask(SAID) == [("another", "op")]
    shown.get_by_text("Whose account is it?").click()
    shown.get_by_role("button", name=f"{TITLE}: this is the same account").click()
    shown.get_by_text("the same account as before, under another name, by op").wait_for()
    assert site.ask(SAID) == [("same", "op")]
    assert cursor(site) == before, "the ledger is turned by a run, not by a word"
    assert window.complaints == []


@pytest.mark.parametrize("name", ["viewer", "user"])
def test_whoever_may_not_change_the_connection_says_nothing(site: Site, name: str) -> None:
    assert OFFERED in site.person("op").get("/").text
    person = site.person(name)
    assert OFFERED not in person.get("/").text
    answer = person.post(f"/account/{NAME}", data={"token": person.token(), "says": "another"})
    assert answer.status_code == 403
    assert site.ask(SAID) == []


def test_another_word_and_a_form_of_nobody_are_refused(site: Site) -> None:
    op = site.person("op")
    for data, status in (
        ({"token": op.token(), "says": "perhaps"}, 400),
        ({"token": op.token()}, 400),
        ({"token": "none", "says": "same"}, 403),
    ):
        assert op.post(f"/account/{NAME}", data=data).status_code == status
    assert op.post("/account/nobody", data={"token": op.token(), "says": "same"}).status_code == 404
    assert site.ask(SAID) == []
