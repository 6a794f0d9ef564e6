"""What the stand-in answers and accepts is what the vendor's own Swagger describes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from standins import StandIn, conformance
from standins.mailchimp.urls import ROUTES
from standins.recording import Exchange
from unit.standins.mailchimp_client import LIST, Client, member_path

pytestmark = pytest.mark.skipif(
    not conformance.specs("mailchimp"),
    reason="the vendor's Swagger files are not here; no part of the project; name their folder in STANDIN_SPECS",
)
ADA, BOB, EVE = "ada@example.org", "bob@example.org", "eve@example.org"


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[tuple[StandIn, Client, Path]]:
    with StandIn("mailchimp", environment={"STANDIN_RECORD": str(tmp_path)}) as standin:
        client = Client(standin.url)
        yield standin, client, tmp_path
        client.session.close()


def test_a_broad_exercise_agrees_with_the_vendors_schema(recorded: tuple[StandIn, Client, Path]) -> None:
    standin, api, folder = recorded
    exercise_members(standin, api)
    exercise_segments(api)
    exercise_the_rest(api)
    found, exchanges = conformance.check_recording(folder, "mailchimp")
    assert exchanges > len(ROUTES) > 20
    assert found == {}
    routes = standin.requests(entries=0)["by_route"]
    assert {f"{route.method} {route.pattern}" for route in ROUTES} <= set(routes)


def exercise_members(standin: StandIn, api: Client) -> None:
    address = {"addr1": "1 Street", "city": "Springfield", "state": "IL", "zip": "62701"}
    full: dict[str, Any] = {
        "merge_fields": {"FNAME": "Ada", "ADDRESS": address},
        "location": {"latitude": 1.5, "longitude": 2},
        "vip": True,
        "language": "en",
        "timestamp_opt": "2026-01-01T00:00:00+00:00",
        "marketing_permissions": [{"marketing_permission_id": "x", "enabled": True}],
    }
    api.put(ADA, status="subscribed", **full | {"marketing_permissions": []})
    api("POST", LIST + "/members", {"email_address": BOB, "status": "pending", "tags": ["choir"]})
    api.batch({"email_address": EVE, "status": "subscribed"}, {"email_address": ADA}, {"email_address": "no"})
    standin.act("unsubscribe", address=EVE, reason="too much")
    api.batch({"email_address": EVE, "status": "subscribed"}, {"email_address": ADA}, update_existing=True)
    api("PATCH", member_path(ADA), {"email_address": "ada.new@example.org"})
    api("PATCH", member_path(BOB), {"status": "unsubscribed"})
    api("POST", member_path(BOB) + "/tags", {"tags": [{"name": "board", "status": "active"}], "is_syncing": True})
    api("GET", member_path(BOB) + "/tags", count=5)
    api("GET", LIST + "/members", status="unsubscribed", unsubscribed_since="2020-01-01T00:00:00+00:00", count=1000)
    api("GET", LIST + "/members", since_last_changed="2020-01-01T00:00:00+00:00", sort_field="last_changed")
    api("DELETE", member_path(EVE))
    api.batch({"email_address": EVE}, update_existing=True)
    api("GET", LIST + "/members", status="archived")
    api("GET", member_path(EVE))
    api("POST", member_path(EVE) + "/actions/delete-permanent")
    api("GET", member_path(EVE))
    api("GET", LIST + "/tag-search", name="ch")


def exercise_segments(api: Client) -> None:
    path = f"{LIST}/segments/{api.segment('Committee', BOB)}"
    api("GET", LIST + "/segments", type="static", count=1000)
    api("GET", path, include_unsubscribed="true")
    api("PATCH", path, {"name": "Committees", "static_segment": []})
    api("POST", path, {"members_to_add": [BOB, "ada.new@example.org", "x@example.org"], "members_to_remove": [EVE]})
    api("GET", path + "/members", include_unsubscribed="true")
    api("POST", path + "/members", {"email_address": BOB})
    api("DELETE", path + member_path(BOB).removeprefix(LIST))
    api("DELETE", path)
    api("POST", LIST + "/segments", {"name": ""})


def exercise_the_rest(api: Client) -> None:
    for path in ("/ping", "/", "/lists", LIST, LIST + "/merge-fields"):
        api("GET", path)
    api("GET", LIST, include_total_contacts="true")
    new = {"name": "Choice", "type": "dropdown", "options": {"choices": ["a", "b"]}, "required": False}
    path = f"{LIST}/merge-fields/{api('POST', LIST + '/merge-fields', new).json()['merge_id']}"
    api("GET", path)
    api("PATCH", path, {"name": "Other", "public": True})
    api("DELETE", path)


def faults(method: str, path: str, status: int, answer: object, *, sent: object = None, query: str = "") -> list[str]:
    bodies = ["" if body is None else json.dumps(body) for body in (sent, answer)]
    return conformance.check("mailchimp", Exchange(method, path, status, query, *bodies))


def test_the_checker_finds_what_is_wrong() -> None:
    path = "/3.0/lists/x/members"
    assert faults("GET", "/3.0/ping", 200, {"health_status": 1})
    assert faults("GET", "/3.0/ping", 200, {"health": "ok"})
    assert faults("GET", "/3.0/ping", 404, {"title": "x"})
    assert faults("POST", path, 200, {}, sent={"email_address": ADA})
    assert faults("GET", path, 200, {"members": []}, query="page=2")
    assert faults("GET", path, 200, {"members": [{"last_changed": "yesterday"}]})
    assert faults("GET", "/3.0/nonsense", 200, {})
    assert faults("GET", "/3.0/ping", 200, {"health_status": "fine"}) == []
