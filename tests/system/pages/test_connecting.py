"""Accounts are connected from their cards, tested and disconnected: real logins, real tokens, a real browser."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from crm_sync import providers
from local.background import await_until
from standins import StandIn
from system.pages.clicks import Clicks
from system.pages.test_jobs import MOST
from system.sync_page import PREFIX, Person, Site, Window

NAME, TITLE = "constant_contact", "Constant Contact"
OFFERED = f'action="{PREFIX}/connect/{NAME}"'
BACK = f"/connected/{NAME}"


@pytest.fixture
def site(place: Site) -> Site:
    """Nobody has allowed anything; the one address that is registered is the page's own."""
    place.ask("delete from crm_sync.token")
    place.ask("delete from crm_sync.remembered")
    place.standins[NAME].reset()
    place.standins[NAME].switch(redirect_uris=[place.airflow.client.base_url + PREFIX + BACK])
    return place


@pytest.fixture
def vendor(site: Site) -> StandIn:
    return site.standins[NAME]


def tokens(site: Site) -> list[tuple[str]]:
    return site.ask("select provider from crm_sync.token")


def departure(person: Person) -> str:
    """The address that pressing Connect leads to."""
    answer = person.post(f"/connect/{NAME}", data={"token": person.token("/")})
    assert answer.status_code == 200
    found = re.search(r'<a href="([^"]+)" data-whole data-leave>', answer.text)
    assert found, "no way to the provider"
    return unescape(found[1])


def answered(person: Person) -> dict[str, str]:
    """What the provider sends back with whoever pressed Connect."""
    response = requests.get(departure(person), allow_redirects=False, timeout=10)
    assert response.status_code == 302
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


def returned(person: Person, answer: dict[str, str]) -> requests.Response:
    """The way back."""
    return person.get(BACK, params=answer, allow_redirects=False)


def card(person: Person, name: str) -> str:
    """What a card says."""
    found = re.search(rf'<section class="card[^"]*" id="{name}".*?</section>', person.get("/").text, re.DOTALL)
    assert found, f"no card of {name}"
    return found[0]


def test_by_the_button_through_the_vendors_page_to_the_card_and_away_again(
    site: Site, vendor: StandIn, window: Window
) -> None:
    vendor.switch(consent="ask")
    window.log_in(site.airflow.client.base_url, "op")
    hand = Clicks(window)
    hand.sync_page()
    hand(window.inside.get_by_role("button", name=f"Connect {TITLE}"))
    window.page.get_by_role("heading", name=TITLE).wait_for()
    assert window.page.url.startswith(vendor.url)
    hand(window.page.get_by_role("button", name="Allow"))
    assert hand.number == MOST
    window.page.wait_for_url("**/plugin/crm-sync")
    shown = window.inside.locator(f"#{NAME}")
    shown.get_by_text("Connected as Example Association, ").wait_for()
    assert f"({urlsplit(vendor.url).netloc})" in shown.inner_text()
    assert tokens(site) == [(NAME,)]
    window.picture("connected")

    shown.locator("summary").filter(has_text="Disconnect").click()
    shown.get_by_role("button", name=f"Disconnect {TITLE}").click()
    shown.get_by_text("Not connected: disconnected here by a person").wait_for()
    assert tokens(site) == []
    assert shown.get_by_role("button", name=f"Connect {TITLE}").is_visible()
    assert window.hosts == {"127.0.0.1"}
    assert window.complaints == []


def test_outside_of_airflows_frame_the_button_leads_there_too(site: Site, vendor: StandIn, window: Window) -> None:
    vendor.switch(consent="ask")
    window.log_in(site.airflow.client.base_url, "op")
    window.page.goto(f"{site.airflow.client.base_url}{PREFIX}/")
    window.page.get_by_role("button", name=f"Connect {TITLE}").click()
    window.page.get_by_role("button", name="Deny").click()
    window.page.get_by_text("Constant Contact was not allowed (access_denied)").wait_for()
    assert tokens(site) == []


def test_a_connection_is_linked_where_airflows_own_page_has_it(site: Site, window: Window) -> None:
    admin, known = site.person("admin"), {"connection_id": "votervoice_default", "conn_type": "votervoice"}
    window.log_in(site.airflow.client.base_url, "admin")
    window.page.get_by_role("link", name="CRM Sync").click()
    window.inside.locator("#votervoice").get_by_text("not kept in Airflow's own list").wait_for()
    assert admin.airflow("POST", "/connections", json=known).ok
    try:
        window.inside.get_by_role("link", name="Providers").click()
        window.inside.get_by_role("link", name="Connection votervoice_default").click()
        window.page.wait_for_url("**/connections?name_pattern=votervoice_default*")
    finally:
        assert admin.airflow("DELETE", "/connections/votervoice_default").ok


@pytest.mark.parametrize("name", ["viewer", "user"])
def test_whoever_may_not_change_the_connection_sees_no_button(site: Site, name: str) -> None:
    assert OFFERED in site.person("op").get("/").text
    person = site.person(name)
    assert OFFERED not in person.get("/").text
    for act in ("connect", "disconnect"):
        assert person.post(f"/{act}/{NAME}", data={"token": person.token()}).status_code == 403
    assert returned(person, answered(site.person("op"))).status_code == 403
    assert tokens(site) == []


def test_a_connected_account_offers_to_connect_again(site: Site) -> None:
    op = site.person("op")
    assert "Connect again" not in card(op, NAME)
    assert returned(op, answered(op)).headers["Location"].endswith("/plugin/crm-sync")
    assert "Connect again" in card(op, NAME)
    assert "Connect again" not in card(op, "mailchimp")


def test_an_answer_counts_once_for_whoever_asked_and_for_ten_minutes(site: Site) -> None:
    op, admin = site.person("op"), site.person("admin")
    foreign = answered(op)
    for who, answer in ((admin, foreign), (op, foreign | {"state": "another"}), (op, foreign)):
        refused = returned(who, answer)
        assert (refused.status_code, "another attempt to connect" in refused.text) == (400, True)
    late = answered(op)
    site.ask("update crm_sync.remembered set at = at - interval '11 minutes' where kind = 'connecting'")
    assert "comes too late" in returned(op, late).text
    assert tokens(site) == []

    good = answered(op)
    assert returned(op, good).status_code == 303
    kept = site.ask("select sealed from crm_sync.token")
    assert returned(op, good).status_code == 400
    assert site.ask("select sealed from crm_sync.token") == kept


@pytest.mark.parametrize("answer", [{}, {"code": "x"}, {"code": "x", "state": ""}])
def test_whoever_comes_unasked_is_sent_away(site: Site, answer: dict[str, str]) -> None:
    assert returned(site.person("op"), answer).status_code == 400
    assert tokens(site) == []


def test_who_says_no_keeps_what_was_there(site: Site, vendor: StandIn) -> None:
    op = site.person("op")
    assert returned(op, answered(op)).status_code == 303
    kept = site.ask("select sealed from crm_sync.token")
    vendor.switch(consent="deny")
    refused = returned(op, answered(op))
    assert (refused.status_code, "not allowed (access_denied)" in refused.text) == (400, True)
    assert "press Connect on the sync page" in refused.text
    assert site.ask("select sealed from crm_sync.token") == kept


def test_a_code_that_is_refused_names_the_remedy(site: Site, vendor: StandIn) -> None:
    op = site.person("op")
    answer = answered(op)
    vendor.clock(advance_seconds=301)
    refused = returned(op, answer)
    assert (refused.status_code, "no longer accepts this code" in refused.text) == (400, True)
    vendor.fault("status", status=503, path_regex="/token$", times=1)
    assert returned(op, answered(op)).status_code == 503
    assert tokens(site) == []


def test_a_key_in_the_connection_needs_no_button(site: Site) -> None:
    op = site.person("op")
    shown = card(op, "mailchimp")
    assert "/connect/" not in shown
    assert "mailchimp_default: not kept in Airflow's own list" in unescape(shown)
    answer = op.post("/connect/mailchimp", data={"token": op.token("/")})
    assert (answer.status_code, "is not connected in a browser" in answer.text) == (400, True)


def held(standin: StandIn) -> dict[str, object]:
    """All that is held there; how often it was asked is not."""
    return {name: value for name, value in standin.state().items() if name != "calls_today"}


@pytest.mark.parametrize("name", providers.names())
def test_a_test_says_which_host_answered_and_who_it_is(site: Site, name: str) -> None:
    op, standin = site.person("op"), site.standins[name]
    assert name != NAME or returned(op, answered(op)).status_code == 303
    standin.clear_requests()
    before = held(standin)
    assert op.post(f"/check/{name}", data={"token": op.token("/")}).status_code == 303
    assert standin.requests()["total"] > 0
    assert held(standin) == before != {}
    shown = unescape(card(op, name))
    assert re.search(r"Connected as \S", shown)
    assert f"({urlsplit(standin.url).netloc})." in shown


def test_what_is_wrong_is_said_with_the_remedy(site: Site) -> None:
    op = site.person("op")
    op.post(f"/check/{NAME}", data={"token": op.token("/")})
    shown = card(op, NAME)
    assert "Not connected: Constant Contact is not connected; run crm-sync connect" in shown
    assert "press Connect on the sync page" in shown


def test_no_code_and_no_state_is_in_a_log(site: Site) -> None:
    op, stranger = site.person("op"), site.person()
    answer = answered(op)
    assert returned(stranger, answer).status_code == 401
    assert returned(op, answer).status_code == 303

    def log() -> str:
        return site.airflow.process.log.read_text(errors="replace")

    # A line about a request is written after its answer is sent.
    assert await_until(lambda: log().count(f"path={PREFIX}{BACK}") >= 2, 10)
    assert [secret for secret in answer.values() if secret in log()] == []
