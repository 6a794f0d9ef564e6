"""Rules M1 to M3, and what two people with one address are to Mailchimp."""

from __future__ import annotations

from standins.process import StandIn
from system.association import Association, Held, audience, member, tags, writes
from system.runs import Runs


def test_m1_a_list_is_a_tag_in_the_audience_and_tags_of_others_are_never_touched(
    association: Association, standin: StandIn, runs: Runs
) -> None:
    standin.act("create_member", address="guest@example.org", tags=["Donors"])
    news = association.list("News")
    ann = association.contact("Ann", news)
    runs.sync()
    standin.act("add_tag", address="ann@example.org", name="Donors")

    association.leave(ann, news)
    association.do("delete from crm.list where list_id = %s", news)
    runs.sync()
    runs.sync(mode="full")

    assert tags(standin) == {"Donors"}
    assert audience(standin)["guest@example.org"] == Held("subscribed", frozenset({"Donors"}))
    assert audience(standin)["ann@example.org"] == Held("archived", frozenset({"Donors"}))


def test_m2_a_connection_test_shows_organization_contact_information_and_host(runs: Runs, standin: StandIn) -> None:
    from crm_sync.hooks.discovery import account_hook

    is_connected, said = account_hook("mailchimp")().test_connection()

    assert is_connected
    assert "Example Association" in said
    assert "1 Example Street" in said
    assert standin.url.removeprefix("http://") in said


def test_m2_a_connection_test_with_a_wrong_key_says_what_to_do(runs: Runs, standin: StandIn) -> None:
    from crm_sync.hooks.discovery import account_hook

    standin.switch(api_key="another-us1")
    try:
        is_connected, said = account_hook("mailchimp")().test_connection()
    finally:
        standin.switch(api_key="standin-us1")

    assert not is_connected
    assert "put a valid one into the Airflow connection" in said
    assert "standin-us1" not in said


def test_m3_who_unsubscribes_there_gets_do_not_contact_in_the_crm_and_is_never_subscribed_again(
    association: Association, standin: StandIn, runs: Runs
) -> None:
    news, board = association.list("News"), association.list("Board")
    quiet = association.list("Quiet", is_synchronized=False)
    ann = association.contact("Ann", news, board, quiet)
    association.contact("Bob", news)
    runs.sync()

    standin.act("unsubscribe", address="ann@example.org")
    # The same run also finds a reason to push her.
    association.do("update crm.contact set last_name = 'Newname' where contact_id = %s", ann)
    runs.sync()
    assert association.flagged_lists(ann) == {news, board}

    runs.sync(mode="full")

    assert audience(standin)["ann@example.org"].status == "unsubscribed"
    assert audience(standin)["bob@example.org"] == Held("subscribed", frozenset({"News"}))
    became = {each["to"] for each in standin.state(history=1)["history"] if each["from"] == "unsubscribed"}
    assert became == set()
    assert member(standin, "ann@example.org")["unsubscribed_by"] == "contact"


def test_two_contacts_with_one_address_are_one_subscriber_in_the_lists_of_both(
    association: Association, standin: StandIn, runs: Runs
) -> None:
    news, board = association.list("News"), association.list("Board")
    ann = association.contact("Ann", news, address="Home@example.org")
    bob = association.contact("Bob", board, address=" home@example.org ")
    runs.sync()
    both = {"Home@example.org": Held("subscribed", frozenset({"News", "Board"}))}
    assert audience(standin) == both
    assert member(standin, "Home@example.org")["merge_fields"]["FNAME"] == "Ann"

    association.do("delete from crm.contact where contact_id = %s", ann)
    runs.sync()
    assert [(each.status, each.tags) for each in audience(standin).values()] == [("subscribed", frozenset({"Board"}))]

    association.leave(bob, board)
    runs.sync()
    assert [each.status for each in audience(standin).values()] == ["archived"]


def test_do_not_contact_of_either_of_two_contacts_with_one_address_wins(
    association: Association, standin: StandIn, runs: Runs
) -> None:
    news = association.list("News")
    association.contact("Ann", news, address="home@example.org")
    bob = association.contact("Bob", news, address="home@example.org")
    runs.sync()
    assert audience(standin) == {"home@example.org": Held("subscribed", frozenset({"News"}))}

    association.set_do_not_contact(bob, True)
    runs.sync()

    assert audience(standin) == {"home@example.org": Held("unsubscribed")}
    standin.clear_requests()
    runs.sync()
    assert writes(standin) == []
