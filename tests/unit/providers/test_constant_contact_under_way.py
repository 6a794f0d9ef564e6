"""Work that nobody waits for, since its answer was lost: what it may yet undo is not called done before its end."""

from __future__ import annotations

import pytest

from crm_sync.errors import TransientError
from local.verbs import told
from unit.providers.constant_contact_account import APPLIED, Account, batch, joining, list_batch, person

ANN = "ann@example.org"
WAITS = ("deferred", "activity_under_way")


@pytest.fixture
def news(account: Account) -> str:
    """A list; from now on an activity goes on until a test ends it."""
    made = account.list("News")
    account.standin.switch(polls_to_complete=1000)
    return made


def end_activities(account: Account) -> None:
    account.standin.act("finish_activities")
    account.standin.switch(polls_to_complete=1)


@pytest.mark.parametrize(
    ("verb", "status"), [("suppress", "unsubscribed"), ("archive", "deleted")], ids=["suppress", "archive"]
)
def test_whoever_is_to_go_goes_though_an_import_brings_them_late(
    verb: str, status: str, account: Account, news: str
) -> None:
    account.connect().create(batch(person("create", ANN), *joining(ANN, news)))  # and the answer is lost
    assert account.do(verb, person(verb, ANN)) == [WAITS]
    assert account.contacts() == {}
    end_activities(account)
    assert account.contacts()[ANN]["lists"] == ["News"]
    assert account.do(verb, person(verb, ANN)) == [APPLIED]
    assert account.contacts()[ANN]["status"] == status


def test_whoever_is_to_leave_a_list_leaves_though_an_import_brings_them_late(account: Account, news: str) -> None:
    account.connect().create(batch(person("create", ANN), *joining(ANN, news)))
    leaving = joining(ANN, news, verb="remove_from_list")
    assert account.do("change_membership", *leaving) == [WAITS]
    end_activities(account)
    assert account.do("change_membership", *leaving) == [APPLIED]
    assert account.contacts()[ANN]["lists"] == []


def test_a_list_is_not_renamed_while_its_deletion_may_go_on(account: Account, news: str) -> None:
    account.connect().delete_list(list_batch("delete_list", "News", news))
    renamed = list_batch("rename_list", "Letters", news)
    first = account.connect().rename_list(renamed)
    assert told(first) == [WAITS]
    end_activities(account)
    assert account.connect().rename_list(renamed)[0].reason == "list_gone"


def test_a_list_that_is_being_deleted_is_not_taken_for_the_new_one_of_its_name(account: Account, news: str) -> None:
    account.connect().delete_list(list_batch("delete_list", "News", news))
    made = list_batch("create_list", "News")
    with pytest.raises(TransientError, match="may delete it is still running"):
        account.connect().create_list(made)
    end_activities(account)
    (anew,) = account.connect().create_list(made)
    assert anew.remote_id not in {"", news}
