"""A queue that is full, lists that only look inhabited, and last pages as the service has them."""

from __future__ import annotations

import pytest

from local.verbs import settled, told
from unit.providers.constant_contact_account import APPLIED, Account, batch, joining, person

ANN, BOB = "ann@example.org", "bob@example.org"


def test_a_full_queue_is_left_for_the_next_run_and_not_asked_again(account: Account) -> None:
    news = account.list("News")
    client = account.connect()
    asked = batch(person("create", ANN), *joining(ANN, news))
    assert told(settled(client, asked, client.create(asked))) == [APPLIED] * 2
    account.standin.switch(queued_activities=0)
    account.standin.clear_requests()
    waits = ("deferred", "activity_queue_full")
    for verb, rows in (
        ("create", [person("create", BOB), *joining(BOB, news)]),
        ("change_membership", joining(ANN, news, verb="remove_from_list")),
        ("archive", [person("archive", ANN)]),
    ):
        answer = getattr(client, verb)(batch(*rows))
        assert told(answer) == [waits] * len(rows)
    assert [each for each in account.calls() if each.startswith("POST /activities")] == [
        "POST /activities/contacts_json_import"
    ]
    gone = client.suppress(batch(person("suppress", ANN)))
    assert told(gone) == [APPLIED], "Do Not Contact needs no queue"


def test_the_limit_of_a_second_is_no_full_queue(account: Account) -> None:
    news = account.list("News")
    account.standin.fault("bare_429", method="POST", path_regex="/activities/", times=1)
    assert account.do("create", person("create", ANN), *joining(ANN, news)) == [APPLIED] * 2


def test_a_list_of_leavers_only_is_nobodys(account: Account) -> None:
    account.standin.act("create_contact", address=ANN, lists=["News"])
    account.standin.act("unsubscribe", address=ANN)
    lists = account.connect().lists().set_index("name")["members"]
    assert account.contacts()[ANN]["lists"] == ["News"]
    assert lists["News"] == 0


@pytest.mark.parametrize("last_links", ["absent", "null"])
def test_the_last_page_may_have_null_for_links(last_links: str, account: Account) -> None:
    account.standin.switch(last_links=last_links)
    account.standin.act("create_contacts", count=3)
    client = account.connect()
    assert len(client.opt_outs(None).people) == 0
    assert sum(len(frame) for frame in client.read_back().frames) == 3
