"""Rules M1 and M2; M3 is told of both e-mail providers, in test_rules_of_subscribers.py."""

from __future__ import annotations

from standins.process import StandIn
from system.accounts import Held, subscribed
from system.association import Association, audience, tags
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
    assert audience(standin)["guest@example.org"] == subscribed("Donors")
    assert audience(standin)["ann@example.org"] == Held("archived", frozenset({"Donors"}))


def test_m2_a_connection_test_shows_organization_contact_information_and_host(runs: Runs, standin: StandIn) -> None:
    from crm_sync.hooks.accounts import account_hook

    is_connected, said = account_hook("mailchimp")().test_connection()

    assert is_connected
    assert "Example Association" in said
    assert "1 Example Street" in said
    assert standin.url.removeprefix("http://") in said


def test_m2_a_connection_test_with_a_wrong_key_says_what_to_do(runs: Runs, standin: StandIn) -> None:
    from crm_sync.hooks.accounts import account_hook

    standin.switch(api_key="another-us1")
    try:
        is_connected, said = account_hook("mailchimp")().test_connection()
    finally:
        standin.switch(api_key="standin-us1")

    assert not is_connected
    assert "put a valid one into the Airflow connection" in said
    assert "standin-us1" not in said
