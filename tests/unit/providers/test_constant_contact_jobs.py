"""Work that was handed over to Constant Contact: how it is cut, how it is asked about, what its end says of whom."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm_sync.client import Client
from crm_sync.errors import QuotaExhaustedError
from crm_sync.operations import Operation, Outcome
from crm_sync.providers.constant_contact import imports, lookup
from local.verbs import settled, told
from unit.providers.constant_contact_account import APPLIED, Account, batch, joining, list_batch, person

ANN, BOB = "ann@example.org", "bob@example.org"
IMPORT = "/activities/contacts_json_import"


def people(account: Account, count: int, list_id: str) -> list[dict[str, object]]:
    return [
        row
        for n in range(count)
        for who in [f"p{n}@example.org"]
        for row in (person("create", who), *joining(who, list_id))
    ]


def pair(n: int, list_id: str) -> list[Operation]:
    """An import of two people into a list."""
    addresses = f"ann{n}@example.org", f"bob{n}@example.org"
    return batch(*(row for who in addresses for row in (person("create", who), *joining(who, list_id))))


def ran_together(account: Account, count: int) -> tuple[Client, list[tuple[list[Operation], list[Outcome]]]]:
    """So many imports, each into a list of its own, that were handed over and have ended, with what was answered."""
    client = account.connect()
    batches = [pair(n, account.list(f"List {n}")) for n in range(count)]
    ended = [(each, client.create(each)) for each in batches]
    account.standin.act("finish_activities")
    return client, ended


def imported(account: Account) -> list[dict[str, Any]]:
    """The imports so far, as they were logged."""
    return [each for each in account.standin.requests()["requests"] if each["route"] == IMPORT]


def test_an_import_is_cut_by_bytes_and_nobody_is_lost(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MOST_BYTES", 10_000)
    account.standin.switch(import_bytes=10_000)  # beyond which the service takes nothing, without a word
    account.standin.keep_bodies()
    assert account.do("create", *people(account, 300, account.list("News"))) == [APPLIED] * 600
    assert len(account.contacts()) == 300
    assert account.standin.state()["lists"][0]["members"] == 300
    sizes = [each["request_bytes"] for each in imported(account)]
    assert len(sizes) == 3
    assert all(7_000 < size <= 10_000 for size in sizes[:-1])


def test_many_jobs_are_asked_about_by_one_call(account: Account) -> None:
    lists = [account.list(f"List {n}") for n in range(6)]
    rows = [row for n, each in enumerate(lists) for row in people(account, n + 1, each)[-2:]]
    client, asked = account.connect(), batch(*rows)
    answer = client.create(asked)
    assert len({each.job for each in answer}) == 6
    account.standin.clear_requests()
    assert told(settled(client, asked, answer)) == [APPLIED] * 12
    polls = [call for call in account.calls() if "activities" in call]
    assert len(polls) <= 6, polls


@pytest.mark.parametrize("end", ["failed", "timed_out", "cancelled"])
@pytest.mark.parametrize("verb", ["create", "archive", "change_membership"])
def test_an_activity_that_did_not_come_to_its_end_is_left_to_the_next_run(
    verb: str, end: str, account: Account
) -> None:
    news = account.list("News")
    account.standin.act("create_contact", address=ANN, lists=["Theirs"])
    rows = {
        "create": [person("create", ANN), *joining(ANN, news)],
        "archive": [person("archive", ANN), *joining(ANN, news, verb="remove_from_list")],
        "change_membership": joining(ANN, news),
    }[verb]
    account.standin.act("fail_next_activity", state=end, errors=["Something"])
    assert account.do(verb, *rows) == [("deferred", f"activity_{end}")] * len(rows)
    assert account.do(verb, *rows) == [APPLIED] * len(rows)


def test_a_deletion_of_a_list_is_handed_over_and_may_fail(account: Account) -> None:
    news = account.list("News")
    account.standin.act("fail_next_activity")
    for outcome in [("deferred", "activity_failed"), APPLIED, APPLIED]:
        client, asked = account.connect(), list_batch("delete_list", "News", news)
        assert told(settled(client, asked, client.delete_list(asked))) == [outcome]
    assert [each["name"] for each in account.standin.state()["lists"] if "deleted" not in each] == []


def test_an_activity_that_is_forgotten_is_left_to_the_next_run(account: Account) -> None:
    client, asked = account.connect(), batch(person("create", ANN), *joining(ANN, account.list("News")))
    answer = client.create(asked)
    account.standin.clock(advance_seconds=11 * 24 * 3600)
    account.standin.act("expire_access_tokens")
    assert set(told(settled(client, asked, answer))) == {("deferred", "activity_forgotten")}


def test_an_import_that_was_done_in_part_is_finished_by_the_next(account: Account) -> None:
    rows = people(account, 5, account.list("News"))
    account.standin.act("fail_next_activity", state="timed_out", applied=2)
    assert {status for status, _ in account.do("create", *rows)} == {"deferred"}
    assert len(account.contacts()) == 2
    assert account.do("create", *rows) == [APPLIED] * 10
    assert len(account.contacts()) == 5


@pytest.mark.parametrize("adds", [True, False])
def test_whom_a_change_of_memberships_passed_over_is_named(adds: bool, account: Account) -> None:
    news = account.list("News")
    held = {"lists": [] if adds else ["News"]}
    for address in (ANN, BOB, "left@example.org", "full@example.org", "gone@example.org"):
        full = {"lists": [f"L{n}" for n in range(50)]} if address.startswith("full") and adds else held
        account.standin.act("create_contact", address=address, **full)
    ids = {who: each["contact_id"] for who, each in account.contacts().items()}
    account.standin.switch(lists_of_unsubscribed="kept")
    account.standin.act("unsubscribe", address="left@example.org")
    account.standin.act("delete_contact", address="gone@example.org")
    verb = "add_to_list" if adds else "remove_from_list"
    rows = [row for who in ids for row in joining(who, news, verb=verb, remote_id=ids[who])]
    rows += joining("nobody@example.org", news, verb=verb)
    refusals = [(("refused", reason) if adds else APPLIED) for reason in ("opted_out", "too_many_lists")]
    absent = [("refused", "not_in_account") if adds else APPLIED] * 2
    for _ in range(2):
        assert account.do("change_membership", *rows) == [APPLIED, APPLIED, *refusals, *absent]


def test_people_of_one_set_of_lists_share_a_call(account: Account) -> None:
    lists = [account.list(f"List {n}") for n in range(3)]
    for address in (ANN, BOB):
        account.standin.act("create_contact", address=address)
    ids = {who: each["contact_id"] for who, each in account.contacts().items()}
    rows = [row for who in ids for row in joining(who, *lists, remote_id=ids[who])]
    assert account.do("change_membership", *rows) == [APPLIED] * 6
    assert account.calls().count("POST /activities/add_list_memberships") == 1
    assert [len(each["lists"]) for each in account.contacts().values()] == [3, 3]


def test_a_list_that_was_deleted_by_hand_takes_nobody_else_along(account: Account) -> None:
    news, events = account.list("News"), account.list("Events")
    account.standin.act("delete_list", name="Events")
    gone = ("refused", "list_gone")
    assert account.do("create", person("create", ANN), *joining(ANN, events, news)) == [APPLIED, gone, APPLIED]
    assert account.do("create", person("create", BOB), *joining(BOB, events)) == [APPLIED, gone]
    assert account.do("change_membership", *joining(ANN, events)) == [gone]
    assert account.do("change_membership", *joining(ANN, events, verb="remove_from_list")) == [APPLIED]
    long = "l" * 50 + "@example.org"
    for verb in ("create", "update"):
        assert account.do(verb, person(verb, long), *joining(long, events, news)) == [APPLIED, gone, APPLIED]
    assert {who: each["lists"] for who, each in account.contacts().items()} == {ANN: ["News"], BOB: [], long: ["News"]}


def test_a_crowd_that_is_set_aside_costs_few_calls(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "MOST_SINGLY", 3)
    news = account.list("News")
    bad = [f"bad{n}@fake.example.org" for n in range(10)]
    rows = [row for who in [ANN, *bad] for row in (person("create", who), *joining(who, news))]
    account.standin.clear_requests()
    assert account.do("create", *rows) == [APPLIED] * 2 + [("refused", "address_refused")] * 20
    assert len(account.calls()) <= 8


def test_activities_that_ran_together_are_looked_at_by_one_look(account: Account) -> None:
    client, ended = ran_together(account, 4)
    account.standin.clear_requests()
    for asked, answer in ended:
        assert set(told(settled(client, asked, answer))) == {APPLIED}
    assert sorted(account.calls()) == ["GET /activities", "GET /contacts"]
    assert len(account.contacts()) == 8


def test_what_is_over_only_after_a_look_is_looked_at_anew(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "MOST_SINGLY", 0)
    client, news = account.connect(), account.list("News")
    for n in range(2):
        asked = pair(n, news)
        answer = client.create(asked)
        account.standin.act("finish_activities")
        assert set(told(settled(client, asked, answer))) == {APPLIED}
    assert len(account.contacts()) == 4


def test_where_nobody_knows_what_became_of_somebody_the_next_run_asks(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup, "MOST_SINGLY", 0)
    client, asked = account.connect(), batch(*people(account, 3, account.list("News")))
    answer = client.create(asked)
    account.standin.act("finish_activities")
    account.standin.act("empty_account")
    assert set(told(settled(client, asked, answer))) == {("deferred", "not_confirmed")}


def test_where_the_days_calls_end_in_the_middle_the_others_wait(account: Account) -> None:
    addresses = [f"{n}".ljust(50, "l") + "@example.org" for n in range(4)]
    rows = [person("create", who) for who in addresses]
    account.standin.switch(calls_per_day=2)
    assert account.do("create", *rows) == [APPLIED] * 2 + [("deferred", "daily_quota")] * 2
    with pytest.raises(QuotaExhaustedError):
        account.do("create", *rows)


def test_no_body_names_a_row_twice(account: Account) -> None:
    account.standin.keep_bodies()
    account.do("create", *people(account, 20, account.list("News")))
    bodies = [json.loads(each["body"]) for each in imported(account)]
    emails = [row["email"] for body in bodies for row in body["import_data"]]
    assert sorted(emails) == sorted(f"p{n}@example.org" for n in range(20))


@pytest.mark.parametrize("adds", [True, False])
def test_what_an_activity_that_nobody_knows_of_has_undone_is_done_again(adds: bool, account: Account) -> None:
    news = account.list("News")
    account.standin.act("create_contact", address=ANN, lists=[] if adds else ["News"])
    (held,) = account.contacts().values()
    verbs = ["add_to_list", "remove_from_list"] if adds else ["remove_from_list", "add_to_list"]
    account.connect().change_membership(batch(*joining(ANN, news, verb=verbs[1], remote_id=held["contact_id"])))
    client = account.connect()
    asked = batch(*joining(ANN, news, verb=verbs[0], remote_id=held["contact_id"]))
    first = client.change_membership(asked)
    # The stand-in brings both to their end at one look, the newest first.
    account.standin.switch(polls_to_complete=1)
    once_more = client.collect(first[0].job, asked)
    assert once_more is not None
    assert told(once_more) == [("submitted", "")]
    assert once_more[0].job != first[0].job
    assert told(settled(account.connect(), asked, once_more)) == [APPLIED]
    assert [each["lists"] for each in account.contacts().values()] == [["News"] if adds else []]


def test_work_is_not_over_while_what_was_handed_over_before_it_goes_on(account: Account) -> None:
    news = account.list("News")
    account.standin.act("create_contact", address=ANN)
    (held,) = account.contacts().values()
    client, asked = account.connect(), batch(*joining(ANN, news, remote_id=held["contact_id"]))
    older, newer = (client.change_membership(asked)[0].job for _ in range(2))
    account.standin.switch(polls_to_complete=2)
    client._results._api.get(f"/activities/{newer}", can_wait=False)  # a look at it alone
    assert client.collect(newer, asked) is None
    assert client.collect(newer, asked) is not None
    assert client.collect(older, asked) is not None
