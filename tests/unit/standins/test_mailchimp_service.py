"""The service around the rules: keys, problem documents, languages, strictness, the gate, faults, clock, log, start."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from standins import StandIn, StandInError
from standins.conformance import REPOSITORY
from standins.mailchimp.errors import TEXTS
from standins.mailchimp.state import BEHAVIOURS
from standins.mailchimp.switches import CHOICES, CLIENT, FREE
from unit.standins.mailchimp_client import KEY, LIST, Client, member_path

ADA = "ada@example.org"


def test_basic_and_bearer_are_accepted(standin: StandIn) -> None:
    url = standin.url + "/3.0/ping"
    for headers in ({"Authorization": f"Bearer {KEY}"}, {"Authorization": requests.auth._basic_auth_str("x", KEY)}):
        answer = requests.get(url, headers=headers, timeout=10)
        assert answer.json() == {"health_status": "Everything's Chimpy!"}


@pytest.mark.parametrize(("key", "title"), [(None, "API Key Missing"), ("wrong-us1", "API Key Invalid")])
def test_a_missing_or_wrong_key_is_401(standin: StandIn, key: str | None, title: str) -> None:
    response = requests.get(standin.url + "/3.0/ping", auth=("x", key) if key else None, timeout=10)
    assert (response.status_code, response.json()["title"]) == (401, title)


def test_the_key_can_be_changed(api: Client, standin: StandIn) -> None:
    standin.switch(api_key="other-us1")
    try:
        assert api("GET", "/ping").status_code == 401
        assert requests.get(standin.url + "/3.0/ping", auth=("x", "other-us1"), timeout=10).status_code == 200
    finally:
        standin.switch(api_key=KEY)


def test_problems_have_the_form_of_the_vendor(api: Client) -> None:
    response = api("GET", member_path(ADA))
    problem = response.json()
    assert response.headers["Content-Type"] == "application/problem+json; charset=utf-8"
    assert problem["instance"] == response.headers["X-Request-Id"]
    assert "ProblemDetailDocument" in response.headers["Link"]
    assert (problem["title"], problem["status"]) == ("Resource Not Found", 404)


def test_sentences_can_be_german_while_titles_and_fields_stay(api: Client, standin: StandIn) -> None:
    assert len(TEXTS) > 20
    assert all(english != german for english, german in TEXTS.values())
    standin.switch(language="de")
    problem = api.put(ADA, merge_fields={"ADDRESS": {"city": "x"}}).json()
    assert (problem["title"], problem["errors"][0]["field"]) == ("Invalid Resource", "ADDRESS")
    assert problem["errors"][0]["message"] == "Bitte gib eine vollständige Anschrift ein."


def test_the_account_says_who_it_is(api: Client) -> None:
    api.put(ADA)
    root = api("GET", "/").json()
    assert (root["account_name"], root["contact"]["company"]) == ("Example Association", "Example Association")
    assert root["total_subscribers"] == 1
    assert api("GET", "/lists").json()["lists"][0]["stats"]["member_count"] == 1
    assert "total_contacts" not in api("GET", LIST).json()["stats"]
    assert api("GET", LIST, include_total_contacts="true").json()["stats"]["total_contacts"] == 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/campaigns", 501),
        ("POST", "/batches", 501),
        ("GET", LIST + "/webhooks", 501),
        ("DELETE", LIST, 501),
        ("PUT", LIST, 405),
        ("DELETE", "/ping", 405),
    ],
)
def test_what_is_not_imitated_says_so(api: Client, method: str, path: str, status: int) -> None:
    assert api(method, path).status_code == status


def test_the_api_is_below_its_base_path_only(standin: StandIn) -> None:
    assert requests.get(standin.url + "/ping", auth=("x", KEY), timeout=10).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email_address": ADA, "status": "gone"}, "status"),
        ({"email_address": 7, "status": "subscribed"}, "email_address"),
        ({"email_address": ADA}, "status"),
        ({"email_address": ADA, "status": "subscribed", "merge_fields": None}, "merge_fields"),
    ],
)
def test_bodies_are_taken_literally(api: Client, body: dict[str, object], field: str) -> None:
    response = api("POST", LIST + "/members", body)
    assert (response.status_code, response.json()["title"]) == (400, "Invalid Resource")
    assert response.json()["errors"][0]["field"] == field


def test_fields_that_the_schema_lacks_are_passed_over(api: Client) -> None:
    extra: dict[str, Any] = {"_links": [], "location": {"country_code": "US", "gmtoff": -5}}
    assert api("POST", LIST + "/members", {"email_address": ADA, "status": "subscribed"} | extra).status_code == 200
    assert api.put(ADA, **extra).ok
    assert api("PATCH", member_path(ADA), extra).ok
    assert api.batch({"email_address": ADA} | extra, update_existing=True, _links=[])["total_updated"] == 1
    path = f"{LIST}/segments/{api.segment('choir', ADA)}"
    assert api("POST", path, {"members_to_remove": [ADA], "_links": []}).json()["total_removed"] == 1
    assert api.member(ADA)["_links"] != []


def test_broken_json_is_a_parse_error(api: Client) -> None:
    response = api.session.post(api.base + LIST, data=b'{"members": [', timeout=10)
    assert (response.status_code, response.json()["title"]) == (400, "JSON Parse Error")


def test_the_eleventh_call_at_once_is_429(api: Client, standin: StandIn) -> None:
    standin.fault("slow", seconds=5)
    with ThreadPoolExecutor(10) as pool:
        calls = [pool.submit(requests.get, api.base + "/ping", auth=("x", KEY), timeout=30) for _ in range(10)]
        deadline = time.monotonic() + 4
        while standin.requests()["max_concurrency"] < 10:
            assert time.monotonic() < deadline, "ten calls were never under way at once"
            time.sleep(0.02)
        late = [requests.get(api.base + "/ping", auth=("x", KEY), timeout=30) for _ in range(2)]
        answers = [call.result() for call in calls] + late
    assert sorted(answer.status_code for answer in answers) == [200] * 10 + [429] * 2
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["title"] == "Too Many Requests"
    assert "Retry-After" not in refused.headers
    assert standin.requests()["max_concurrency"] >= 11


@pytest.mark.parametrize(
    ("kind", "status", "is_json"),
    [("status", 503, True), ("bare_429", 429, False), ("bare_403", 403, False), ("html_400", 400, False)],
)
def test_scripted_answers_have_no_effect(api: Client, standin: StandIn, kind: str, status: int, is_json: bool) -> None:
    standin.fault(kind, method="PUT", path_regex="/members/", status=status, times=1)
    response = api.put(ADA)
    assert response.status_code == status
    assert response.headers["Content-Type"].startswith("application/problem+json") is is_json
    assert standin.state(counts=1)["counts"]["members"] == 0
    assert api.put(ADA).status_code == 200
    assert standin.faults()[0]["fired"] == 1


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "timeout_before", "timeout_after"])
def test_a_lost_answer_with_or_without_the_effect(api: Client, standin: StandIn, kind: str) -> None:
    waits = kind.startswith("timeout")
    seconds = 0.2 if waits else 60.0  # a cut connection waits for nothing, however busy the machine is
    standin.fault(kind, method="PUT", seconds=seconds, times=1)
    started = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        api.put(ADA)
    assert (time.monotonic() - started >= seconds) is waits
    assert standin.state(counts=1)["counts"]["members"] == (1 if kind.endswith("after") else 0)
    entry = standin.requests()["requests"][0]
    assert (entry["fault"], entry.get("status")) == (kind, None)


def test_a_client_that_gives_up_finds_the_effect(api: Client, standin: StandIn) -> None:
    standin.fault("timeout_after", seconds=3, times=1)
    with pytest.raises(requests.ReadTimeout):
        api.session.put(
            api.base + member_path(ADA), json={"email_address": ADA, "status_if_new": "subscribed"}, timeout=0.5
        )
    assert standin.state(counts=1)["counts"]["members"] == 1


def test_faults_by_number_and_chance(api: Client, standin: StandIn) -> None:
    standin.fault("status", every=3, skip=1, times=2)
    statuses = [api("GET", "/ping").status_code for _ in range(10)]
    assert [n for n, status in enumerate(statuses) if status == 500] == [3, 6]
    draws = []
    for _ in range(2):
        standin.clear_faults()
        standin.fault("status", probability=0.5, seed=7)
        draws.append([api("GET", "/ping").status_code for _ in range(20)])
    assert draws[0] == draws[1]
    assert set(draws[0]) == {200, 500}


@pytest.mark.parametrize("wish", [{"kind": "no"}, {"kind": "status", "often": 1}, {"kind": "status", "every": 0}])
def test_a_fault_that_means_nothing_is_refused(standin: StandIn, wish: dict[str, object]) -> None:
    with pytest.raises(StandInError):
        standin.control("POST", "faults", wish)


def test_the_clock_is_in_the_date_header(api: Client, standin: StandIn) -> None:
    standin.clock(set="2030-05-05T10:00:00+00:00", frozen=True)
    assert parsedate_to_datetime(api("GET", "/ping").headers["Date"]).isoformat() == "2030-05-05T10:00:00+00:00"
    standin.clock(advance_seconds=3600)
    assert api.put(ADA).json()["last_changed"] == "2030-05-05T11:00:00+00:00"
    assert standin.clock(frozen=False)["iso"].startswith("2030-05-05T11:00")


def test_the_log_counts_and_keeps_bodies_on_demand(api: Client, standin: StandIn) -> None:
    api.put(ADA)
    assert "body" not in standin.requests()["requests"][0]
    standin.keep_bodies()
    api.put(ADA)
    log = standin.requests()
    assert log["by_route"] == {"PUT /lists/{list_id}/members/{subscriber_hash}": 2}
    assert ADA in log["requests"][1]["body"]
    standin.clear_requests()
    assert standin.requests(entries=0)["total"] == 0


def test_things_done_by_hand(api: Client, standin: StandIn) -> None:
    standin.act("create_members", count=3, tags=["choir"], merge_fields={"FNAME": "P{n}"})
    standin.act("create_member", address=ADA, status="unsubscribed", unsubscribed_by="contact", tags=["board"])
    standin.act("add_tag", address=ADA, name="choir")
    standin.act("remove_tag", address=ADA, name="board")
    standin.act("rename_segment", name="choir", new_name="chorus")
    standin.act("delete_segment", name="board")
    state = standin.state()
    assert [(tag["name"], tag["members"], tag["member_count"]) for tag in state["segments"]] == [("chorus", 4, 3)]
    assert (state["members"][3]["unsubscribed_by"], state["members"][1]["merge_fields"]["FNAME"]) == ("contact", "P2")
    assert standin.act("empty_audience") == {"removed": 4}
    assert standin.state(counts=1)["counts"] == {"members": 0, "segments": 0}
    assert api.put(ADA).json()["contact_id"] not in {member["contact_id"] for member in state["members"]}


@pytest.mark.parametrize("wish", [{"action": "no"}, {"action": "unsubscribe"}, {"action": "archive", "address": ADA}])
def test_what_cannot_be_done_by_hand_is_said(standin: StandIn, wish: dict[str, object]) -> None:
    with pytest.raises(StandInError):
        standin.control("POST", "state", wish)


def test_reset_forgets_everything(api: Client, standin: StandIn) -> None:
    api.put(ADA)
    standin.switch(language="de")
    standin.fault("status")
    standin.clock(set=0)
    standin.reset()
    assert standin.state(history=1)["history"] == []
    assert standin.switch()["language"] == "en"
    assert standin.faults() == []
    assert standin.clock()["now"] > 10**9
    assert standin.requests()["total"] == 0


def test_every_behaviour_is_marked_and_every_switch_is_known() -> None:
    assert len(BEHAVIOURS) > 30
    assert {behaviour.mark for behaviour in BEHAVIOURS} == {"documented", "seen", "assumed"}
    assert all(behaviour.rule and behaviour.source for behaviour in BEHAVIOURS)
    switches = {behaviour.switch for behaviour in BEHAVIOURS if behaviour.switch}
    assert switches == {*CHOICES, *FREE} - {"api_key", *CLIENT}


def test_the_behaviours_can_be_printed(standin: StandIn) -> None:
    command = [sys.executable, "-m", "standins", "--provider", "mailchimp", "--behaviours"]
    printed = subprocess.run(command, cwd=REPOSITORY / "tests", capture_output=True, text=True, check=True).stdout
    assert len(printed.splitlines()) == len(BEHAVIOURS) == len(standin.control("GET", "behaviours"))


def test_stand_ins_do_not_know_the_product() -> None:
    files = list((REPOSITORY / "tests" / "standins").rglob("*.py"))
    assert len(files) > 10
    assert [file for file in files if _imports_product(file)] == []


def _imports_product(file: Path) -> bool:
    lines = file.read_text().splitlines()
    return any(line.lstrip().startswith(("import crm_sync", "from crm_sync")) for line in lines)


def test_a_call_that_was_held_when_the_stand_in_was_reset_is_not_seen_afterwards(api: Client, standin: StandIn) -> None:
    standin.fault("slow", seconds=1)
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(requests.get, api.base + "/ping", auth=("x", KEY), timeout=30)
        deadline = time.monotonic() + 10
        while standin.requests()["max_concurrency"] < 1:
            assert time.monotonic() < deadline, "the call never came"
            time.sleep(0.02)
        standin.reset()
        assert api("GET", "/ping").status_code == 200
        assert held.result().status_code == 503
    seen = standin.requests()
    assert (seen["total"], seen["max_concurrency"]) == (1, 1)


@pytest.mark.parametrize(("account", "title"), [("disabled", "User Disabled"), ("forbidden", "Forbidden")])
def test_an_account_may_be_closed_to_a_good_key(api: Client, standin: StandIn, account: str, title: str) -> None:
    standin.switch(account=account)
    refused = api("GET", "/ping")
    assert (refused.status_code, refused.json()["title"]) == (403, title)
