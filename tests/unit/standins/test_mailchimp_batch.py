"""POST /lists/{list_id}: every item has its own fate, and the answer is 200 whatever that is."""

from __future__ import annotations

from typing import Any

import pytest

from standins import StandIn
from unit.standins.mailchimp_client import LIST, Client, hash_of

ADA = "Ada@example.org"


def person(address: str = ADA, **fields: Any) -> dict[str, Any]:
    return {"email_address": address, "status": "subscribed"} | fields


def test_new_members_are_created_with_the_case_of_their_address(api: Client) -> None:
    answer = api.batch(person(merge_fields={"FNAME": "Ada", "NOSUCH": "x"}))
    assert (answer["total_created"], answer["total_updated"], answer["error_count"]) == (1, 0, 0)
    member = answer["new_members"][0]
    assert (member["id"], member["email_address"]) == (hash_of("ada@example.org"), ADA)
    assert member["merge_fields"] == {"FNAME": "Ada", "LNAME": "", "ADDRESS": "", "PHONE": ""}


def test_batch_answers_carry_the_contact_id(api: Client) -> None:
    assert api.batch(person())["new_members"][0]["contact_id"] == api.member(ADA)["contact_id"]


def test_over_500_members_are_refused_as_a_whole(api: Client, standin: StandIn) -> None:
    many = [person(f"p{n}@example.org") for n in range(501)]
    response = api("POST", LIST, {"members": many})
    assert (response.status_code, response.json()["title"]) == (400, "Invalid Resource")
    assert standin.state(counts=1)["counts"]["members"] == 0
    assert api.batch(*many[:500])["total_created"] == 500


def test_a_known_address_needs_update_existing(api: Client) -> None:
    api.batch(person())
    answer = api.batch(person(merge_fields={"FNAME": "Ada"}))
    assert answer["errors"][0]["error_code"] == "ERROR_CONTACT_EXISTS"
    assert api.member(ADA)["merge_fields"]["FNAME"] == ""
    assert api.batch(person(merge_fields={"FNAME": "Ada"}), update_existing=True)["total_updated"] == 1
    assert api.member(ADA)["merge_fields"]["FNAME"] == "Ada"


def test_all_may_fail_and_the_answer_is_still_200(api: Client, standin: StandIn) -> None:
    api.put("gone@example.org")
    standin.act("forget", address="gone@example.org")
    answer = api.batch(person("no address"), person("x@fake.example.org"), person("gone@example.org"), {"vip": True})
    assert [error["error_code"] for error in answer["errors"]] == ["ERROR_GENERIC"] * 4
    assert (answer["error_count"], answer["total_created"]) == (4, 0)


def test_an_item_without_status_keeps_what_is_there(api: Client, standin: StandIn) -> None:
    api.batch(person(status="unsubscribed"))
    item = {"email_address": ADA, "merge_fields": {"FNAME": "Ada"}}
    assert api.batch(item, update_existing=True)["updated_members"][0]["status"] == "unsubscribed"
    assert api.batch({"email_address": "new@example.org"}, update_existing=True)["errors"][0]["field"] == "status"
    standin.switch(batch_without_status="error")
    assert api.batch(item, update_existing=True)["error_count"] == 1


def test_an_archived_member_exists_and_returns_only_with_a_status(api: Client, standin: StandIn) -> None:
    api.batch(person())
    standin.act("archive", address=ADA)
    assert api.batch(person())["errors"][0]["error_code"] == "ERROR_CONTACT_EXISTS"
    assert api.batch({"email_address": ADA}, update_existing=True)["updated_members"][0]["status"] == "archived"
    assert api.batch(person(), update_existing=True)["updated_members"][0]["status"] == "subscribed"


@pytest.mark.parametrize("how", ["unsubscribe", "clean"])
def test_who_left_is_not_subscribed_by_a_batch(api: Client, standin: StandIn, how: str) -> None:
    api.batch(person())
    standin.act(how, address=ADA)
    left = api.member(ADA)
    answer = api.batch(person(merge_fields={"FNAME": "Ada"}), update_existing=True)
    assert answer["errors"][0]["error_code"] == "ERROR_GENERIC"
    standin.switch(compliance_in_batch="silent")
    answer = api.batch(person(merge_fields={"FNAME": "Ada"}), update_existing=True)
    assert (answer["error_count"], answer["updated_members"][0]["status"]) == (0, left["status"])
    assert api.member(ADA) == left


@pytest.mark.parametrize("skips", [False, True])
def test_an_address_twice_in_a_request(api: Client, skips: bool) -> None:
    twice = [person(merge_fields={"FNAME": "first"}), person(ADA.lower(), merge_fields={"FNAME": "second"})]
    response = api("POST", LIST, {"members": twice}, skip_duplicate_check=str(skips).lower())
    if not skips:
        assert (response.status_code, response.json()["title"]) == (400, "Invalid Resource")
        assert api("GET", LIST + "/members").json()["total_items"] == 0
        return
    assert (response.json()["total_created"], response.json()["error_count"]) == (1, 0)
    assert api.member(ADA)["merge_fields"]["FNAME"] == "first"


def test_status_if_new_is_for_new_ones_alone(api: Client, standin: StandIn) -> None:
    item = {"email_address": ADA, "status_if_new": "subscribed"}
    assert api.batch(item)["new_members"][0]["status"] == "subscribed"
    standin.act("admin_unsubscribe", address=ADA)
    assert api.batch(item, update_existing=True)["updated_members"][0]["status"] == "unsubscribed"


def test_merge_fields_not_sent_are_kept_and_empty_ones_clear(api: Client) -> None:
    api.batch(person(merge_fields={"FNAME": "Ada", "LNAME": "Byron"}))
    api.batch(person(merge_fields={"LNAME": ""}), update_existing=True)
    assert api.member(ADA)["full_name"] == "Ada"


def test_merge_values_are_checked_by_type_and_bytes(api: Client, standin: StandIn) -> None:
    assert api("POST", LIST + "/merge-fields", {"name": "LTV", "tag": "LTV", "type": "number"}).status_code == 200
    bad = [{"LTV": "many"}, {"FNAME": "é" * 128}, {"ADDRESS": {"city": "X"}}, {"FNAME": 7}]
    answer = api.batch(*(person(f"p{n}@example.org", merge_fields=fields) for n, fields in enumerate(bad)))
    assert [error["field"] for error in answer["errors"]] == ["LTV", "FNAME", "ADDRESS", "FNAME"]
    assert answer["errors"][0]["field_message"] == "Please enter a number"
    assert standin.state(counts=1)["counts"]["members"] == 0
    assert api.batch(person(merge_fields={"FNAME": "é" * 127, "LTV": 7}))["total_created"] == 1


def test_required_merge_fields_can_be_skipped(api: Client) -> None:
    api("POST", LIST + "/merge-fields", {"name": "Number", "tag": "NO", "type": "text", "required": True})
    assert api.batch(person())["errors"][0]["field"] == "NO"
    assert api.batch(person(), query={"skip_merge_validation": "true"})["total_created"] == 1


def test_sync_tags_replaces_all_tags(api: Client) -> None:
    api.batch(person())
    api.segment("choir", ADA)
    api.batch(person(), update_existing=True)
    assert api.member(ADA)["tags_count"] == 1
    api.batch(person(), update_existing=True, sync_tags=True)
    assert api.member(ADA)["tags_count"] == 0


def test_tags_in_items_are_not_in_the_schema(api: Client, standin: StandIn) -> None:
    assert api.batch(person(tags=["choir"]))["new_members"][0]["tags_count"] == 0
    standin.switch(batch_tags="on")
    answer = api.batch(person(tags=["choir"]), update_existing=True)
    assert answer["updated_members"][0]["tags"][0]["name"] == "choir"
