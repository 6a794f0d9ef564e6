"""Contacts of Constant Contact: who is made, changed, moved and let go, and who is never overruled."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from crm_sync.providers.constant_contact.api import Api
from unit.providers.constant_contact_account import APPLIED, Account, joining, names, person

ANN, BOB = "ann@example.org", "bob@example.org"
REFUSED = ("refused", "opted_out")
LONG = "l" * 50 + "@example.org"


def api(account: Account, method: str, path: str, body: object = None) -> requests.Response:
    """A call of somebody else's program, with a token of its own."""
    token = account.standin.act("grant")["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    return requests.request(method, account.standin.url + "/v3" + path, json=body, headers=headers, timeout=10)


@pytest.mark.parametrize("verb", ["create", "update"])
@pytest.mark.parametrize("action", ["unsubscribe", "admin_unsubscribe"])
@pytest.mark.parametrize("opted_out_put", ["409", "400", "kept"])
def test_whoever_left_is_refused_in_bulk_and_singly(
    verb: str, action: str, opted_out_put: str, account: Account
) -> None:
    news = account.list("News")
    account.standin.switch(opted_out_put=opted_out_put, put_without_permission="implicit")
    for address in (ANN, BOB, LONG):
        account.standin.act("create_contact", address=address)
    account.standin.act(action, address=ANN)
    account.standin.act(action, address=LONG)
    rows = [row for who in (ANN, BOB, LONG) for row in (person(verb, who), *joining(who, news))]
    assert account.do(verb, *rows) == [REFUSED, REFUSED, APPLIED, APPLIED, REFUSED, REFUSED]
    there = account.contacts()
    assert {who: there[who]["status"] for who in (ANN, BOB, LONG)} == {
        ANN: "unsubscribed",
        BOB: "active",
        LONG: "unsubscribed",
    }
    assert there[ANN]["lists"] == there[LONG]["lists"] == []


@pytest.mark.parametrize("address", [ANN, LONG])
def test_whom_we_unsubscribed_comes_back_and_who_left_by_themselves_does_not(address: str, account: Account) -> None:
    news = account.list("News")
    assert account.do("create", person("create", address), *joining(address, news)) == [APPLIED] * 2
    left = account.do("suppress", person("suppress", address), *joining(address, news, verb="remove_from_list"))
    assert left == [APPLIED] * 2
    assert account.contacts()[address]["opt_out_source"] == "Account"
    back = (person("enable", address), *joining(address, news))
    assert account.do("enable", *back) == [APPLIED] * 2
    held = account.contacts()[address]
    assert (held["permission"], held["lists"]) == ("implicit", ["News"])
    account.standin.act("unsubscribe", address=address)
    assert account.do("enable", *back) == [REFUSED] * 2
    assert account.contacts()[address]["unsubscribed_by"] == "contact"


def test_what_the_marketers_wrote_stays(account: Account) -> None:
    news, theirs = account.list("News"), account.list("Theirs")
    body = {
        **{"create_source": "Account", "first_name": "Ann", "last_name": "Lee", "job_title": "Chair"},
        **{"birthday_month": 5, "birthday_day": 6, "company_name": "Acme", "list_memberships": [theirs]},
        **{"email_address": {"address": ANN.upper(), "permission_to_send": "explicit"}},
        **{"phone_numbers": [{"phone_number": "5555550100", "kind": "home"}]},
    }
    contact_id = api(account, "POST", "/contacts", body).json()["contact_id"]
    # Another spelling is written singly, by a PUT, which empties all that it leaves out.
    row = person("update", ANN, remote_id=contact_id, fields=names("", "Lim"))
    assert account.do("update", row, *joining(ANN, news)) == [APPLIED] * 2
    held = api(account, "GET", f"/contacts/{contact_id}?include=list_memberships,phone_numbers").json()
    assert [held.get(name) for name in ("first_name", "last_name", "job_title")] == ["Ann", "Lim", "Chair"]
    assert [held[name] for name in ("birthday_month", "birthday_day", "company_name")] == [5, 6, "Acme"]
    assert set(held["list_memberships"]) == {news, theirs}
    assert held["phone_numbers"][0]["phone_number"] == "5555550100"
    assert [held["email_address"][name] for name in ("address", "permission_to_send")] == [ANN, "explicit"]


@pytest.mark.parametrize("address", [ANN, LONG])
def test_a_name_that_the_crm_does_not_know_empties_none(address: str, account: Account) -> None:
    news = account.list("News")
    account.standin.act("create_contact", address=address, first_name="Ann", last_name="Lee")
    rows = (person("update", address, fields=names("", "")), *joining(address, news))
    for _ in range(2):
        assert account.do("update", *rows) == [APPLIED] * 2
        held = account.contacts()[address]
        assert (held["first_name"], held["last_name"], held["lists"]) == ("Ann", "Lee", ["News"])
    assert account.do("update", person("update", address, fields=names("", "Lim"))) == [APPLIED]
    held = account.contacts()[address]
    assert (held["first_name"], held["last_name"], held["permission"]) == ("Ann", "Lim", "implicit")


@pytest.mark.parametrize("verb", ["update", "change_address"])
@pytest.mark.parametrize("opted_out_put", ["409", "400", "kept"])
def test_who_leaves_between_reading_and_writing_stays_away(
    verb: str, opted_out_put: str, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.standin.switch(opted_out_put=opted_out_put)
    account.standin.act("create_contact", address=LONG)
    write = Api.put

    def overtaken(calls: Api, contact: Any, **options: Any) -> Any:
        account.standin.act("unsubscribe", address=LONG)
        return write(calls, contact, **options)

    monkeypatch.setattr(Api, "put", overtaken)
    moves = {"update": person(verb, LONG), "change_address": person(verb, BOB, from_subscriber_key=LONG)}
    assert account.do(verb, moves[verb]) == [REFUSED]
    (held,) = account.contacts().values()
    assert (held["status"], held["opt_out_source"]) == ("unsubscribed", "Contact")


def test_the_spelling_of_an_address_follows_the_crm(account: Account) -> None:
    news = account.list("News")
    account.standin.act("create_contact", address="ANN@example.org", first_name="First", last_name="Last")
    before = account.contacts()["ANN@example.org"]["contact_id"]
    assert account.do("update", person("update", ANN), *joining(ANN, news)) == [APPLIED] * 2
    assert account.contacts()[ANN]["contact_id"] == before


@pytest.mark.parametrize("import_revives", ["yes", "no"])
@pytest.mark.parametrize("address", [ANN, LONG])
def test_a_deleted_contact_is_revived_as_itself(import_revives: str, address: str, account: Account) -> None:
    news = account.list("News")
    account.standin.switch(import_revives=import_revives)
    account.standin.act("create_contact", address=address, status="deleted")
    before = account.contacts()[address]["contact_id"]
    assert account.do("create", person("create", address), *joining(address, news)) == [APPLIED] * 2
    held = account.contacts()[address]
    assert (held["contact_id"], held["status"], held["lists"]) == (before, "active", ["News"])


def test_the_refused_of_an_import_are_named(account: Account) -> None:
    news = account.list("News")
    people = [ANN, "one@fake.example.org", BOB, "two@fake.example.org"]
    told = account.do("create", *(row for who in people for row in (person("create", who), *joining(who, news))))
    assert (
        told
        == [APPLIED] * 2 + [("refused", "address_refused")] * 2 + [APPLIED] * 2 + [("refused", "address_refused")] * 2
    )


def test_a_long_address_that_is_refused_is_named_too(account: Account) -> None:
    address = "l" * 45 + "@fake.example.org"
    assert account.do("create", person("create", address)) == [("refused", "address_or_field_refused")]


@pytest.mark.parametrize("address", [ANN, LONG])
def test_the_fifty_first_list_is_refused_and_the_others_are_joined(address: str, account: Account) -> None:
    theirs = [f"Theirs {n}" for n in range(48)]
    account.standin.act("create_contact", address=address, lists=theirs)
    ours = [account.list(f"Ours {n}") for n in range(4)]
    told = account.do("update", person("update", address), *joining(address, *ours))
    assert told == [APPLIED] * 3 + [("refused", "too_many_lists")] * 2
    assert set(account.contacts()[address]["lists"]) == {*theirs, "Ours 0", "Ours 1"}


def test_a_new_name_goes_by_a_list_that_somebody_is_in_already(account: Account) -> None:
    news = account.list("News")
    account.standin.act("create_contact", address=ANN, lists=["News"])
    changed = person("update", ANN, fields=names("New", "Name"), remote_lists="{" + news + "}")
    assert account.do("update", changed) == [APPLIED]
    held = account.contacts()[ANN]
    assert (held["first_name"], held["last_name"], held["lists"]) == ("New", "Name", ["News"])
    assert account.calls()[0] == "POST /activities/contacts_json_import"


def test_a_new_address_keeps_the_contact_and_is_refused_where_somebody_has_it(account: Account) -> None:
    account.standin.act("create_contact", address=ANN, lists=["News"])
    account.standin.act("create_contact", address=BOB, status="deleted")
    before = account.contacts()[ANN]["contact_id"]
    moved = person("change_address", "new@example.org", from_subscriber_key=ANN, remote_id=before)
    for _ in range(2):
        assert account.do("change_address", moved) == [APPLIED]
    held = account.contacts()["new@example.org"]
    assert (held["contact_id"], held["lists"], held["first_name"]) == (before, ["News"], "First")
    taken = person("change_address", BOB, from_subscriber_key="new@example.org", remote_id=before)
    assert account.do("change_address", taken) == [("refused", "address_taken")]
    gone = person("change_address", "x@example.org", from_subscriber_key="nobody@example.org")
    assert account.do("change_address", gone) == [("refused", "not_found")]


@pytest.mark.parametrize("action", ["unsubscribe", "admin_unsubscribe"])
def test_a_new_address_does_not_bring_back_who_left(action: str, account: Account) -> None:
    account.standin.act("create_contact", address=ANN)
    account.standin.act(action, address=ANN)
    assert account.do("change_address", person("change_address", BOB, from_subscriber_key=ANN)) == [REFUSED]
    assert account.contacts()[ANN]["status"] == "unsubscribed"


@pytest.mark.parametrize("lists_of_unsubscribed", ["removed", "kept"])
def test_an_opt_out_is_not_written_over_by_do_not_contact(lists_of_unsubscribed: str, account: Account) -> None:
    account.standin.switch(lists_of_unsubscribed=lists_of_unsubscribed)
    news = account.list("News")
    account.standin.act("create_contact", address=ANN, lists=["News", "Theirs"])
    account.standin.act("unsubscribe", address=ANN)
    account.standin.clear_requests()
    told = account.do("suppress", person("suppress", ANN), *joining(ANN, news, verb="remove_from_list"))
    assert told == [APPLIED] * 2
    assert not any(call.startswith("PUT") for call in account.calls())
    held = account.contacts()[ANN]
    assert (held["opt_out_source"], held["lists"]) == (
        "Contact",
        ["Theirs"] if lists_of_unsubscribed == "kept" else [],
    )


def test_do_not_contact_of_somebody_who_is_not_there_is_as_desired(account: Account) -> None:
    account.standin.act("create_contact", address=BOB, status="deleted")
    assert account.do("suppress", person("suppress", ANN)) == [APPLIED]
    assert account.do("suppress", person("suppress", BOB)) == [APPLIED]
    assert account.contacts()[BOB]["status"] == "deleted"


def test_who_is_archived_is_deleted_softly_and_may_be_gone_before(account: Account) -> None:
    for address in (ANN, BOB):
        account.standin.act("create_contact", address=address, lists=["News"])
    account.standin.act("delete_contact", address=BOB)
    ids = {who: held["contact_id"] for who, held in account.contacts().items()}
    rows = [person("archive", who, remote_id=contact_id) for who, contact_id in ids.items()]
    for _ in range(2):
        assert account.do("archive", *rows, person("archive", "nobody@example.org")) == [APPLIED] * 3
    assert [held["status"] for held in account.contacts().values()] == ["deleted"] * 2
