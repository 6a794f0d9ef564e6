"""The service around the rules: keys, redirects, forms of errors, faults, the gate, switches and marks."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests

from standins import StandIn, StandInError
from standins.votervoice import contract
from standins.votervoice.behaviours import BEHAVIOURS
from standins.votervoice.switches import CHOICES, FREE
from unit.standins.votervoice_client import CONTACTS, KEY, Client, record

provider = pytest.fixture(lambda: "votervoice")

SINCE = {"dateUpdated": ">2020-01-01T00:00:00Z"}


@pytest.mark.parametrize("header", [KEY, requests.auth._basic_auth_str(KEY, "")])
def test_the_key_is_raw_or_a_name_without_password(api: Client, header: str) -> None:
    api.session.headers["Authorization"] = header
    assert api("GET", CONTACTS, **SINCE).json() == []


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "stranger",
        KEY.upper(),
        f"Bearer {KEY}",
        f"Basic {KEY}",
        "Basic !",
        requests.auth._basic_auth_str(KEY, "secret"),
        requests.auth._basic_auth_str("", KEY),
    ],
)
def test_another_key_or_form_is_401(api: Client, header: str | None) -> None:
    del api.session.headers["Authorization"]
    if header is not None:
        api.session.headers["Authorization"] = header
    assert api("GET", CONTACTS, **SINCE).status_code == 401
    assert api("GET", "/api/addresses", city="Springfield", address1="1").status_code == 401


def test_an_association_is_required_and_must_be_known(api: Client, standin: StandIn) -> None:
    address = api.url + CONTACTS
    assert api.session.get(address, params=SINCE, timeout=10).status_code == 400
    assert api("GET", CONTACTS, **SINCE, association="").status_code == 400
    assert api("GET", CONTACTS, **SINCE, association="STANDIN").status_code == 200
    assert api("GET", CONTACTS, **SINCE, **contract.UNKNOWN_ASSOCIATION).status_code == 404
    standin.switch(unknown_association=403)
    assert api("GET", "/api/addresses", city="x", address1="1", association="other").status_code == 403
    standin.switch(association="other")
    assert api("GET", CONTACTS, **SINCE, association="other").status_code == 200


@pytest.mark.parametrize("path", ["/API/Contacts", "/Api/contacts/", "/api/CONTACTS"])
def test_the_case_of_the_path_does_not_count(api: Client, standin: StandIn, path: str) -> None:
    assert api("GET", path, **SINCE).json() == []
    assert standin.requests(entries=0)["by_route"] == {"GET /contacts": 1}


def test_a_redirect_on_the_same_host_keeps_body_and_key(api: Client, standin: StandIn) -> None:
    standin.switch(redirect="same_host")
    first = api("POST", CONTACTS, record("1", "ada+x@example.org"))
    assert (first.status_code, first.content, first.headers["Cache-Control"]) == (307, b"", "no-store")
    assert first.headers["Location"] == f"{standin.url}/api2/contacts?association=standin"
    assert standin.state()["contacts"] == []
    assert api.followed("POST", CONTACTS, record("1", "ada+x@example.org")).status_code == 201
    found = api.followed("GET", "/API/contacts", email="ada+x@example.org").json()
    assert [each["emailAddress"] for each in found] == ["ada+x@example.org"]
    assert (standin.state()["leaked_keys"], api("GET", "/api/contacts/mappings").status_code) == (0, 200)


def test_a_redirect_comes_before_the_key_is_asked_for(api: Client, standin: StandIn) -> None:
    standin.switch(redirect="same_host")
    api.session.headers["Authorization"] = "stranger"
    assert api("GET", CONTACTS, **SINCE).status_code == 307
    assert api.followed("GET", CONTACTS, **SINCE).status_code == 401


def test_where_a_redirect_led_nobody_may_go_by_himself(api: Client, standin: StandIn) -> None:
    assert api("GET", "/api2/contacts", **SINCE).status_code == 404
    standin.switch(redirect="same_host")
    assert api("GET", "/api2/contacts", **SINCE).status_code == 200


def test_a_key_that_is_carried_to_another_host_is_noticed(api: Client, standin: StandIn) -> None:
    standin.switch(redirect="other_host")
    answer = api("GET", CONTACTS, **SINCE)
    target = urlsplit(answer.headers["Location"])
    assert (answer.status_code, target.hostname, target.path) == (307, "localhost", "/api2/contacts")
    assert target.port == urlsplit(standin.url).port
    followed = api.followed("GET", CONTACTS, **SINCE)
    assert (followed.status_code, standin.state()["leaked_keys"]) == (401, 0), "requests drops the header"
    carried = requests.get(answer.headers["Location"], headers={"Authorization": KEY}, timeout=10)
    assert (carried.status_code, carried.json(), standin.state()["leaked_keys"]) == (200, [], 1)


@pytest.mark.parametrize(
    ("form", "content_type"), [("text", "text/plain; charset=utf-8"), ("json", "application/json; charset=utf-8")]
)
def test_errors_come_in_two_forms(api: Client, standin: StandIn, form: str, content_type: str) -> None:
    standin.switch(error_body=form)
    answer = api("GET", CONTACTS)
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, content_type)
    text = answer.json()["Message"] if form == "json" else answer.text
    assert text == "Exactly one of contactId, email and dateUpdated is required."


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/api/contacts/mappings", 405),
        ("DELETE", "/api/addresses", 405),
        ("GET", "/api/users", 405),
        ("GET", "/api/users/identities", 501),
        ("PUT", "/api/users/ABC/subscriptions", 501),
        ("GET", "/api/advocacy/campaignsummaries", 501),
        ("GET", "/api/lists", 404),
        ("GET", "/contacts", 404),
        ("GET", "/api", 404),
        ("GET", "/api3/contacts", 404),
    ],
)
def test_what_is_not_there_or_not_imitated_says_so(api: Client, method: str, path: str, status: int) -> None:
    assert api(method, path).status_code == status


@pytest.mark.parametrize(("content_type", "status"), [("text/json", 415), (None, 415), ("application/json", 400)])
def test_bodies_are_json(api: Client, content_type: str | None, status: int) -> None:
    address, headers = f"{api.url}{CONTACTS}?association=standin", {"Content-Type": content_type}
    assert api.session.post(address, data=b'{"membership": {', headers=headers, timeout=10).status_code == status
    assert api.session.post(address, data=b'{"surname": "\xff"}', headers=headers, timeout=10).status_code == status


@pytest.mark.parametrize(
    ("kind", "status", "content_type"),
    [
        ("status", 503, "text/plain; charset=utf-8"),
        ("status", 429, "text/plain; charset=utf-8"),
        ("bare_429", 429, "text/html"),
        ("bare_403", 403, "text/html"),
        ("html_400", 400, "text/html"),
    ],
)
def test_scripted_answers_have_no_effect(
    api: Client, standin: StandIn, kind: str, status: int, content_type: str
) -> None:
    standin.fault(kind, **contract.ENROLL, status=status, times=1)
    answer = api.post("1")
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, content_type)
    assert standin.state()["contacts"] == []
    assert api.post("1").status_code == 201


@pytest.mark.parametrize("kind", ["cut_before", "cut_after"])
def test_a_lost_answer_with_or_without_the_effect(api: Client, standin: StandIn, kind: str) -> None:
    standin.fault(kind, **contract.ENROLL, times=1)
    with pytest.raises(requests.ConnectionError):
        api.post("1")
    assert api.post("1").status_code == (409 if kind == "cut_after" else 201)


def test_calls_over_the_limit_are_turned_away(api: Client, standin: StandIn) -> None:
    standin.switch(concurrency_limit=2)
    standin.fault("slow", seconds=2, times=2)
    with ThreadPoolExecutor(2) as pool:
        held = [pool.submit(Client(standin.url).post, str(n)) for n in range(2)]
        deadline = time.monotonic() + 10
        while standin.requests(entries=0)["max_concurrency"] < 2:
            assert time.monotonic() < deadline, "two calls were never under way at once"
            time.sleep(0.02)
        late = api.post("late")
        assert [call.result().status_code for call in held] == [201, 201]
    assert (late.status_code, late.text) == (429, "Too many requests.")
    assert set(contract.people(standin.state())) == {"0", "1"}


def test_every_behaviour_is_marked_and_every_switch_is_known() -> None:
    assert len(BEHAVIOURS) > 30
    assert {behaviour.mark for behaviour in BEHAVIOURS} == {"documented", "seen", "assumed"}
    assert all(behaviour.rule and behaviour.source for behaviour in BEHAVIOURS)
    assert {behaviour.switch for behaviour in BEHAVIOURS if behaviour.switch} == {*CHOICES, *FREE} - {"api_key"}


@pytest.mark.parametrize("wish", [{"colour": "blue"}, {"redirect": "away"}, {"default_limit": "many"}])
def test_a_switch_that_does_not_exist_is_refused(standin: StandIn, wish: dict[str, object]) -> None:
    with pytest.raises(StandInError):
        standin.switch(**wish, error_body="json")
    assert standin.switch()["error_body"] == "text"
