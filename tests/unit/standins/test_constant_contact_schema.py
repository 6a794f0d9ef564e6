"""What the Constant Contact stand-in answers and accepts is what the vendor's own Swagger describes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from standins import StandIn, conformance
from standins.constant_contact.urls import ROUTES
from standins.constant_contact.vendor import SEEN_TO_BE_TAKEN
from unit.standins.constant_contact_client import ADA, BOB, EVE, NOBODY, Client

pytestmark = pytest.mark.skipif(
    not conformance.specs("constant_contact"),
    reason="the vendor's Swagger file is not here; no part of the project; name its folder in STANDIN_SPECS",
)
EVERYTHING = "custom_fields,list_memberships,phone_numbers,street_addresses,taggings,notes"


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[tuple[StandIn, Client, Path]]:
    with StandIn("constant_contact", environment={"STANDIN_RECORD": str(tmp_path)}) as standin:
        standin.switch(calls_per_second=100_000)
        client = Client(standin)
        yield standin, client, tmp_path
        client.session.close()


def test_a_broad_exercise_agrees_with_the_vendors_schema(recorded: tuple[StandIn, Client, Path]) -> None:
    standin, cc, folder = recorded
    lists = exercise_lists_and_fields(standin, cc)
    exercise_contacts(standin, cc, lists)
    exercise_activities(cc, lists)
    exercise_the_account(cc)
    found, exchanges = conformance.check_recording(folder, "constant_contact")
    assert exchanges > len(ROUTES) > 20
    assert [fault for fault in found if fault not in SEEN_TO_BE_TAKEN] == []
    assert len(found) > 3, "refusals and cursors are departures, known ones"
    routes = standin.requests(entries=0)["by_route"]
    assert {f"{route.method} {route.pattern}" for route in ROUTES} <= set(routes)


def exercise_lists_and_fields(standin: StandIn, cc: Client) -> list[str]:
    lists = [cc.list(name) for name in ("choir", "board", "gone")]
    cc("PUT", f"/contact_lists/{lists[0]}", {"name": "choirs", "favorite": True, "description": "who sings"})
    cc.finished(cc.done("DELETE", f"/contact_lists/{lists.pop()}")["activity_id"])
    for query in ({"status": "all"}, {"include_count": "true", "include_membership_count": "all"}, {"name": "board"}):
        cc.pages("/contact_lists", limit=1, **query)
    cc("GET", f"/contact_lists/{lists[0]}", include_membership_count="active")
    cc("GET", f"/contact_lists/{NOBODY}")
    cc("POST", "/contact_lists", {"name": "board"})
    choices = [{"choice_label": "red", "display_order": 1}]
    new = {"label": "Colour", "type": "multi_select", "choices": choices, "metadata": {"display_type": "checkbox"}}
    path = f"/contact_custom_fields/{cc.done('POST', '/contact_custom_fields', new)['custom_field_id']}"
    cc.done("POST", "/contact_custom_fields", {"label": "Since", "type": "date", "version": 2})
    cc.pages("/contact_custom_fields", limit=1)
    cc.done("PUT", path, {"label": "Colours", "choices": [{"choice_id": 1, "choice_label": "blue"}]})
    cc("GET", path)
    cc.done("DELETE", path)
    return lists


def exercise_contacts(standin: StandIn, cc: Client, lists: list[str]) -> None:
    (field,) = cc.done("GET", "/contact_custom_fields")["custom_fields"]
    full: dict[str, Any] = {
        "first_name": "Ada",
        "birthday_month": 12,
        "birthday_day": 10,
        "anniversary": "2006-11-15",
        "custom_fields": [{"custom_field_id": field["custom_field_id"], "value": "2006-11-15"}],
        "phone_numbers": [{"phone_number": "555-0100", "kind": "work"}],
        "street_addresses": [{"kind": "home", "street": "1 Example Street", "city": "Springfield"}],
        "notes": [{"content": "met at the fair"}],
    }
    path = f"/contacts/{cc.post(ADA, **full, list_memberships=lists).json()['contact_id']}"
    cc.post(ADA)
    cc.post("no address")
    cc.put(ADA, **full, email_address={"address": ADA, "permission_to_send": "explicit"})
    sign_up = {"email_address": BOB, "list_memberships": lists, "street_address": {"kind": "home", "city": "x"}}
    for _ in range(2):
        cc("POST", "/contacts/sign_up_form", sign_up | {"phone_number": "1", "custom_fields": full["custom_fields"]})
    standin.act("unsubscribe", address=ADA, reason="too much")
    cc.put(ADA, email_address={"address": ADA, "permission_to_send": "implicit"})
    for _ in range(2):
        cc("PUT", path.replace("/contacts/", "/contacts/resubscribe/"), {"list_ids": lists})
    cc("GET", path, include=EVERYTHING)
    cc("DELETE", f"/contacts/{cc.contact(BOB)['contact_id']}")
    cc("GET", "/contacts", status="deleted", include=EVERYTHING)
    cc.pages("/contacts", limit=1, status="all", include_count="true", updated_after="2020-01-01T00:00:00Z")
    cc("GET", "/contacts", status="unsubscribed", optout_after="2020-01-01T00:00:00.000Z", lists=",".join(lists))
    cc("GET", "/contacts/counts", include="new_subscriber")


def exercise_activities(cc: Client, lists: list[str]) -> None:
    row = {"email": EVE, "first_name": "Eve", "work_phone": "1", "home_street": "x", "cf:Since": "2006-11-15"}
    cc.enrolled(row, {"email": ADA}, {"email": "no address"}, lists=tuple(lists))
    ids = {"contact_ids": [cc.contact(EVE)["contact_id"], NOBODY]}
    cc.bulk("add_list_memberships", {"source": ids, "list_ids": lists})
    left_out = {"source": {"list_ids": lists[:1]}, "exclude": {"contact_ids": [NOBODY]}, "list_ids": lists[1:]}
    cc.bulk("add_list_memberships", left_out)
    cc.bulk("remove_list_memberships", {"source": ids, "list_ids": lists})
    cc.bulk("remove_list_memberships", {"source": {"all_active_contacts": True}, "list_ids": lists})
    cc.bulk("contact_delete", ids)
    cc.bulk("list_delete", {"list_ids": lists})
    cc("POST", "/activities/list_delete", {"list_ids": lists})
    cc.pages("/activities", limit=2, state="completed")


def exercise_the_account(cc: Client) -> None:
    cc("GET", "/account/summary", extra_fields="physical_address,company_logo")
    cc("GET", "/account/user/privileges")
    cc("GET", "/account/emails", confirm_status="CONFIRMED")
    cc("GET", "/account/summary", nonsense="x")
