"""Rules H1 to H7 as a person at the association sees them: a change in the CRM, a run, the site of Higher Logic. Each
holds in both versions of the Push API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from local.world import facts
from standins.process import StandIn
from system.accounts import told_of
from system.connections import connected
from system.members import MemberAssociation
from system.runs import Runs

NAME = "higher_logic"

pytestmark = told_of(NAME)


def people(standin: StandIn) -> dict[str, frozenset[str]]:
    """The active people there by first name, with the names of their communities."""
    return {
        each["first_name"]: frozenset(community["name"] for community in each["communities"])
        for each in standin.state()["members"]
        if each["is_active"] and not each["is_organization"]
    }


def record(standin: StandIn, contact: int) -> dict[str, Any]:
    """All that the stand-in holds of one contact; a LookupError where it holds nothing."""
    found = [each for each in standin.state()["members"] if each["key"] == str(contact)]
    if not found:
        raise LookupError("no record has that key")
    return dict(found[0])


@dataclass
class Site:
    """A site that is connected by one version of the Push API. ``way``: as ``facts`` has it."""

    way: str
    standin: StandIn

    @property
    def is_first(self) -> bool:
        return self.way.endswith(":v1")

    @property
    def path(self) -> str:
        """Where everything is pushed to."""
        return "/push/v1/members" if self.is_first else "/v2/contactinfo"

    def city(self, contact: int) -> str:
        """Where somebody lives, as the site has it."""
        held = record(self.standin, contact)
        return str(held["fields"]["City"] if self.is_first else held["extra"]["Addresses"][0]["City"])

    def pushed(self) -> list[int]:
        """The contacts of the pushes since the last look, in their order."""
        requests = self.standin.requests()["requests"]
        self.standin.clear_requests()
        assert {each["path"] for each in requests} <= {self.path}
        return [int(key) for each in requests for key in facts(self.way).keys_sent(each)]


@pytest.fixture(params=["higher_logic", "higher_logic:v1"], autouse=True)
def site(
    request: pytest.FixtureRequest,
    runs: Runs,
    association: MemberAssociation,
    state_dsn: str,
    standin: StandIn,
    monkeypatch: pytest.MonkeyPatch,
) -> Site:
    """Connected so; the request log holds what was pushed."""
    connected(request.param, association.crm_dsn, state_dsn, standin, monkeypatch)
    standin.keep_bodies()
    return Site(request.param, standin)


def test_h1_only_individuals_who_are_active_members_of_a_synchronized_list_are_there(
    association: MemberAssociation, standin: StandIn, runs: Runs
) -> None:
    news, quiet = association.list("News"), association.list("Quiet", is_synchronized=False)
    association.member("Ann", news)
    association.member("Bob", news, status="courtesy")
    association.member("Cid", news, status="dropped")
    association.member("Dan", news, status=None)
    association.member("Eve", quiet)
    association.member("Fay")
    gus = association.member("Gus", news, status=None)
    association.relate(gus, association.organization("Acme", status="active"))
    association.member("Hal", news, address=None)
    runs.sync()

    assert people(standin) == dict.fromkeys(("Ann", "Gus", "Hal"), frozenset({"News"}))
    everybody = {each["first_name"] or each["company"] for each in standin.state()["members"]}
    assert everybody == {"Ann", "Gus", "Hal", "Acme"}


def test_h2_a_record_has_contact_information_organization_membership_types_and_lists(
    association: MemberAssociation, standin: StandIn, runs: Runs, site: Site
) -> None:
    news = association.list("News")
    acme = association.organization("Acme")
    bob, ann = association.member("Bob", news), association.member("Ann", news)
    association.relate(ann, acme)
    runs.sync()

    sent = site.pushed()
    assert sent[0] == acme, "organizations go before their people"
    assert sorted(sent[1:]) == [bob, ann]
    held = record(standin, ann)
    assert (held["email"], held["company"]) == ("ann@example.org", "Acme")
    assert held["parent_resolves"] is site.is_first, "version 2 knows no key of an organization"
    assert record(standin, acme)["company"] == "Acme"
    assert [each["name"] for each in held["security_groups"]] == ["Full"]
    assert [each["key"] for each in held["communities"]] == [f"list-{news}"]


def test_h2_a_change_in_any_of_these_pushes_the_people_it_concerns(
    association: MemberAssociation, standin: StandIn, runs: Runs, site: Site
) -> None:
    news, board = association.list("News"), association.list("Board", kind="committee")
    acme = association.organization("Acme")
    ann, bob = association.member("Ann", news), association.member("Bob", news)
    association.relate(ann, acme)
    runs.sync()
    site.pushed()

    association.do("update crm.contact set city = 'Town' where contact_id = %s", bob)
    runs.sync()
    assert (site.pushed(), site.city(bob)) == ([bob], "Town")

    association.do("update crm.contact set organization_name = 'Acme Two' where contact_id = %s", acme)
    runs.sync()
    assert (site.pushed(), record(standin, ann)["company"]) == ([acme, ann], "Acme Two")

    association.give_membership(bob, "active", "Student")
    association.join(ann, board)
    runs.sync()
    assert sorted(site.pushed()) == [ann, bob]
    assert {each["name"] for each in record(standin, bob)["security_groups"]} == {"Full", "Student"}
    assert people(standin)["Ann"] == {"News", "Board"}

    runs.sync(mode="full")
    assert site.pushed() == []


def test_h3_a_new_list_makes_its_community_hidden_and_an_administrator_shows_it(
    association: MemberAssociation, standin: StandIn, runs: Runs
) -> None:
    news = association.list("News")
    ann = association.member("Ann", news)
    runs.sync()
    (community,) = standin.state()["communities"]
    assert (community["name"], community["hidden"], community["members"]) == ("News", True, 1)

    standin.act("unhide_community", key=f"list-{news}")
    association.do("update crm.list set name = 'Newsletter' where list_id = %s", news)
    association.do("update crm.contact set last_name = 'Newname' where contact_id = %s", ann)
    runs.sync()
    (community,) = standin.state()["communities"]
    assert (community["name"], community["hidden"], community["members"]) == ("Newsletter", False, 1)


def test_h4_do_not_contact_has_no_effect(association: MemberAssociation, standin: StandIn, runs: Runs) -> None:
    news = association.list("News")
    ann, bob = association.member("Ann", news), association.member("Bob", news)
    association.set_do_not_contact(ann, True)
    association.do("update crm.list_member set do_not_contact = true where contact_id = %s", bob)
    runs.sync()
    assert people(standin) == {"Ann": {"News"}, "Bob": {"News"}}

    association.set_do_not_contact(bob, True)
    runs.sync()
    assert people(standin) == {"Ann": {"News"}, "Bob": {"News"}}


def test_h5_an_organization_in_a_list_is_skipped_and_reported(
    association: MemberAssociation, standin: StandIn, runs: Runs
) -> None:
    news = association.list("News")
    association.member("Ann", news)
    acme = association.organization("Acme", news, status="active")
    runs.sync()

    assert {each["first_name"] for each in standin.state()["members"]} == {"Ann"}
    reported = "select contact_id, reason from crm_sync.exceptions where provider = 'higher_logic'"
    assert runs.ask(reported) == [(acme, "organization_in_list")]

    association.leave(acme, news)
    runs.sync()
    assert runs.ask(reported) == []


def test_h6_who_is_no_longer_active_or_in_no_list_loses_communities_and_active_flag_only(
    association: MemberAssociation, standin: StandIn, runs: Runs
) -> None:
    news, board = association.list("News"), association.list("Board")
    gone = {name: association.member(name, news, board) for name in ("Ann", "Bob", "Cid")}
    dan = association.member("Dan", news, board)
    runs.sync()
    assert people(standin) == dict.fromkeys((*gone, "Dan"), frozenset({"News", "Board"}))

    association.set_status(gone["Ann"], "dropped")
    association.do("delete from crm.list_member where contact_id = %s", gone["Bob"])
    association.do("delete from crm.contact where contact_id = %s", gone["Cid"])
    association.leave(dan, board)
    runs.sync()

    assert people(standin) == {"Dan": {"News"}}
    for name, contact in gone.items():
        left = record(standin, contact)
        assert (left["is_active"], left["is_member"]) == (False, False)
        assert (left["communities"], left["security_groups"]) == ([], []), "either gives access"
        assert (left["first_name"], left["email"]) == (name, f"{name.lower()}@example.org")

    association.set_status(gone["Ann"], "active")
    runs.sync()
    assert people(standin) == {"Dan": {"News"}, "Ann": {"News", "Board"}}


def test_h6_a_list_that_is_switched_off_or_deleted_is_left_by_all(
    association: MemberAssociation, standin: StandIn, runs: Runs
) -> None:
    news, board, club = association.list("News"), association.list("Board"), association.list("Club")
    association.member("Ann", news, board)
    association.member("Bob", club)
    runs.sync()

    association.do("update crm.list set sync_enabled = false where list_id = %s", board)
    association.do("delete from crm.list where list_id = %s", club)
    runs.sync()

    assert people(standin) == {"Ann": {"News"}}
    assert runs.ask("select * from crm_sync.exceptions") == []
    runs.sync()
    assert runs.ask("select name from crm_sync.list_holding") == [("News",)]


def test_h7_the_connection_tells_whether_the_initial_synchronization_is_complete(
    association: MemberAssociation, standin: StandIn, runs: Runs, site: Site
) -> None:
    from crm_sync.hooks.accounts import account_hook

    association.member("Ann", association.list("News"))
    is_connected, said = account_hook(NAME)().test_connection()
    assert is_connected
    assert said.endswith("standin-tenant, initial synchronization not yet complete")

    runs.sync()

    is_connected, said = account_hook(NAME)().test_connection()
    assert is_connected
    assert said.endswith("standin-tenant, initial synchronization complete")
    assert site.pushed(), "and nothing else was called"


def test_a_connection_that_is_switched_off_is_skipped_visibly(
    association: MemberAssociation,
    standin: StandIn,
    runs: Runs,
    site: Site,
    state_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connected(site.way, association.crm_dsn, state_dsn, standin, monkeypatch, enabled=False)
    association.member("Ann", association.list("News"))
    runs.run()
    assert set(runs.states.values()) == {"skipped"}
    assert standin.requests()["total"] == 0
