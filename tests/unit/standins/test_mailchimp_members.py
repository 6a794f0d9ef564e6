"""One member: insert, update, move, archive, forget, and who may not be subscribed again."""

from __future__ import annotations

import pytest

from standins import StandIn
from unit.standins.mailchimp_client import LIST, Client, hash_of, member_path

ADA, BOB = "Ada@example.org", "bob@example.org"


def test_a_member_is_found_by_hash_address_and_contact_id(api: Client) -> None:
    created = api.put(ADA).json()
    names = [hash_of(ADA), ADA, created["contact_id"]]
    assert [api("GET", f"{LIST}/members/{name}").json()["id"] for name in names] == [hash_of(ADA)] * 3
    assert api("GET", f"{LIST}/members/{hash_of(BOB)}").status_code == 404
    assert api("GET", "/lists/nosuch/members").status_code == 404


def test_status_if_new_is_for_new_members_only(api: Client, standin: StandIn) -> None:
    assert api.put(ADA, status_if_new="pending").json()["status"] == "pending"
    assert api.put(ADA, status_if_new="subscribed").json()["status"] == "pending"
    standin.act("archive", address=ADA)
    assert api.put(ADA, status_if_new="subscribed").json()["status"] == "archived"
    assert api.put(ADA, status="subscribed").json()["status"] == "subscribed"


def test_put_without_status_if_new_is_for_known_members_only(api: Client, standin: StandIn) -> None:
    body = {"email_address": ADA, "status": "subscribed"}
    assert api("PUT", member_path(ADA), body).status_code == 400
    api.put(ADA)
    assert api("PUT", member_path(ADA), body).status_code == 200
    standin.switch(put_without_status_if_new="error")
    assert api("PUT", member_path(ADA), body).status_code == 400


def test_put_refuses_an_address_of_another_hash(api: Client) -> None:
    body = {"email_address": BOB, "status_if_new": "subscribed"}
    assert api("PUT", member_path(ADA), body).status_code == 400
    api.put(ADA)
    assert api("PUT", member_path(ADA), body).status_code == 400


def test_post_of_a_known_address_is_refused(api: Client, standin: StandIn) -> None:
    body = {"email_address": ADA, "status": "subscribed", "tags": ["choir"]}
    assert api("POST", LIST + "/members", body).json()["tags"][0]["name"] == "choir"
    assert api("POST", LIST + "/members", body).json()["title"] == "Member Exists"
    standin.act("archive", address=ADA)
    assert api("POST", LIST + "/members", body).json()["title"] == "Member Exists"


@pytest.mark.parametrize("how", ["unsubscribe", "clean"])
@pytest.mark.parametrize("method", ["PUT", "PATCH", "POST"])
def test_who_left_is_not_subscribed_by_the_api(api: Client, standin: StandIn, how: str, method: str) -> None:
    api.put(ADA)
    standin.act(how, address=ADA)
    left = api.member(ADA)
    body = {"email_address": ADA, "status": "subscribed"}
    response = api(method, LIST + "/members" if method == "POST" else member_path(ADA), body)
    assert (response.status_code, response.json()["title"]) == (400, "Member In Compliance State")
    assert api.member(ADA) == left


@pytest.mark.parametrize("detour", ["archive", "transactional", "unsubscribed", "pending", "new address"])
def test_no_detour_leads_back_for_who_left(api: Client, standin: StandIn, detour: str) -> None:
    api.put(ADA)
    standin.act("unsubscribe", address=ADA)
    address = BOB if detour == "new address" else ADA
    if detour == "archive":
        assert api("DELETE", member_path(ADA)).status_code == 204
    elif detour == "new address":
        assert api("PATCH", member_path(ADA), {"email_address": BOB}).status_code == 200
    else:
        assert api.put(ADA, status=detour).status_code == 200
    assert api.put(address, status="subscribed").json()["title"] == "Member In Compliance State"
    standin.act("resubscribe", address=address)
    assert api.put(address, status="subscribed").status_code == 200


def test_cleaned_is_not_even_asked_again(api: Client, standin: StandIn) -> None:
    api.put(ADA)
    standin.act("clean", address=ADA)
    assert api.put(ADA, status="pending").json()["title"] == "Member In Compliance State"
    assert api.put(ADA, status="transactional").status_code == 200


@pytest.mark.parametrize("by", ["api", "admin"])
def test_who_was_unsubscribed_by_others_can_return(api: Client, standin: StandIn, by: str) -> None:
    api.put(ADA)
    if by == "api":
        api("PATCH", member_path(ADA), {"status": "unsubscribed"})
    else:
        standin.act("admin_unsubscribe", address=ADA)
    assert standin.state()["members"][0]["unsubscribed_by"] == by
    assert api("PATCH", member_path(ADA), {"status": "subscribed"}).json()["status"] == "subscribed"


def test_the_history_shows_every_status_and_its_author(api: Client, standin: StandIn) -> None:
    api.put(ADA)
    standin.act("unsubscribe", address=ADA)
    standin.act("resubscribe", address=ADA)
    api("DELETE", member_path(ADA))
    api("POST", member_path(ADA) + "/actions/delete-permanent")
    changes = [(change["from"], change["to"], change["by"]) for change in standin.state(history=1)["history"]]
    assert changes == [
        (None, "subscribed", "api"),
        ("subscribed", "unsubscribed", "contact"),
        ("unsubscribed", "subscribed", "contact"),
        ("subscribed", "archived", "api"),
        ("archived", "deleted", "api"),
    ]


def test_a_patch_moves_a_member_with_its_identity_and_tags(api: Client) -> None:
    before = api.put(ADA, merge_fields={"FNAME": "Ada"}).json()
    api.segment("choir", ADA)
    after = api("PATCH", member_path(ADA), {"email_address": BOB}).json()
    assert (after["id"], after["contact_id"]) == (hash_of(BOB), before["contact_id"])
    assert (after["merge_fields"]["FNAME"], after["tags"][0]["name"]) == ("Ada", "choir")
    assert api("GET", member_path(ADA)).status_code == 404


@pytest.mark.parametrize(
    ("how", "status"),
    [("", "Subscribed"), ("unsubscribe", "Unsubscribed"), ("archive", "Archived"), ("forget", "Deleted")],
)
def test_a_patch_to_a_taken_address_is_refused(api: Client, standin: StandIn, how: str, status: str) -> None:
    api.put(ADA)
    api.put(BOB)
    if how:
        standin.act(how, address=BOB)
    response = api("PATCH", member_path(ADA), {"email_address": BOB, "merge_fields": {"FNAME": "x"}})
    assert (response.status_code, response.json()["title"]) == (400, "Invalid Resource")
    error = response.json()["errors"][0]
    assert error["field"] == "email address"
    assert f'"{status}"' in error["message"]
    assert api.member(ADA)["merge_fields"]["FNAME"] == ""


def test_delete_archives_whoever_is_there(api: Client) -> None:
    api.put(ADA)
    assert api("DELETE", member_path(ADA)).status_code == 204
    assert api.member(ADA)["status"] == "archived"
    assert api("DELETE", member_path(BOB)).status_code == 404


@pytest.mark.parametrize(("how", "status"), [("archive", "archived"), ("clean", "cleaned"), ("await", "pending")])
def test_who_is_not_on_the_list_proper_cannot_be_archived(api: Client, standin: StandIn, how: str, status: str) -> None:
    api.put(ADA)
    standin.act(how, address=ADA)
    refused = api("DELETE", member_path(ADA))
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, PUT")
    assert api.member(ADA)["status"] == status


def test_who_comes_and_goes_too_often_is_refused_for_now(api: Client, standin: StandIn) -> None:
    for _ in range(12):
        assert api.put(ADA, status="subscribed").ok
        assert api("DELETE", member_path(ADA)).ok
    refused = api.put(ADA, status="subscribed")
    assert (refused.status_code, refused.json()["title"]) == (400, "Invalid Resource")
    assert "errors" not in refused.json()
    standin.clock(advance_seconds=25 * 3600)
    assert api.put(ADA, status="subscribed").json()["status"] == "subscribed"


def test_errors_may_name_fields_in_another_way(api: Client, standin: StandIn) -> None:
    standin.switch(error_fields="dotted")
    api.put(ADA)
    api.put(BOB)
    assert api("PATCH", member_path(ADA), {"email_address": BOB}).json()["errors"][0]["field"] == "email_address"
    refused = api.put(ADA, merge_fields={"FNAME": "x" * 256})
    assert refused.json()["errors"][0]["field"] == "merge_fields.FNAME"


def test_a_place_may_be_told_in_full(api: Client) -> None:
    assert api.put(ADA, location={"latitude": 1.0, "longitude": 2.0, "gmtoff": 1, "country_code": "US"}).ok


def test_who_is_deleted_for_good_cannot_be_imported_again(api: Client) -> None:
    api.put(ADA)
    assert api("POST", member_path(ADA) + "/actions/delete-permanent").status_code == 204
    assert api("GET", member_path(ADA)).status_code == 404
    assert api.put(ADA).json()["title"] == "Forgotten Email Not Subscribed"


@pytest.mark.parametrize("address", ["x@fake.example.org", "no address", "a@b", "a..b@example.org", ""])
def test_bad_addresses_are_refused(api: Client, address: str) -> None:
    response = api("POST", LIST + "/members", {"email_address": address, "status": "subscribed"})
    assert (response.status_code, response.json()["title"]) == (400, "Invalid Resource")


def test_tags_of_a_member(api: Client) -> None:
    api.put(ADA)
    path = member_path(ADA) + "/tags"
    tags = [{"name": "choir", "status": "active"}, {"name": "board", "status": "active"}]
    response = api("POST", path, {"tags": tags, "is_syncing": True})
    assert (response.status_code, response.content) == (204, b"")
    assert [tag["name"] for tag in api("GET", path).json()["tags"]] == ["choir", "board"]
    api("POST", path, {"tags": [{"name": "Choir", "status": "inactive"}, {"name": "new", "status": "inactive"}]})
    assert [tag["name"] for tag in api("GET", path).json()["tags"]] == ["board"]
    assert api("GET", LIST + "/tag-search", name="CH").json()["tags"][0]["name"] == "choir"
    assert api("GET", LIST + "/segments").json()["total_items"] == 2


def test_tags_survive_archiving_and_return(api: Client, standin: StandIn) -> None:
    api.put(ADA)
    api.segment("choir", ADA)
    api("DELETE", member_path(ADA))
    assert api.put(ADA, status="subscribed").json()["tags"][0]["name"] == "choir"
