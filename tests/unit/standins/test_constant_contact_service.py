"""The service around the rules: limits, routes, faults, account, things done by hand, and what it says of itself."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import pytest
import requests

from standins import StandIn, StandInError
from standins.conformance import REPOSITORY
from standins.constant_contact import contract
from standins.constant_contact.behaviours import BEHAVIOURS
from standins.constant_contact.switches import CHOICES, CLIENT, FREE
from unit.standins.constant_contact_client import ADA, BOB, NOBODY, Client, row_of

pytest_plugins = ("unit.standins.constant_contact_fixtures",)

LIMITED = "/account/user/privileges"
RATE_HEADERS = ("Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "RateLimit-Limit")


def burst(service: StandIn) -> tuple[Client, list[requests.Response], float]:
    """Six calls at once on a fresh service with its own limits; when they began."""
    service.reset()
    client = Client(service)
    started = time.monotonic()
    return client, [client("GET", LIMITED) for _ in range(6)], started


def test_the_fifth_call_of_a_second_is_throttled(service: StandIn) -> None:
    for _ in range(10):
        client, answers, started = burst(service)
        if time.monotonic() - started < 1:  # else the machine was too busy to show the limit
            break
    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 2
    assert answers[4].json() == {"error_key": "throttled", "error_message": "Too Many Requests"}
    assert not set(RATE_HEADERS) & answers[4].headers.keys()
    while (again := client("GET", LIMITED)).status_code == 429:
        assert time.monotonic() - started < 60
    assert again.status_code == 200
    assert time.monotonic() - started >= 1, "a second, and not less"


def test_the_quota_of_a_day_ends_at_midnight(cc: Client, patient: StandIn) -> None:
    patient.clock(set="2026-05-05T23:00:00Z", frozen=True)
    cc = Client(patient)
    assert patient.act("use_quota", calls=9_999) == {"calls_today": 9_999}
    cc.done("GET", LIMITED)
    response = cc("GET", LIMITED)
    assert (response.status_code, response.json()["error_key"]) == (429, "quota_exceeded")
    assert response.json()["error_message"] == "Limit Exceeded"
    assert patient.state(counts=1)["calls_today"] == 10_000
    patient.clock(advance_seconds=3600)
    cc.done("GET", LIMITED)
    assert patient.state(counts=1)["calls_today"] == 1


def test_only_calls_of_a_known_application_are_counted(cc: Client, patient: StandIn) -> None:
    cc.session.headers["Authorization"] = "Bearer nobody"
    assert [cc("GET", LIMITED).status_code for _ in range(3)] == [401] * 3
    assert patient.state(counts=1)["calls_today"] == 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/activities/contacts_file_import", 501),
        ("GET", "/contacts/contact_id_xrefs", 501),
        ("GET", "/emails", 501),
        ("PUT", "/account/summary", 501),
        ("GET", f"/contacts/sms_engagement_history/{NOBODY}", 501),
        ("DELETE", "/contacts", 405),
        ("PATCH", f"/contact_lists/{NOBODY}", 405),
        ("GET", "/nonsense", 404),
        ("GET", "", 404),
    ],
)
def test_what_is_not_there_says_so(cc: Client, method: str, path: str, status: int) -> None:
    cc.refused(status, method, path)


def test_the_api_is_below_its_base_path_only(cc: Client) -> None:
    assert cc.session.get(f"{cc.standin.url}/contacts", timeout=10).status_code == 404


def test_the_account_says_who_it_is(cc: Client) -> None:
    summary = cc.done("GET", "/account/summary")
    assert (summary["organization_name"], summary["contact_email"]) == ("Example Association", "office@example.org")
    assert "physical_address" not in summary
    more = cc.done("GET", "/account/summary", extra_fields="physical_address,company_logo")
    assert {"physical_address", "company_logo"} <= more.keys()
    cc.refused(400, "GET", "/account/summary", extra_fields="everything")
    assert {"contacts:read", "contacts:write"} <= {each["privilege_name"] for each in cc.done("GET", LIMITED)}


def test_the_addresses_of_the_account_by_one_criterion(cc: Client) -> None:
    for query in ({}, {"confirm_status": "C"}, {"role_code": "REPLY_TO"}, {"email_address": "office@example.org"}):
        assert len(cc.done("GET", "/account/emails", **query)) == 1
    for query in ({"confirm_status": "UNCONFIRMED"}, {"role_code": "B"}, {"email_address": ADA}):
        assert cc.done("GET", "/account/emails", **query) == []
    cc.refused(400, "GET", "/account/emails", confirm_status="C", role_code="C")
    cc.refused(400, "GET", "/account/emails", confirm_status="maybe")


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        ("status", 503, "array"),
        ("status", 409, "array"),
        ("status", 429, "object"),
        ("status", 401, "object"),
        ("bare_429", 429, ""),
        ("bare_403", 403, ""),
        ("html_400", 400, ""),
    ],
)
def test_scripted_answers_have_no_effect(cc: Client, patient: StandIn, kind: str, status: int, body: str) -> None:
    patient.fault(kind, method="POST", path_regex="/contacts$", status=status, times=1)
    response = cc.post(ADA)
    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("application/json") is bool(body)
    if body:
        assert isinstance(response.json(), list if body == "array" else dict)
    assert patient.state(counts=1)["counts"]["contacts"] == 0
    assert cc.post(ADA).status_code == 201


def test_the_log_knows_the_routes_and_the_clock_is_in_the_answers(cc: Client, patient: StandIn) -> None:
    cc.done("GET", f"/contacts/{cc.post(ADA).json()['contact_id']}")
    assert patient.requests()["by_route"] == {"POST /contacts": 1, "GET /contacts/{contact_id}": 1}
    patient.clock(set="2026-05-05T10:00:00Z", frozen=True)
    assert cc("GET", LIMITED).headers["Date"] == "Tue, 05 May 2026 10:00:00 GMT"


def test_things_done_by_hand(cc: Client, patient: StandIn) -> None:
    patient.act("create_contacts", count=3, lists=["choir"], first_name="P{n}", last_name="X")
    patient.act("create_contact", address=ADA, lists=["board"], status="unsubscribed", opt_out_source="Account")
    patient.act("set_names", address="person2@example.org", first_name="A", last_name="B")
    patient.act("add_to_list", address="person1@example.org", name="Board")
    patient.act("remove_from_list", address="person3@example.org", name="choir")
    patient.act("rename_list", name="choir", new_name="chorus")
    patient.act("delete_contact", address="person3@example.org")
    state = patient.state()
    assert state["counts"] == {"active": 2, "unsubscribed": 1, "deleted": 1, "contacts": 4, "lists": 2}
    assert [(held["name"], held["members"]) for held in state["lists"]] == [("chorus", 2), ("board", 2)]
    second = row_of(patient, "person2@example.org")
    assert (second["first_name"], second["last_name"], second["lists"]) == ("A", "B", ["chorus"])
    assert row_of(patient, ADA)["unsubscribed_by"] == "admin"
    assert patient.act("empty_account") == {"removed": 4}
    assert patient.state(counts=1)["counts"] == {"contacts": 0, "lists": 0}
    assert cc.post(BOB).json()["contact_id"] not in {row["contact_id"] for row in state["contacts"]}


def test_an_activity_of_an_emptied_account_does_nothing(cc: Client, patient: StandIn) -> None:
    body = {"import_data": [{"email": ADA}], "list_ids": [cc.list("choir")]}
    activity = cc.done("POST", "/activities/contacts_json_import", body)
    patient.act("empty_account")
    assert cc.finished(activity["activity_id"])["state"] == "completed"
    assert patient.state()["contacts"] == []


@pytest.mark.parametrize(
    "wish",
    [
        {"action": "no"},
        {"action": "unsubscribe"},
        {"action": "unsubscribe", "address": BOB},
        {"action": "create_contact", "address": ADA},
        {"action": "create_contact", "address": BOB, "status": "gone"},
        {"action": "rename_list", "name": "no", "new_name": "x"},
        {"action": "create_list", "name": "choir"},
        {"action": "grant", "scope": "everything"},
        {"action": "delete_custom_field", "name": "no"},
    ],
)
def test_what_cannot_be_done_by_hand_is_said(patient: StandIn, wish: dict[str, object]) -> None:
    patient.act("create_contact", address=ADA, lists=["choir"])
    with pytest.raises(StandInError):
        patient.control("POST", "state", wish)


@pytest.mark.parametrize(
    "wish",
    [{"consent": "maybe"}, {"colour": "blue"}, {"calls_per_second": "4"}, {"fake_domains": "x"}, {"client_id": 1}],
)
def test_a_switch_that_means_nothing_is_refused(patient: StandIn, wish: dict[str, Any]) -> None:
    before = patient.switch()
    with pytest.raises(StandInError):
        patient.switch(**wish)
    assert patient.switch() == before


def test_reset_forgets_everything(cc: Client, patient: StandIn) -> None:
    cc.post(ADA, list_memberships=[cc.list("choir")])
    patient.switch(refresh_mode="long_lived")
    patient.act("fail_next_activity")
    patient.act("use_quota", calls=5)
    patient.reset()
    state = patient.state(history=1)
    assert (state["contacts"], state["lists"], state["history"], state["calls_today"]) == ([], [], [], 0)
    assert patient.switch()["refresh_mode"] == "rotating"
    assert cc("GET", LIMITED).status_code == 401
    assert Client(patient).bulk("list_delete", {"list_ids": [Client(patient).list("x")]})["state"] == "completed"


def test_the_contract_reads_the_state(cc: Client, patient: StandIn) -> None:
    patient.act(**contract.crowd(2))
    patient.act(**contract.stranger("Ada@example.org", "choir"))
    patient.act("create_contact", address=BOB, first_name="Bob", last_name="X", status="deleted")
    patient.act(contract.LEAVES, address="crowd1@example.org")
    state = patient.state()
    assert contract.people(state) == {
        "crowd1@example.org": (False, frozenset()),
        "crowd2@example.org": (True, frozenset()),
        ADA: (True, frozenset({"choir"})),
    }
    assert contract.names(state)[ADA] == ("", "")
    assert contract.lists(state) == {"choir": 1}
    patient.keep_bodies()
    cc.enrolled({"email": BOB}, {"email": ADA}, lists=(state["lists"][0]["id"],))
    sizes = [each for entry in patient.requests()["requests"] for each in contract.batch_sizes(entry)]
    assert sizes == [("enroll", 2)]
    patient.switch(**contract.UNHURRIED)


def test_every_behaviour_is_marked_and_every_switch_is_known() -> None:
    assert len(BEHAVIOURS) > 60
    assert {behaviour.mark for behaviour in BEHAVIOURS} == {"documented", "seen", "assumed"}
    assert all(behaviour.rule and behaviour.source for behaviour in BEHAVIOURS)
    named = {behaviour.switch for behaviour in BEHAVIOURS if behaviour.switch}
    assert named == {*CHOICES, *FREE} - set(CLIENT)


def test_the_behaviours_can_be_printed() -> None:
    command = [sys.executable, "-m", "standins", "--provider", "constant_contact", "--behaviours"]
    printed = subprocess.run(command, cwd=REPOSITORY / "tests", capture_output=True, text=True, check=True).stdout
    assert len(printed.splitlines()) == len(BEHAVIOURS)


def test_the_key_of_the_command_line_is_the_secret_and_stays(patient: StandIn) -> None:
    try:
        assert patient.switch(api_key="another-secret")["client_secret"] == "another-secret"
        patient.reset()
        assert patient.switch()["client_secret"] == "another-secret"
    finally:
        patient.switch(client_secret=contract.KEY)
