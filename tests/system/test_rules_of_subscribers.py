"""Who opts out there, rules M3 and C2, and what two people with one address are, at either e-mail provider."""

from __future__ import annotations

from system.accounts import ARCHIVED, EMAIL_PROVIDERS, UNSUBSCRIBED, Account, subscribed, told_of
from system.association import Association
from system.runs import Runs

pytestmark = told_of(*EMAIL_PROVIDERS)


def test_m3_c2_who_opts_out_there_gets_do_not_contact_in_the_crm_before_the_next_push(
    association: Association, account: Account, runs: Runs
) -> None:
    news, board = association.list("News"), association.list("Board")
    quiet = association.list("Quiet", is_synchronized=False)
    ann = association.contact("Ann", news, board, quiet)
    bob = association.contact("Bob", news)
    association.contact("Cid", news)
    runs.sync()

    account.by_hand("leave", address="ann@example.org")
    account.by_hand("staff_leave", address="bob@example.org")
    # The same run also finds a reason to push both.
    association.do("update crm.contact set last_name = 'Newname' where contact_id in (%s, %s)", ann, bob)
    runs.sync()
    assert (association.flagged_lists(ann), association.flagged_lists(bob)) == ({news, board}, {news})
    assert {address for address, each in account.people().items() if each.status == "subscribed"} == {"cid@example.org"}

    runs.sync(mode="full")
    people = account.people()
    assert people["ann@example.org"].status == people["bob@example.org"].status == "unsubscribed"
    assert people["cid@example.org"] == subscribed("News")
    assert account.has_left("ann@example.org")
    assert account.came_back() == []


def test_m3_c2_clearing_the_flag_in_the_crm_does_not_undo_an_opt_out_but_coming_back_there_does(
    association: Association, account: Account, runs: Runs
) -> None:
    news = association.list("News")
    ann = association.contact("Ann", news)
    runs.sync()
    account.by_hand("leave", address="ann@example.org")
    runs.sync()
    assert association.flagged_lists(ann) == {news}

    association.do("update crm.list_member set do_not_contact = false where contact_id = %s", ann)
    runs.sync()
    assert account.people()["ann@example.org"].status == "unsubscribed"
    assert account.came_back() == []

    account.by_hand("return", address="ann@example.org")
    association.do("update crm.list_member set do_not_contact = false where contact_id = %s", ann)
    runs.sync(mode="full")
    assert account.people() == {"ann@example.org": subscribed("News")}


def test_two_contacts_with_one_address_are_one_subscriber_in_the_lists_of_both(
    association: Association, account: Account, runs: Runs
) -> None:
    news, board = association.list("News"), association.list("Board")
    ann = association.contact("Ann", news, address="Home@example.org")
    bob = association.contact("Bob", board, address=" home@example.org ")
    runs.sync()
    both = {"Home@example.org": subscribed("News", "Board")}
    assert account.people() == both
    assert account.names("Home@example.org") == ("Ann", "Example")

    association.do("delete from crm.contact where contact_id = %s", ann)
    runs.sync()
    assert list(account.people().values()) == [subscribed("Board")]

    association.leave(bob, board)
    runs.sync()
    assert list(account.people().values()) == [ARCHIVED]


def test_do_not_contact_of_either_of_two_contacts_with_one_address_wins(
    association: Association, account: Account, runs: Runs
) -> None:
    news = association.list("News")
    association.contact("Ann", news, address="home@example.org")
    bob = association.contact("Bob", news, address="home@example.org")
    runs.sync()
    assert account.people() == {"home@example.org": subscribed("News")}

    association.set_do_not_contact(bob, True)
    runs.sync()

    assert account.people() == {"home@example.org": UNSUBSCRIBED}
    account.standin.clear_requests()
    runs.sync()
    assert account.writes() == []
