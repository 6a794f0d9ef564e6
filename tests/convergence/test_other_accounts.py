"""The connection leads to another account: everybody is brought there, opt-outs stand, and nothing counts as complete
before; a rotated key is no other account, and where a provider cannot tell, a person can."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from convergence.arena import Arena
from convergence.conftest import MEMBER_PROVIDERS, OF_A_SITE, PROVIDERS, everywhere
from convergence.premises_changed import empty, lead_to_another_account
from convergence.stages import stages_before
from convergence.two_people import (
    ADDRESS,
    ANN_LEAVES,
    BOB_IS_CALLED_OTHERWISE,
    do_by_hand,
    names_held,
    person,
    subscribed,
    writes,
)
from crm_sync.errors import ConfigError
from crm_sync.ledger import store
from crm_sync.pipeline.begin import ANOTHER_ACCOUNT, unopened
from local.world import facts
from standins.process import StandIn

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

KEYED_ACCOUNTS = [name for name in PROVIDERS if importlib.import_module(f"standins.{name}.seen").KEY_IS_THE_ACCOUNTS]
KEYED = pytest.mark.parametrize("arena", KEYED_ACCOUNTS, indirect=True)
PUSHED = pytest.mark.parametrize("arena", sorted({*OF_A_SITE, *MEMBER_PROVIDERS}), indirect=True)


@pytest.fixture
def played(played: Arena, monkeypatch: pytest.MonkeyPatch) -> Arena:
    """Whose connection is as before, after the test."""
    monkeypatch.setattr(played.world, "extras", dict(played.world.extras))
    return played


def last_run(arena: Arena, what: str = "mode, notice") -> tuple[Any, ...]:
    return arena.world.query(f"select {what} from crm_sync.run order by run_id desc limit 1")[0]


@everywhere
@pytest.mark.parametrize("mode", ["changes", "full", "backfill"])
def test_everybody_is_brought_to_another_account_whatever_is_asked_for(mode: str, played: Arena) -> None:
    lead_to_another_account(played)
    assert names_held(played) == set()
    assert played.run(mode)
    assert last_run(played) == ("full", ANOTHER_ACCOUNT)
    assert names_held(played) == {"Ann", "Bob"}
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    assert played.run("changes")
    assert last_run(played) == ("changes", None)
    assert names_held(played) == {"Ann", "Bobby"}
    played.settle()


@everywhere
def test_who_leaves_in_the_very_run_that_meets_another_account_is_not_brought_there(played: Arena) -> None:
    played.world.crm_do(ANN_LEAVES)
    lead_to_another_account(played)
    assert played.run("changes")
    assert names_held(played) == {"Bob"}
    played.settle()


@everywhere
def test_a_run_that_did_not_bring_everybody_across_leaves_it_to_the_next(played: Arena) -> None:
    lead_to_another_account(played)
    airflow_run_id = played.begin("changes")
    assert played.play(stages_before("load"), airflow_run_id)
    assert played.run("changes")
    assert last_run(played)[0] == "full"
    assert names_held(played) == {"Ann", "Bob"}


@everywhere
def test_back_at_the_first_account_everybody_is_compared_again(played: Arena) -> None:
    lead_to_another_account(played)
    assert played.run("changes")
    played.world.crm_do(ANN_LEAVES)
    lead_to_another_account(played, "a third")
    assert played.run("changes")
    assert last_run(played) == ("full", ANOTHER_ACCOUNT)
    assert names_held(played) == {"Bob"}
    played.settle()


@everywhere
def test_an_account_that_changes_inside_a_run_ends_it_before_anything_is_sent(played: Arena) -> None:
    played.world.crm_do(ANN_LEAVES)
    airflow_run_id = played.begin("changes")
    assert played.play(stages_before("load"), airflow_run_id)
    lead_to_another_account(played)
    played.standin.clear_requests()
    for stage in ("load", "opt_outs"):
        with pytest.raises(ConfigError, match="another account"):
            played.world.stage(stage, airflow_run_id)
    assert not [route for route in writes(played) if not route.endswith("/token")]
    assert played.run("changes")
    assert names_held(played) == {"Bob"}


@everywhere
def test_the_same_names_at_another_host_are_another_account(played: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    told = facts(played.world.way)
    with StandIn(played.world.provider) as other:
        monkeypatch.setattr(played, "standin", other)
        monkeypatch.setattr(played.world, "provider_url", other.url)
        empty(played)
        assert played.run("changes")
        assert last_run(played) == ("full", ANOTHER_ACCOUNT)
        assert names_held(played) == {"Ann", "Bob"}
        written_otherwise = other.url.replace("http", "HTTP") + told.API_PATH + "/"
        monkeypatch.setitem(played.world.extras, "base_url", written_otherwise)
        played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
        assert played.run("changes")
        assert last_run(played) == ("changes", None)
        assert names_held(played) == {"Ann", "Bobby"}


@pytest.mark.parametrize("arena", ["votervoice"], indirect=True)
@pytest.mark.parametrize("is_said", [False, True])
def test_who_leaves_an_association_for_another_is_not_looked_for_in_its_lists(is_said: bool, played: Arena) -> None:
    played.world.extras["list_name"] = "Advocates"
    assert played.run("changes")
    assert {each["list"] for each in played.standin.state()["contacts"]} == {"Advocates"}
    played.world.crm_do(ANN_LEAVES)
    if is_said:
        empty(played)
    else:
        lead_to_another_account(played)
    played.standin.act("create_list", name="Members")
    played.standin.act("remove_list", name="Advocates")
    played.world.extras["list_name"] = "Members"
    if is_said:
        answers = played.world.context(unopened(played.world.provider)).client.identity()
        store.say_another_account(played.world.state, played.world.provider, answers)
    assert played.run("changes")
    assert last_run(played) == ("full", ANOTHER_ACCOUNT)
    assert played.world.query("select * from crm_sync.exceptions") == []
    assert names_held(played) == {"Bob"}
    played.settle()


@pytest.mark.parametrize("arena", ["votervoice"], indirect=True)
def test_another_list_of_one_association_gets_everybody_and_who_leaves_leaves_the_old_one(played: Arena) -> None:
    played.world.crm_do(ANN_LEAVES)
    played.world.extras["list_name"] = "Advocates"
    assert played.run("changes")
    assert [(each["given_names"], each["list"]) for each in played.standin.state()["contacts"]] == [
        ("Bob", "Advocates")
    ]
    played.settle()


@KEYED
def test_a_rotated_key_is_no_other_account(played: Arena, monkeypatch: pytest.MonkeyPatch) -> None:
    played.standin.switch(api_key="rotated-us1")
    monkeypatch.setattr(played.world, "key", "rotated-us1")
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    assert played.run("changes")
    assert last_run(played) == ("changes", None)
    assert names_held(played) == {"Ann", "Bobby"}
    played.standin.switch(api_key=facts(played.world.way).KEY)


@PUSHED
def test_a_person_says_that_it_is_another_account_though_it_says_the_same(played: Arena) -> None:
    empty(played)
    assert played.run("full")
    assert names_held(played) == set(), "nobody can tell"
    answers = played.world.begin("changes").client.identity()
    store.say_another_account(played.world.state, played.world.provider, answers)
    assert played.run("changes")
    assert last_run(played) == ("full", ANOTHER_ACCOUNT)
    assert names_held(played) == {"Ann", "Bob"}
    assert played.run("changes")
    assert last_run(played, "state") != ("failed",)
    played.settle()


@everywhere
def test_a_person_says_that_it_is_the_same_account_under_another_name(played: Arena) -> None:
    switch, extra = played.provider.ACCOUNT
    played.standin.switch(**{switch: "renamed"})
    if extra:
        played.world.extras[extra] = "renamed"
    answers = played.world.begin("changes").client.identity()
    store.say_same_account(played.world.state, played.world.provider, answers)
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    assert played.run("changes")
    assert names_held(played) == {"Ann", "Bobby"}


def test_an_opt_out_follows_the_person_to_another_account_and_is_not_lifted_there(played: Arena) -> None:
    do_by_hand(played, "leave", ADDRESS)
    assert played.run("changes")
    assert subscribed(played) == {"bob@example.org"}
    lead_to_another_account(played)
    # Staff import their own file there.
    played.world.crm_do("update crm.list_member set do_not_contact = false")
    do_by_hand(played, "appear", ADDRESS)
    for mode in ("changes", "full", "full"):
        assert played.run(mode)
        assert played.world.query("select reason from crm_sync.opt_out where lifted_at is null") == [("unsubscribed",)]
    assert person(played, ADDRESS)["lists"] == set()
