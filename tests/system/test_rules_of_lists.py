"""Rules E1 to E10 as a person at the association sees them: a change in the CRM, a run, the audience."""

from __future__ import annotations

from standins.process import StandIn
from system.association import Association, Held, audience, member, tags, writes
from system.runs import Runs

ARCHIVED = Held("archived")


def subscribed(*names: str) -> Held:
    return Held("subscribed", frozenset(names))


def test_e1_a_list_that_becomes_synchronized_appears_there_with_its_eligible_members(
    association: Association, standin: StandIn, runs: Runs
) -> None:
    news = association.list("News", is_synchronized=False)
    association.contact("Ann", news)
    association.contact("Bob", news)
    runs.sync()
    assert audience(standin) == {}

    association.do("update crm.list set sync_enabled = true where list_id = %s", news)
    board = association.list("Board", kind="committee")
    association.contact("Cid", board)
    association.contact("Dan", board, do_not_contact=True)
    runs.sync()

    assert audience(standin) == {
        "ann@example.org": subscribed("News"),
        "bob@example.org": subscribed("News"),
        "cid@example.org": subscribed("Board"),
    }


def test_e2_an_eligible_contact_added_to_a_synchronized_list_appears_in_that_list(
    association: Association, standin: StandIn, runs: Runs
) -> None:
    news, board = association.list("News"), association.list("Board")
    association.contact("Ann", news)
    bob = association.contact("Bob")
    runs.sync()
    assert audience(standin) == {"ann@example.org": subscribed("News")}

    association.join(bob, board)
    runs.sync()

    assert audience(standin) == {"ann@example.org": subscribed("News"), "bob@example.org": subscribed("Board")}
    assert member(standin, "bob@example.org")["merge_fields"]["FNAME"] == "Bob"


def test_e3_nothing_is_sent_for_a_contact_without_an_address_or_with_do_not_contact(
    association: Association, standin: StandIn, runs: Runs
) -> None:
    news = association.list("News")
    association.contact("Ann", news)
    runs.sync()
    standin.clear_requests()

    association.contact("Bob", news, address=None)
    association.contact("Cid", news, do_not_contact=True)
    runs.sync()

    assert runs.states["record"] == "success"
    assert writes(standin) == []
    assert audience(standin) == {"ann@example.org": subscribed("News")}


def test_e4_do_not_contact_disables_the_contact_and_takes_it_out_of_the_list(
    association: Association, standin: StandIn, runs: Runs
) -> None:
    news = association.list("News")
    ann = association.contact("Ann", news)
    association.contact("Bob", news)
    runs.sync()

    association.set_do_not_contact(ann, True)
    runs.sync()

    assert audience(standin) == {"ann@example.org": Held("unsubscribed"), "bob@example.org": subscribed("News")}


def test_e4_do_not_contact_on_one_membership_disables_the_contact_too(
    association: Association, standin: StandIn, runs: Runs
) -> None:
    news, board = association.list("News"), association.list("Board")
    ann = association.contact("Ann", news, board)
    runs.sync()
    assert audience(standin) == {"ann@example.org": subscribed("News", "Board")}

    flag = "update crm.list_member set do_not_contact = true where contact_id = %s and list_id = %s"
    association.do(flag, ann, board)
    runs.sync()

    assert audience(standin) == {"ann@example.org": Held("unsubscribed")}


def test_e5_cleared_do_not_contact_enables_the_contact_again_in_its_lists(
    association: Association, standin: StandIn, runs: Runs
) -> None:
    news, board = association.list("News"), association.list("Board")
    ann = association.contact("Ann", news, board)
    runs.sync()
    identity = member(standin, "ann@example.org")["contact_id"]
    association.set_do_not_contact(ann, True)
    runs.sync()
    assert audience(standin) == {"ann@example.org": Held("unsubscribed")}

    association.set_do_not_contact(ann, False)
    runs.sync()

    assert audience(standin) == {"ann@example.org": subscribed("News", "Board")}
    assert member(standin, "ann@example.org")["contact_id"] == identity


def test_e6_a_changed_name_or_address_updates_the_same_contact_there(
    association: Association, standin: StandIn, runs: Runs
) -> None:
    news = association.list("News")
    ann = association.contact("Ann", news)
    runs.sync()
    identity = member(standin, "ann@example.org")["contact_id"]

    association.do("update crm.contact set last_name = 'Newname' where contact_id = %s", ann)
    runs.sync()
    assert member(standin, "ann@example.org")["merge_fields"]["LNAME"] == "Newname"
    assert member(standin, "ann@example.org")["contact_id"] == identity

    association.do("update crm.email_address set address = 'Ann.New@example.org' where contact_id = %s", ann)
    runs.sync()

    assert audience(standin) == {"Ann.New@example.org": subscribed("News")}
    assert member(standin, "Ann.New@example.org")["contact_id"] == identity


def test_e7_a_contact_that_leaves_a_list_leaves_it_there_and_is_disabled_with_its_last(
    association: Association, standin: StandIn, runs: Runs
) -> None:
    news, board = association.list("News"), association.list("Board")
    ann = association.contact("Ann", news, board)
    runs.sync()

    association.leave(ann, news)
    runs.sync()
    assert audience(standin) == {"ann@example.org": subscribed("Board")}

    association.leave(ann, board)
    runs.sync()

    assert audience(standin) == {"ann@example.org": ARCHIVED}
    assert tags(standin) == {"News", "Board"}


def test_e8_a_deleted_list_is_deleted_there_and_contacts_in_no_other_are_disabled(
    association: Association, standin: StandIn, runs: Runs
) -> None:
    news, board = association.list("News"), association.list("Board")
    association.contact("Ann", news, board)
    association.contact("Bob", news)
    runs.sync()

    association.do("delete from crm.list where list_id = %s", news)
    runs.sync()

    assert tags(standin) == {"Board"}
    assert audience(standin) == {"ann@example.org": subscribed("Board"), "bob@example.org": ARCHIVED}


def test_e8_a_list_switched_off_is_deleted_there_too(association: Association, standin: StandIn, runs: Runs) -> None:
    news, board = association.list("News"), association.list("Board")
    association.contact("Ann", news, board)
    association.contact("Bob", board)
    runs.sync()

    association.do("update crm.list set sync_enabled = false where list_id = %s", board)
    runs.sync()

    assert tags(standin) == {"News"}
    assert audience(standin) == {"ann@example.org": subscribed("News"), "bob@example.org": ARCHIVED}


def test_e9_a_contact_deleted_from_the_crm_is_disabled_there_whatever_lists_it_was_in(
    association: Association, standin: StandIn, runs: Runs
) -> None:
    news, board = association.list("News"), association.list("Board")
    ann = association.contact("Ann", news, board)
    association.contact("Bob", news)
    runs.sync()

    association.do("delete from crm.contact where contact_id = %s", ann)
    runs.sync()

    assert audience(standin) == {"ann@example.org": ARCHIVED, "bob@example.org": subscribed("News")}


def test_e10_the_first_connection_brings_all_synchronized_lists_across(
    association: Association, standin: StandIn, runs: Runs
) -> None:
    news, board = association.list("News"), association.list("Board", kind="committee")
    quiet = association.list("Quiet", is_synchronized=False)
    association.contact("Ann", news, board, quiet)
    association.contact("Bob", board)
    association.contact("Cid", quiet)

    runs.sync(mode="changes")

    assert runs.ask("select mode from crm_sync.run") == [("full",)]
    assert tags(standin) == {"News", "Board"}
    assert audience(standin) == {"ann@example.org": subscribed("News", "Board"), "bob@example.org": subscribed("Board")}


def test_e10_a_full_run_brings_back_what_was_lost_there_and_sends_nothing_where_nothing_was(
    association: Association, standin: StandIn, runs: Runs
) -> None:
    news = association.list("News")
    association.contact("Ann", news)
    association.contact("Bob", news)
    runs.sync()
    standin.act("empty_audience")
    assert audience(standin) == {}

    runs.sync(mode="full")
    assert audience(standin) == {"ann@example.org": subscribed("News"), "bob@example.org": subscribed("News")}

    standin.clear_requests()
    runs.sync(mode="full")
    assert standin.requests()["total"] > 0
    assert writes(standin) == []
