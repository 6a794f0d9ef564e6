"""Who may see and do what: each route as each role meets it, by real logins, and what a browser keeps from others."""

from __future__ import annotations

import pytest
from starlette.routing import Route

from system.association import DAG_ID
from system.sync_page import FIRST, PREFIX, ROLES, RUN, Site, Window

# Route → what each role is answered: stranger, viewer, user, op, admin.
SEEN = {
    "/": (401, 200, 200, 200, 200),
    "/static/app.css": (401, 200, 200, 200, 200),
    RUN + FIRST: (401, 200, 200, 200, 200),
    "/runs": (401, 200, 200, 200, 200),
    "/exceptions": (401, 200, 200, 200, 200),
    "/people": (401, 200, 200, 200, 200),
    "/settings": (401, 200, 200, 200, 200),
    "/exceptions.csv": (401, 200, 200, 200, 200),
    "/exceptions.csv?addresses=true": (401, 403, 403, 200, 200),
    "/why": (401, 403, 403, 200, 200),
    "/why/1": (401, 403, 403, 200, 200),
    "/connected/mailchimp": (401, 403, 403, 400, 400),
}
DONE = {
    "/check/mailchimp": (401, 403, 303, 303, 303),
    "/connect/mailchimp": (401, 403, 403, 400, 400),
    "/disconnect/mailchimp": (401, 403, 403, 400, 400),
    "/account/mailchimp": (401, 403, 403, 400, 400),
    "/retry/mailchimp": (401, 403, 303, 303, 303),
    "/people": (401, 403, 403, 200, 200),
    "/people/retry/mailchimp": (401, 403, 303, 303, 303),
    "/why": (401, 403, 403, 200, 200),
    "/why/1/retry/mailchimp": (401, 403, 403, 303, 303),
}
ASKING = ["", "viewer", "user", "op", "admin"]
TEMPLATES = {"/": "/", "/why/1": "/why/{contact_id}", "/static/app.css": "/static/{name}"}


def test_every_route_is_in_the_tables_below() -> None:
    from airflow.sdk import BaseHook

    from crm_sync.web.application import create

    assert BaseHook, "Airflow is loaded before what stands on it, as in its API server"
    made = create().routes
    pages = [each for each in made if isinstance(each, Route)]
    assert len(pages) == len(made), "nothing is mounted"
    routes = {(method, route.path) for route in pages for method in route.methods or ()}
    named = {("GET", template(path)) for path in SEEN} | {("POST", template(path)) for path in DONE}
    assert routes == named


def template(path: str) -> str:
    """A route with its placeholders."""
    bare = path.split("?")[0]
    return TEMPLATES.get(bare) or bare.replace("/1", "/{contact_id}").replace("mailchimp", "{provider}")


@pytest.mark.parametrize("number", range(len(ASKING)), ids=[name or "stranger" for name in ASKING])
def test_each_role_sees_what_it_may(site: Site, number: int) -> None:
    person = site.person(ASKING[number])
    assert set(ASKING[1:]) == set(ROLES)
    assert {path: person.get(path).status_code for path in SEEN} == {
        path: codes[number] for path, codes in SEEN.items()
    }


@pytest.mark.parametrize("number", range(len(ASKING)), ids=[name or "stranger" for name in ASKING])
def test_each_role_does_what_it_may(site: Site, number: int) -> None:
    person = site.person(ASKING[number])
    token = person.token() if ASKING[number] else "none"
    found = {path: person.post(path, data={"token": token}).status_code for path in DONE}
    assert found == {path: codes[number] for path, codes in DONE.items()}


def test_a_form_of_another_site_or_another_person_is_refused(site: Site) -> None:
    op, admin = site.person("op"), site.person("admin")
    mine, theirs = op.token(), admin.token()
    assert op.post("/retry/mailchimp", data={"token": mine}).status_code == 303
    for data, headers in (
        ({}, {}),
        ({"token": theirs}, {}),
        ({"token": mine + "x"}, {}),
        ({"token": mine}, {"Sec-Fetch-Site": "cross-site"}),
    ):
        assert op.post("/retry/mailchimp", data=data, headers=headers).status_code == 403


@pytest.mark.parametrize("name", ["", "viewer", "op"])
def test_every_answer_forbids_framing_and_strangers_content(site: Site, name: str) -> None:
    person = site.person(name)
    for path in [*SEEN, "/nothing-here", "/why/not-a-number"]:
        headers = person.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "frame-ancestors 'self'" in policy
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_viewer_cannot_start_a_run_by_airflows_own_interface_either(site: Site) -> None:
    wish = {"logical_date": None, "conf": {"mode": "changes"}}
    assert site.person("viewer").airflow("POST", f"/dags/{DAG_ID}/dagRuns", json=wish).status_code == 403


def test_in_the_browser_a_viewer_looks_and_finds_nothing_to_press_and_nobody(site: Site, window: Window) -> None:
    window.log_in(site.airflow.client.base_url, "viewer")
    window.page.get_by_role("link", name="CRM Sync").click()
    window.inside.get_by_role("heading", name="Mailchimp").wait_for()
    assert window.inside.get_by_role("link", name="Refused and set aside").is_visible()
    assert window.inside.get_by_role("button").or_(window.inside.get_by_role("switch")).all_inner_texts() == []
    assert not window.inside.get_by_role("link", name="Why?").is_visible()
    assert window.complaints == []
    window.page.goto(f"{site.airflow.client.base_url}{PREFIX}/why/{site.contacts['Ann']}")
    window.page.get_by_role("heading", name="Not allowed").wait_for()
    assert "Ann" not in window.page.content()


def test_in_the_browser_a_stranger_is_asked_to_log_in(site: Site, window: Window) -> None:
    window.page.goto(f"{site.airflow.client.base_url}{PREFIX}/")
    window.page.get_by_role("heading", name="Please log in").wait_for()
    assert "Mailchimp" not in window.page.content()


def test_in_the_browser_no_page_of_another_site_shows_ours_or_sends_its_forms(site: Site, window: Window) -> None:
    ours = f"{site.airflow.client.base_url}{PREFIX}"
    window.log_in(site.airflow.client.base_url, "op")
    window.page.goto("about:blank")
    window.page.set_content(f'<iframe src="{ours}/"></iframe>')
    framed = window.page.frames[-1]
    framed.wait_for_load_state()
    assert framed.url.startswith("chrome-error:")

    window.page.set_content(
        f'<form method="post" action="{ours}/retry/mailchimp"><input name="reason" value="address_taken">'
        f'<input name="token" value="{site.person("op").token()}"><button>Win</button></form>'
    )
    with window.page.expect_response(f"{ours}/retry/mailchimp") as answered:
        window.page.get_by_role("button", name="Win").click()
    assert answered.value.status in {401, 403}
