"""Rules E1 to E10 as a person at the association sees them: a change in the CRM, a run, the account of either e-mail
provider."""

from __future__ import annotations

from system.accounts import ARCHIVED, EMAIL_PROVIDERS, UNSUBSCRIBED, Account, subscribed, told_of
from system.association import Association
from system.runs import Runs

pytestmark = told_of(*EMAIL_PROVIDERS)


def test_e1_a_list_that_becomes_synchronized_appears_there_with_its_eligible_members(
    association: Association, account: Account, runs: Runs
) -> None:
    news = association.list("News", is_synchronized=False)
    association.contact("Ann", news)
    association.contact("Bob", news)
    runs.sync()
    assert account.people() == {}

    association.do("update crm.list set sync_enabled = true where list_id = %s", news)
    board = association.list("Board", kind="committee")
    association.contact("Cid", board)
    association.contact("Dan", board, do_not_contact=True)
    runs.sync()

    assert account.people() == {
        "ann@example.org": subscribed("News"),
        "bob@example.org": subscribed("News"),
        "cid@example.org": subscribed("Board"),
    }


def test_e2_an_eligible_contact_added_to_a_synchronized_list_appears_in_that_list(
    association: Association, account: Account, runs: Runs
) -> None:
    news, board = association.list("News"), association.list("Board")
    association.contact("Ann", news)
    bob = association.contact("Bob")
    runs.sync()
    assert account.people() == {"ann@example.org": subscribed("News")}

    association.join(bob, board)
    runs.sync()

    assert account.people() == {"ann@example.org": subscribed("News"), "bob@example.org": subscribed("Board")}
    assert account.names("bob@example.org") == ("Bob", "Example")


def test_e3_nothing_is_sent_for_a_contact_without_an_address_or_with_do_not_contact(
    association: Association, account: Account, runs: Runs
) -> None:
    news = association.list("News")
    association.contact("Ann", news)
    runs.sync()
    account.standin.clear_requests()

    association.contact("Bob", news, address=None)
    association.contact("Cid", news, do_not_contact=True)
    runs.sync()

    assert runs.states["record"] == "success"
    assert account.writes() == []
    assert account.people() == {"ann@example.org": subscribed("News")}


def test_e4_do_not_contact_disables_the_contact_and_takes_it_out_of_the_list(
    association: Association, account: Account, runs: Runs
) -> None:
    news = association.list("News")
    ann = association.contact("Ann", news)
    association.contact("Bob", news)
    runs.sync()

    association.set_do_not_contact(ann, True)
    runs.sync()

    assert account.people() == {"ann@example.org": UNSUBSCRIBED, "bob@example.org": subscribed("News")}


def test_e4_do_not_contact_on_one_membership_disables_the_contact_too(
    association: Association, account: Account, runs: Runs
) -> None:
    news, board = association.list("News"), association.list("Board")
    ann = association.contact("Ann", news, board)
    runs.sync()
    assert account.people() == {"ann@example.org": subscribed("News", "Board")}

    flag = "update crm.list_member set do_not_contact = true where contact_id = %s and list_id = %s"
    association.do(flag, ann, board)
    runs.sync()

    assert account.people() == {"ann@example.org": UNSUBSCRIBED}


def test_e5_cleared_do_not_contact_enables_the_contact_again_in_its_lists(
    association: Association, account: Account, runs: Runs
) -> None:
    news, board = association.list("News"), association.list("Board")
    ann = association.contact("Ann", news, board)
    runs.sync()
    identity = account.identity("ann@example.org")
    association.set_do_not_contact(ann, True)
    runs.sync()
    assert account.people() == {"ann@example.org": UNSUBSCRIBED}

    association.set_do_not_contact(ann, False)
    runs.sync()

    assert account.people() == {"ann@example.org": subscribed("News", "Board")}
    assert account.identity("ann@example.org") == identity


def test_e6_a_changed_name_or_address_updates_the_same_contact_there(
    association: Association, account: Account, runs: Runs
) -> None:
    news = association.list("News")
    ann = association.contact("Ann", news)
    runs.sync()
    identity = account.identity("ann@example.org")

    association.do("update crm.contact set last_name = 'Newname' where contact_id = %s", ann)
    runs.sync()
    assert account.names("ann@example.org") == ("Ann", "Newname")
    assert account.identity("ann@example.org") == identity

    association.do("update crm.email_address set address = 'Ann.New@example.org' where contact_id = %s", ann)
    runs.sync()

    assert account.people() == {"Ann.New@example.org": subscribed("News")}
    assert account.identity("Ann.New@example.org") == identity


def test_e7_a_contact_that_leaves_a_list_leaves_it_there_and_is_disabled_with_its_last(
    association: Association, account: Account, runs: Runs
) -> None:
    news, board = association.list("News"), association.list("Board")
    ann = association.contact("Ann", news, board)
    runs.sync()

    association.leave(ann, news)
    runs.sync()
    assert account.people() == {"ann@example.org": subscribed("Board")}

    association.leave(ann, board)
    runs.sync()

    assert account.people() == {"ann@example.org": ARCHIVED}
    assert account.lists() == {"News", "Board"}


def test_e8_a_deleted_list_is_deleted_there_and_contacts_in_no_other_are_disabled(
    association: Association, account: Account, runs: Runs
) -> None:
    news, board = association.list("News"), association.list("Board")
    association.contact("Ann", news, board)
    association.contact("Bob", news)
    runs.sync()

    association.do("delete from crm.list where list_id = %s", news)
    runs.sync()

    assert account.lists() == {"Board"}
    assert account.people() == {"ann@example.org": subscribed("Board"), "bob@example.org": ARCHIVED}


def test_e8_a_list_switched_off_is_deleted_there_too(association: Association, account: Account, runs: Runs) -> None:
    news, board = association.list("News"), association.list("Board")
    association.contact("Ann", news, board)
    association.contact("Bob", board)
    runs.sync()

    association.do("update crm.list set sync_enabled = false where list_id = %s", board)
    runs.sync()

    assert account.lists() == {"News"}
    assert account.people() == {"ann@example.org": subscribed("News"), "bob@example.org": ARCHIVED}


def test_e9_a_contact_deleted_from_the_crm_is_disabled_there_whatever_lists_it_was_in(
    association: Association, account: Account, runs: Runs
) -> None:
    news, board = association.list("News"), association.list("Board")
    ann = association.contact("Ann", news, board)
    association.contact("Bob", news)
    runs.sync()

    association.do("delete from crm.contact where contact_id = %s", ann)
    runs.sync()

    assert account.people() == {"ann@example.org": ARCHIVED, "bob@example.org": subscribed("News")}


def test_e10_the_first_connection_brings_all_synchronized_lists_across(
    association: Association, account: Account, runs: Runs
) -> None:
    news, board = association.list("News"), association.list("Board", kind="committee")
    quiet = association.list("Quiet", is_synchronized=False)
    association.contact("Ann", news, board, quiet)
    association.contact("Bob", board)
    association.contact("Cid", quiet)

    runs.sync(mode="changes")

    assert runs.ask("select mode from crm_sync.run") == [("full",)]
    assert account.lists() == {"News", "Board"}
    assert account.people() == {"ann@example.org": subscribed("News", "Board"), "bob@example.org": subscribed("Board")}


def test_e10_a_full_run_brings_back_what_was_lost_there_and_sends_nothing_where_nothing_was(
    association: Association, account: Account, runs: Runs
) -> None:
    news = association.list("News")
    association.contact("Ann", news)
    association.contact("Bob", news)
    runs.sync()
    account.lose_everybody()
    assert account.people() == {}

    runs.sync(mode="full")
    assert account.people() == {"ann@example.org": subscribed("News"), "bob@example.org": subscribed("News")}

    account.standin.clear_requests()
    runs.sync(mode="full")
    assert account.is_asked()
    assert account.writes() == []
