"""Who is put into a tag of Mailchimp, or taken out, beside people whom its audience does not know, or who are in."""

from __future__ import annotations

import pytest

from convergence.arena import Arena
from convergence.mailchimp_audience import calls, in_the_audience, lists_of, rows
from convergence.stages import stages_before, stages_from
from convergence.two_people import ADDRESS, ANN_LEAVES, OTHER_ADDRESS, clear_the_weather, do_by_hand, subscribed
from standins.mailchimp.state import key_of

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.parametrize("arena", ["mailchimp"], indirect=True),
]
ANN_JOINS_BOARD = "insert into crm.list_member (list_id, contact_id) values (2, 1)"
ANN_LEAVES_BOARD = "delete from crm.list_member where contact_id = 1 and list_id = 2"
BOB_JOINS_NEWS = "insert into crm.list_member (list_id, contact_id) values (1, 2)"
THEY_TRADE_LISTS = "update crm.list_member set list_id = 3 - list_id"
ALL_LISTS = {"News", "Board"}


def forget(arena: Arena, address: str = ADDRESS) -> None:
    """Somebody is deleted for good there, as if they had never been."""
    in_the_audience(arena, "POST", f"/members/{key_of(address).hex()}/actions/delete-permanent")


def changes(arena: Arena) -> int:
    """How many calls changed who is in a tag."""
    return calls(arena, "POST", "/segments/{segment_id}")


def run_with_ann_deleted_before_load(arena: Arena, change: str) -> None:
    """A run of changes; after it was planned, Ann is deleted there."""
    arena.world.crm_do(change)
    airflow_run_id = arena.begin("changes")
    assert arena.play(stages_before("load"), airflow_run_id)
    forget(arena)
    arena.standin.clear_requests()
    assert arena.play(stages_from("load"), airflow_run_id)


def test_somebody_who_is_gone_leaves_a_list_alone(played: Arena) -> None:
    forget(played)
    played.world.crm_do(ANN_LEAVES)
    assert played.run("changes")
    assert not rows(played)
    played.settle()


def test_somebody_who_is_gone_joins_a_list_alone_and_is_a_row(played: Arena) -> None:
    run_with_ann_deleted_before_load(played, ANN_JOINS_BOARD)
    assert rows(played) == {("subscriber", ADDRESS, None, "not_in_audience")}


def test_somebody_who_is_gone_leaves_beside_somebody_who_joins(played: Arena) -> None:
    run_with_ann_deleted_before_load(played, f"{BOB_JOINS_NEWS}; {ANN_LEAVES}")
    assert lists_of(played, OTHER_ADDRESS) == ALL_LISTS
    assert changes(played) == 2, "the call that was refused, and one for Bob"
    assert not rows(played)


def test_somebody_who_is_gone_joins_beside_somebody_who_leaves(played: Arena) -> None:
    run_with_ann_deleted_before_load(played, THEY_TRADE_LISTS)
    assert lists_of(played, OTHER_ADDRESS) == {"News"}
    assert rows(played) == {("subscriber", ADDRESS, None, "not_in_audience")}


def test_a_stranger_among_people_who_join_is_a_row(played: Arena) -> None:
    played.world.crm_do("insert into crm.list (list_id, name, sync_enabled) values (3, 'Jobs', true)")
    run_with_ann_deleted_before_load(played, "insert into crm.list_member (list_id, contact_id) values (3, 1), (3, 2)")
    assert lists_of(played, OTHER_ADDRESS) == {"Board", "Jobs"}
    assert changes(played) == 1
    assert rows(played) == {("subscriber", ADDRESS, None, "not_in_audience")}
    played.by_hand.forgotten.add(ADDRESS)
    assert played.run("full")
    assert rows(played) == {("subscriber", ADDRESS, None, "forgotten")}
    assert subscribed(played) == {OTHER_ADDRESS}


def test_a_stranger_among_people_who_leave_is_done(played: Arena) -> None:
    played.world.crm_do("insert into crm.list (list_id, name, sync_enabled) values (3, 'Jobs', true)")
    played.world.crm_do("insert into crm.list_member (list_id, contact_id) values (3, 1), (3, 2)")
    assert played.run("changes")
    run_with_ann_deleted_before_load(played, "delete from crm.list_member where list_id = 3")
    assert lists_of(played, OTHER_ADDRESS) == {"Board"}
    assert not rows(played)


@pytest.mark.parametrize("repeat", ["error", "accepted", "ignored"])
@pytest.mark.parametrize(("before", "change", "lists"), [
    ("", ANN_JOINS_BOARD, ALL_LISTS),
    (ANN_JOINS_BOARD, ANN_LEAVES_BOARD, {"News"}),
])  # fmt: skip
def test_a_change_whose_answer_was_lost_is_applied_the_second_time(
    played: Arena, repeat: str, before: str, change: str, lists: set[str]
) -> None:
    played.standin.switch(segment_repeat=repeat)
    if before:
        played.world.crm_do(before)
        assert played.run("changes")
    played.is_stormy = True
    played.standin.fault("cut_after", times=1, path_regex="/segments/")
    played.standin.fault("cut_before", path_regex="/segments/")
    played.world.crm_do(change)
    assert not played.run("changes")
    assert lists_of(played) == lists
    clear_the_weather(played)
    assert played.run("changes")
    assert lists_of(played) == lists
    assert not rows(played)
    played.settle()


@pytest.mark.parametrize("left", ["accepted", "error"])
def test_whoever_left_there_goes_from_the_lists_all_the_same(played: Arena, left: str) -> None:
    played.standin.switch(left_in_segment=left)
    played.world.crm_do(ANN_JOINS_BOARD)
    assert played.run("changes")
    do_by_hand(played, "leave", ADDRESS)
    assert played.run("changes")
    assert not lists_of(played)
    played.settle()


def test_a_tag_of_the_name_that_nobody_is_in_is_taken(played: Arena) -> None:
    played.standin.act("create_segment", name="jobs")
    played.world.crm_do("insert into crm.list (list_id, name, sync_enabled) values (3, 'Jobs', true)")
    played.world.crm_do("insert into crm.list_member (list_id, contact_id) values (3, 1)")
    assert played.run("changes")
    assert not rows(played)
    assert {name.casefold() for name in lists_of(played)} == {"news", "jobs"}
