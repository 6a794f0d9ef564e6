"""What is heard from Constant Contact, and what is still heard when the day's calls are nearly gone."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from crm_sync.client import Client
from crm_sync.errors import ContractError, QuotaExhaustedError
from standins.constant_contact import contract
from unit.providers.constant_contact_account import APPLIED, SHEET, Account, batch, joining, list_batch, names, person

ANN = "ann@example.org"


def read(client: Client) -> pd.DataFrame:
    return pd.concat(list(client.read_back().frames)).set_index("subscriber_key")


def test_everybody_is_read_whatever_their_status_in_the_engines_words(account: Account) -> None:
    statuses = {
        **{"active": "subscribed", "unsubscribed": "unsubscribed", "deleted": "archived"},
        **{"pending_confirmation": "pending", "temp_hold": "subscribed", "not_set": "subscribed"},
    }
    for status in statuses:
        account.standin.act("create_contact", address=f"{status}@example.org", status=status)
    account.standin.act("create_contact", address="both@example.org", status="unsubscribed")
    account.standin.act("delete_contact", address="both@example.org")
    held = read(account.connect())["status"].to_dict()
    assert held == {f"{each}@example.org": word for each, word in statuses.items()} | {
        "both@example.org": "unsubscribed"
    }


def test_what_was_sent_is_read_back_as_it_was_sent(account: Account) -> None:
    news = account.list("News")
    acme = json.dumps({"first_name": "", "last_name": "", "company_name": "Acme"}, separators=(",", ":"))
    rows = {"Ann@example.org": names("Zoë", ""), "acme@example.org": acme}
    sent = [row for who, fields in rows.items() for row in (person("create", who, fields=fields), *joining(who, news))]
    assert account.do("create", *sent) == [APPLIED] * 4
    held = read(account.connect())
    assert [json.loads(text) for text in held["fields"]] == [json.loads(text) for text in rows.values()]
    assert held.loc["acme@example.org", "fields"] == acme
    assert held["address"].tolist() == list(rows)
    assert held["remote_lists"].tolist() == ["{" + news + "}"] * 2
    assert held["remote_id"].tolist() == [each["contact_id"] for each in account.contacts().values()]


def test_an_empty_account_gives_nobody(account: Account) -> None:
    client = account.connect()
    assert list(client.read_back().frames) == []
    assert client.lists().empty
    assert client.opt_outs(None).people == []


def test_leavers_are_told_by_the_providers_own_clock(account: Account) -> None:
    account.standin.clock(set="2026-01-01T12:00:00+00:00", frozen=True)
    for name in ("early", "late", "staff", "stays"):
        account.standin.act("create_contact", address=f"{name}@example.org")
    account.standin.act("unsubscribe", address="early@example.org")
    account.standin.clock(advance_seconds=3600)
    account.standin.act("unsubscribe", address="late@example.org")
    account.standin.act("admin_unsubscribe", address="staff@example.org")
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
    client = account.connect()
    everything, later = client.opt_outs(None), client.opt_outs(noon + timedelta(minutes=30))
    assert [who.subscriber_key for who in everything.people] == [
        "early@example.org",
        "late@example.org",
        "staff@example.org",
    ]
    assert {who.reason for who in everything.people} == {"unsubscribed"}
    assert [who.subscriber_key for who in later.people] == ["late@example.org", "staff@example.org"]
    assert later.polled_at == noon + timedelta(hours=1), "not the time of this machine"


def test_leavers_and_lists_come_over_several_pages(account: Account) -> None:
    account.standin.act("create_contacts", count=1203, lists=["News"])
    actions = [{"action": "unsubscribe", "address": f"person{n}@example.org"} for n in range(1, 1204)]
    actions += [{"action": "create_list", "name": f"List {n}"} for n in range(600)]
    account.standin.control("POST", "state", {"actions": actions})
    client = account.connect()
    assert len({who.subscriber_key for who in client.opt_outs(None).people}) == 1203
    lists = client.lists().set_index("name")["members"]
    assert len(lists) == 601
    assert lists["News"] == 0


def test_an_account_that_does_not_say_who_it_is_still_answers(account: Account) -> None:
    granted = account.standin.act("grant", scope="contact_data offline_access")
    with account.client_state.token() as slot:
        slot.store(granted)
    said = account.connect().account()
    assert said["organization"]
    assert said["host"] in account.standin.url


def test_a_next_page_elsewhere_is_not_followed(account: Account) -> None:
    client = account.connect()
    with pytest.raises(ContractError, match="next page"):
        client._api._below("https://elsewhere.example.org/v3/contacts")


def test_a_list_of_that_name_is_taken_only_if_nobody_is_in_it(account: Account) -> None:
    client = account.connect()
    made = client.create_list(list_batch("create_list", "News"))
    again = client.create_list(list_batch("create_list", "NEWS"))
    assert again[0].remote_id == made[0].remote_id != ""
    account.standin.act("create_contact", address=ANN, lists=["News"])
    assert client.create_list(list_batch("create_list", "news"))[0].reason == "list_name_taken"


@pytest.mark.parametrize("status", ["400", "409"])
def test_a_list_is_renamed_with_all_that_it_has(status: str, account: Account) -> None:
    account.standin.switch(put_list_taken_name=status)
    news, _ = account.list("News"), account.list("Events")
    client = account.connect()
    assert client.rename_list(list_batch("rename_list", "Letters", news))[0].status == "applied"
    assert client.rename_list(list_batch("rename_list", "Events", news))[0].reason == "list_name_taken"
    account.standin.act("delete_list", name="Letters")
    assert client.rename_list(list_batch("rename_list", "News", news))[0].reason == "list_gone"


def test_the_thousand_and_first_list_is_refused_as_such(account: Account) -> None:
    actions = [{"action": "create_list", "name": f"List {n}"} for n in range(1000)]
    account.standin.control("POST", "state", {"actions": actions})
    told = account.connect().create_list(list_batch("create_list", "One more"))
    assert told[0].reason == "too_many_lists_in_account"


def test_the_last_calls_of_a_day_are_for_those_who_leave(account: Account) -> None:
    limit = SHEET.calls_per_day
    assert limit == 10_000
    account.standin.act("create_contact", address=ANN)
    client = account.connect()
    client.account()
    today = datetime.fromisoformat(account.standin.clock()["iso"]).date()
    account.client_state.count_calls(today, int(limit * 0.95))
    enrolment = batch(person("create", "new@example.org"), *joining("new@example.org", account.list("News")))
    before = account.standin.requests()["total"]
    for refused in (lambda: client.create(enrolment), client.read_back, client.lists):
        with pytest.raises(QuotaExhaustedError):
            refused()
    assert account.standin.requests()["total"] == before, "nothing was sent"
    assert client.opt_outs(None).people == []
    assert client.suppress(batch(person("suppress", ANN)))[0].status == "applied"
    assert client.archive(batch(person("archive", ANN)))[0].status == "submitted"
    account.client_state.count_calls(today, limit)
    with pytest.raises(QuotaExhaustedError):
        client.opt_outs(None)


def test_a_quota_that_others_used_up_is_heard_of_once(account: Account) -> None:
    client = account.connect()
    client.account()
    account.standin.switch(calls_per_day=10)
    account.standin.act("use_quota", calls=10)
    with pytest.raises(QuotaExhaustedError):
        client.opt_outs(None)
    before = account.standin.requests()["total"]
    with pytest.raises(QuotaExhaustedError):
        client.opt_outs(None)
    assert account.standin.requests()["total"] == before


def test_after_midnight_there_the_calls_begin_anew(account: Account) -> None:
    account.standin.clock(set=datetime.now(UTC).strftime("%Y-%m-%dT23:59:00+00:00"), frozen=True)
    client = account.connect()
    client.account()
    account.client_state.count_calls(datetime.now(UTC).date(), 9_600)
    with pytest.raises(QuotaExhaustedError):
        client.lists()
    account.standin.clock(advance_seconds=120)
    assert client.opt_outs(None).people == [], "what cannot wait is what hears of the new day"
    assert client.lists().empty


def test_a_clock_that_is_wrong_here_does_no_harm(account: Account) -> None:
    account.standin.clock(set=(datetime.now(UTC) + timedelta(days=3)).isoformat(timespec="seconds"))
    news = account.list("News")
    assert account.do("create", person("create", ANN), *joining(ANN, news)) == [APPLIED] * 2
    account.standin.clock(set=(datetime.now(UTC) - timedelta(days=3)).isoformat(timespec="seconds"))
    contract.prepare(account.standin, account.client_state)
    assert account.do("create", person("create", "b@example.org"), *joining("b@example.org", news)) == [APPLIED] * 2
