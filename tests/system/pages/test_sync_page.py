"""The sync page as people of each role meet it: a real Airflow, real logins, and a real browser."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest

from local.background import await_until
from system.association import DAG_ID, KEY, PERSON, audience
from system.sync_page import FIRST, PREVIEW, RUN, Site, Window, unpaused

RUN_SECONDS = 120.0
OF_VOTERVOICE = "select state from crm_sync.run where provider = 'votervoice'"
NAMED = re.compile(r"(Ann|Bob|Cid|Dora|Eve) Example")


def test_whoever_may_not_see_people_sees_none(site: Site) -> None:
    viewer = site.person("viewer")
    pages = {
        path: viewer.get(path).text for path in ("/", "/exceptions", "/exceptions.csv", RUN + FIRST, RUN + PREVIEW)
    }
    assert all(len(text) > 60 for text in pages.values())
    assert [path for path, text in pages.items() if PERSON.search(text) or NAMED.search(text)] == []
    assert "data-dag" not in pages["/"]
    assert "data-dag" in site.person("user").get("/").text


def test_looking_is_noted_and_nobody_is_named_in_a_log(site: Site) -> None:
    op = site.person("op")
    site.ask("delete from crm_sync.looked_at")
    found = op.post("/why", data={"token": op.token(), "q": "ann@example.org"}).text
    assert "Ann Example" in found
    assert "ann@example.org" in op.get(f"/why/{site.contacts['Ann']}").text
    assert "bob@example.org" in op.get("/exceptions.csv?addresses=true").text

    noted = site.ask("select who, contact_id, what from crm_sync.looked_at order by looked_id")
    ann, bob, cid = (site.contacts[name] for name in ("Ann", "Bob", "Cid"))
    assert noted == [("op", ann, "found"), ("op", ann, "explained"), ("op", bob, "exported"), ("op", cid, "exported")]
    log = site.airflow.process.log.read_text(errors="replace")
    assert "path=/crm_sync/why" in log
    assert [line for line in log.splitlines() if PERSON.search(line) or KEY in line] == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Ann", "Held by Mailchimp."),
        ("Bob", "Not held by Mailchimp: opted out at Mailchimp on 20"),
        ("Cid", "Not held by Mailchimp: set aside until corrected in the CRM: the e-mail address is not valid."),
        ("Dora", "Not held by Mailchimp: not eligible: Do Not Contact is set."),
    ],
)
def test_why_is_told_in_plain_words(site: Site, name: str, said: str) -> None:
    shown = site.person("op").get(f"/why/{site.contacts[name]}").text
    assert said in shown
    assert f"{name} Example" in shown


def test_an_unknown_contact_is_not_found(site: Site) -> None:
    assert site.person("op").get("/why/999999").status_code == 404


def card_of_mailchimp(page: str) -> str:
    """Its card alone: other tests may have left another provider as they need it."""
    found = re.search(r'<section class="card[^"]*" id="mailchimp".*?</section>', page, re.DOTALL)
    assert found
    return found[0]


def test_the_account_is_asked_when_a_person_asks_and_never_by_a_page(site: Site) -> None:
    user = site.person("user")
    user.post("/check/mailchimp", data={"token": user.token("/")})
    assert site.standin.requests()["total"] > 0
    site.standin.clear_requests()
    assert "Connected as " in card_of_mailchimp(user.get("/").text)
    assert site.standin.requests()["total"] == 0
    site.standin.switch(api_key="another-us1")
    try:
        user.post("/check/mailchimp", data={"token": user.token("/")})
    finally:
        site.standin.switch(api_key=KEY)
    assert "Not connected: " in card_of_mailchimp(user.get("/").text)
    user.post("/check/mailchimp", data={"token": user.token("/")})
    assert "Not connected: " not in card_of_mailchimp(user.get("/").text)


def test_a_preview_says_what_would_happen_and_can_be_searched(site: Site) -> None:
    user = site.person("user")
    shown = words(user.get(RUN + PREVIEW).text)
    assert "preview, nothing was sent" in shown
    assert "People added 1" in shown
    assert "Added to a list 1" in shown
    assert "2 operations on this page" in shown
    assert "1 operation on this page" in words(user.get(f"{RUN}{PREVIEW}&verb=create").text)
    assert "0 operations on this page" in words(user.get(f"{RUN}{PREVIEW}&contact_id=999").text)
    assert user.get(f"{RUN}{PREVIEW}&after=nonsense").status_code == 422


def words(page: str) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_a_name_from_outside_is_text_not_markup(site: Site) -> None:
    site.ask(
        "insert into crm_sync.list_holding (provider, list_id, name) values ('mailchimp', 666, '<script>x</script>')"
    )
    try:
        shown = site.person("viewer").get("/").text
    finally:
        site.ask("delete from crm_sync.list_holding where list_id = 666")
    assert "&lt;script&gt;x&lt;/script&gt;" in shown
    assert "<script>x" not in shown


def test_in_the_browser_the_page_is_part_of_airflow_and_asks_nobody_else(site: Site, window: Window) -> None:
    window.log_in(site.airflow.client.base_url, "op")
    window.page.get_by_role("link", name="CRM Sync").click()
    window.inside.locator("#mailchimp .chart svg").wait_for()
    window.picture("providers")
    dark = "getComputedStyle(document.body).backgroundColor"
    light = window.inside.locator("body").evaluate(dark)
    window.page.evaluate("localStorage.setItem('theme', 'dark')")
    window.page.reload()
    window.inside.get_by_role("heading", name="Mailchimp").wait_for()
    assert window.inside.locator("body").evaluate(dark) != light
    window.inside.get_by_text("As a table").scroll_into_view_if_needed()
    window.picture("providers-dark")
    window.inside.get_by_role("link", name="Why?").click()
    window.inside.get_by_label("Name, address or contact id").fill("ann")
    window.page.keyboard.press("Enter")
    window.inside.get_by_role("link", name=str(site.contacts["Ann"]), exact=True).click()
    window.inside.get_by_text("Held by Mailchimp.").wait_for()
    window.inside.get_by_text("add the person").first.scroll_into_view_if_needed()
    window.picture("why")
    assert window.hosts == {"127.0.0.1"}
    assert window.complaints == []


def test_a_provider_is_switched_on_and_off_from_its_card(site: Site, window: Window) -> None:
    def is_paused() -> bool:
        return bool(site.person("viewer").airflow("GET", "/dags/crm_to_votervoice").json()["is_paused"])

    window.log_in(site.airflow.client.base_url, "user")
    window.page.get_by_role("link", name="CRM Sync").click()
    card = window.inside.locator("#votervoice")
    switch = card.get_by_role("switch", name="Synchronize VoterVoice")
    assert (switch.is_checked(), card.get_by_role("button", name="Sync now").is_disabled()) == (False, True)
    switch.click()
    card.get_by_role("switch", checked=True).wait_for()
    assert (is_paused(), card.get_by_role("button", name="Sync now").is_disabled()) == (False, False)
    # The run that was due last night comes now. Once VoterVoice is off again, it would stand still halfway.
    assert await_until(lambda: site.ask(OF_VOTERVOICE) == [("recorded",)], RUN_SECONDS)
    switch.click()
    window.inside.get_by_role("button", name="Cancel").click()
    assert not is_paused()
    switch.click()
    window.inside.get_by_role("button", name="Pause VoterVoice").click()
    card.get_by_role("switch", checked=False).wait_for()
    assert is_paused()
    assert window.complaints == []
    site.forget("votervoice")  # to the other tests nobody has synchronized it


def test_from_a_preview_the_run_is_started_and_its_tab_says_what_it_did(site: Site, window: Window) -> None:
    window.log_in(site.airflow.client.base_url, "user")
    with unpaused(site) as admin:
        window.page.goto(f"{site.airflow.client.base_url}/crm_sync{RUN}{PREVIEW}")
        window.picture("preview")
        window.page.get_by_role("button", name="Run this").click()
        window.page.get_by_role("heading", name="Mailchimp: run").wait_for()
        run_id = latest_run(admin)
        state = f"/dags/{DAG_ID}/dagRuns/{quote(run_id)}"
        assert await_until(lambda: admin.airflow("GET", state).json()["state"] == "success", RUN_SECONDS)
    assert "eve@example.org" in audience(site.standin)
    window.page.goto(f"{site.airflow.client.base_url}/dags/{DAG_ID}/runs/{quote(run_id)}/plugin/crm-sync-run")
    window.inside.get_by_role("heading", name="Mailchimp: run").wait_for()
    window.inside.get_by_role("link", name="The run in Airflow").click()
    window.page.wait_for_url(f"**/dags/{DAG_ID}/runs/*")
    assert window.complaints == []


def test_a_preview_is_asked_for_on_the_card_searched_and_run_from_its_page(site: Site, window: Window) -> None:
    def name_of_ann() -> str:
        names = {each["address"]: each["merge_fields"]["FNAME"] for each in site.standin.state()["members"]}
        return str(names["ann@example.org"])

    # Renamed there by hand: whatever a run by the clock does meanwhile, only a full one sees it.
    site.standin.act("set_merge_fields", address="ann@example.org", merge_fields={"FNAME": "Spoiled"})
    window.log_in(site.airflow.client.base_url, "user")
    with unpaused(site):
        window.page.get_by_role("link", name="CRM Sync").click()
        window.inside.locator("#mailchimp").get_by_role("button", name="Preview of a full sync").click()
        window.inside.get_by_role("heading", name="Mailchimp: preview").wait_for()
        window.inside.get_by_text("Nothing was sent. This is what a run would do now:").wait_for()
        window.inside.get_by_label("What").select_option("update")
        window.inside.get_by_role("button", name="Search").click()
        # Where the clock's run came first, the page before the search shows one operation too.
        window.page.wait_for_url("**verb=update*")
        window.inside.get_by_text("1 operation on this page").wait_for()
        assert name_of_ann() == "Spoiled"
        window.inside.get_by_role("button", name="Run this").click()
        window.inside.get_by_role("heading", name="Mailchimp: run").wait_for()
        assert await_until(lambda: name_of_ann() == "Ann", RUN_SECONDS)
    assert window.complaints == []


def latest_run(admin: Any) -> str:
    """The newest run that a person asked for."""
    runs = admin.airflow("GET", f"/dags/{DAG_ID}/dagRuns", params={"order_by": "-id", "limit": 5}).json()["dag_runs"]
    return str(next(run["dag_run_id"] for run in runs if run["run_type"] == "manual"))
