"""What results rest on is changed: after the next run everybody is as the CRM and the new rules say, and workers that
differ do not mix their rules in one run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from convergence.arena import Arena
from convergence.conftest import OF_A_SITE
from convergence.stages import stages_before
from convergence.two_people import ADDRESS, BOB_IS_CALLED_OTHERWISE, names_held, person, writes
from crm_sync.errors import ConfigError, LoadFailedError
from crm_sync.pipeline import premises
from crm_sync.pipeline.begin import ONCE_A_DAY, OTHER_RULES

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ANN_IS_FLAGGED_IN_BOTH = """
    insert into crm.list_member (list_id, contact_id) values (2, 1);
    update crm.list_member set do_not_contact = true where contact_id = 1 and list_id = 2
"""


@pytest.fixture
def played(played: Arena, monkeypatch: pytest.MonkeyPatch) -> Arena:
    """Whose settings are as before, after the test."""
    monkeypatch.setattr(played.world, "settings", played.world.settings)
    return played


def set_to(arena: Arena, **settings: Any) -> None:
    arena.world.settings = replace(arena.world.settings, **settings)


def last_run(arena: Arena) -> tuple[Any, ...]:
    return arena.world.query("select mode, notice from crm_sync.run order by run_id desc limit 1")[0]


def flagged_in_one_list(arena: Arena) -> None:
    """Ann, in the scope of lists: so she stays in the other."""
    set_to(arena, do_not_contact_scope="list")
    arena.world.crm_do(ANN_IS_FLAGGED_IN_BOTH)
    assert arena.run("changes")
    assert person(arena, ADDRESS)["lists"] == {"News"}


def test_another_scope_takes_effect_with_the_next_run_either_way(played: Arena) -> None:
    flagged_in_one_list(played)
    set_to(played, do_not_contact_scope="contact")
    assert played.run("changes")
    assert last_run(played) == ("compare", OTHER_RULES)
    assert names_held(played) == {"Bob"}
    set_to(played, do_not_contact_scope="list")
    assert played.run("changes")
    assert person(played, ADDRESS)["lists"] == {"News"}
    assert names_held(played) == {"Ann", "Bob"}


def test_another_scope_takes_effect_though_the_run_that_met_it_failed(played: Arena) -> None:
    flagged_in_one_list(played)
    set_to(played, do_not_contact_scope="contact")
    airflow_run_id = played.begin("changes")
    assert played.play(stages_before("plan"), airflow_run_id)
    with pytest.raises(LoadFailedError):
        played.world.stage("record", airflow_run_id)
    assert played.run("changes")
    assert last_run(played) == ("compare", OTHER_RULES)
    assert names_held(played) == {"Bob"}


def test_a_run_is_of_one_scope_whatever_the_settings_of_its_workers(played: Arena) -> None:
    set_to(played, do_not_contact_scope="list")
    played.world.crm_do(ANN_IS_FLAGGED_IN_BOTH)
    airflow_run_id = played.begin("changes")
    set_to(played, do_not_contact_scope="contact")
    assert played.play(stages_before("record"), airflow_run_id)
    assert person(played, ADDRESS)["lists"] == {"News"}
    set_to(played, do_not_contact_scope="list")
    played.world.stage("record", airflow_run_id)
    assert played.run("changes")
    assert last_run(played)[0] == "changes"


@pytest.mark.parametrize("stage", ["extract", "transform", "plan", "load"])
def test_a_worker_with_another_mapping_ends_the_run_and_the_next_compares(
    stage: str, played: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    airflow_run_id = played.begin("changes")
    assert played.play(stages_before(stage), airflow_run_id)
    monkeypatch.setattr(premises, "fingerprint", lambda *_: "of another release")
    with pytest.raises(ConfigError, match="Finish the deployment"):
        played.world.stage(stage, airflow_run_id)
    assert names_held(played) == {"Ann", "Bob"}
    assert played.run("changes")
    assert last_run(played) == ("compare", OTHER_RULES)
    assert names_held(played) == {"Ann", "Bobby"}


def test_what_no_trigger_saw_is_repaired_within_a_day(played: Arena) -> None:
    played.world.crm_do("set session_replication_role = replica; " + BOB_IS_CALLED_OTHERWISE)
    played.world.query("update crm_sync.cursor set compared_at = compared_at - interval '24 hours' returning 1")
    assert played.run("changes")
    assert last_run(played) == ("compare", ONCE_A_DAY)
    assert names_held(played) == {"Ann", "Bobby"}
    assert played.run("changes")
    assert last_run(played) == ("changes", None)


def test_a_comparison_asks_the_provider_for_no_more_than_a_run_of_changes(played: Arena) -> None:
    asked = {}
    for mode in ("changes", "compare", "full"):
        played.standin.clear_requests()
        assert played.run(mode)
        assert last_run(played)[0] == mode
        asked[mode] = set(played.standin.requests(entries=0)["by_route"])
    assert asked["changes"] == asked["compare"] < asked["full"]


def communities(arena: Arena) -> set[str]:
    """The types of the communities that people are in there."""
    members = arena.standin.state()["members"]
    return {community["type"] for member in members for community in member["communities"]}


AT_A_SITE = pytest.mark.parametrize("arena", OF_A_SITE, indirect=True)


@AT_A_SITE
def test_a_choice_of_the_connection_takes_effect_for_everybody_with_the_next_run(played: Arena) -> None:
    assert communities(played) == {"List"}
    played.world.extras = {**played.world.extras, "list_type": "Discussion"}
    assert played.run("changes")
    assert last_run(played) == ("compare", OTHER_RULES)
    assert communities(played) == {"Discussion"}
    assert played.run("changes")
    assert last_run(played) == ("changes", None)


@AT_A_SITE
def test_a_connection_that_is_changed_under_a_run_ends_it(played: Arena) -> None:
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    airflow_run_id = played.begin("changes")
    assert played.play(stages_before("load"), airflow_run_id)
    played.world.extras = {**played.world.extras, "list_type": "Discussion"}
    with pytest.raises(ConfigError, match="settings or connection were changed since"):
        played.world.stage("load", airflow_run_id)
    assert names_held(played) == {"Ann", "Bob"}
    assert played.run("changes")
    assert (communities(played), names_held(played)) == ({"Discussion"}, {"Ann", "Bobby"})


@AT_A_SITE
def test_a_site_that_turns_to_the_other_version_is_pushed_once_and_who_leaves_meanwhile_leaves(played: Arena) -> None:
    (other,) = {*OF_A_SITE} - {played.world.way}
    played.world.way = other
    played.world.crm_do("delete from crm.contact where contact_id = 1")
    assert played.run("changes")
    assert last_run(played) == ("compare", OTHER_RULES)
    ann, bob = (played.provider.members(played.standin.state())[key] for key in ("1", "2"))
    assert (ann["names"][0], ann["is_held"], ann["lists"], ann["groups"]) == ("Ann", False, set(), set())
    assert (bob["names"][0], bob["is_held"], bob["lists"]) == ("Bob", True, {"list-2"})
    played.standin.clear_requests()
    for mode in ("changes", "full"):
        assert played.run(mode)
    assert writes(played) == {}, "once"
    played.settle()
