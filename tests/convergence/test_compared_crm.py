"""A CRM that keeps no change log, where no trigger may be installed: each run compares everyone with the last read, and
finds and brings across what a log would have told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from convergence.arena import Arena
from convergence.conftest import everywhere
from convergence.history import History
from convergence.test_random_histories import play
from convergence.two_people import (
    ANN_IS_BACK,
    ANN_LEAVES,
    ANN_MOVES,
    ANN_REFUSES_MAIL,
    BOB_IS_CALLED_OTHERWISE,
    TRADE_ADDRESSES,
    TRADE_NAMES,
    do_by_hand,
    person,
    subscribed,
)
from crm_sync.errors import ConfigError
from crm_sync.ledger import sources
from crm_sync.pipeline import change_log
from crm_sync.settings import Selection

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module", autouse=True)
def comparing() -> Iterator[None]:
    """Every world of this module is read by comparison, in every process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(sources.CHANGES_SETTING, sources.COMPARISON)
        sources.chosen.cache_clear()
        yield
    sources.chosen.cache_clear()


def was_idle(arena: Arena) -> bool:
    """Whether the last run found nothing to do."""
    newest = "select mode, state from crm_sync.run order by run_id desc limit 1"
    return arena.world.query(newest) == [("changes", "idle")]


@everywhere
def test_a_run_is_idle_where_nothing_changed(played: Arena) -> None:
    for _ in range(2):
        assert played.run("changes")
        assert was_idle(played)


@everywhere
@pytest.mark.parametrize(
    "change",
    [BOB_IS_CALLED_OTHERWISE, ANN_REFUSES_MAIL, ANN_LEAVES, ANN_MOVES, TRADE_ADDRESSES, TRADE_NAMES],
)
def test_each_change_is_found_and_found_once(played: Arena, change: str) -> None:
    played.world.crm_do(f"set session_replication_role = replica; {change}")
    assert played.run("changes")
    assert not was_idle(played)
    # Who is in no list any more is looked at once again, when the provider holds them no longer.
    for _ in range(2):
        assert played.run("changes")
    assert was_idle(played)
    played.settle()


def looked(arena: Arena, *, seconds: float, ago: str) -> None:
    """The last comparison took so long and was so long ago."""
    told = "update crm_sync.crm_look set seconds = %s, looked_at = now() - %s::interval"
    with arena.world.state.engine.begin() as connection:
        connection.exec_driver_sql(told, (seconds, ago))


def notice(arena: Arena) -> str:
    return str(arena.world.query("select coalesce(notice, '') from crm_sync.run order by run_id desc limit 1")[0][0])


@everywhere
def test_what_takes_long_is_done_a_tenth_of_the_time(played: Arena) -> None:
    ((seconds,),) = played.world.query("select seconds from crm_sync.crm_look")
    assert 0 < seconds < 60
    looked(played, seconds=60, ago="9 minutes")
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    assert played.run("changes")
    assert was_idle(played)
    assert notice(played) == change_log.RESTS
    assert played.run("changes", dry_run=True), "a preview is exact"
    assert not was_idle(played)
    looked(played, seconds=60, ago="11 minutes")
    assert played.run("changes")
    assert not was_idle(played)
    played.settle()


@pytest.mark.parametrize("arena", ["mailchimp"], indirect=True)
def test_what_takes_a_few_seconds_is_done_in_each_run(played: Arena) -> None:
    looked(played, seconds=6, ago="1 second")
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    assert played.run("changes")
    assert not was_idle(played)


@pytest.mark.parametrize("arena", ["mailchimp"], indirect=True)
def test_a_setting_says_how_often_everyone_is_compared(played: Arena) -> None:
    settings = played.world.settings
    played.world.settings = replace(settings, compare_crm_after_minutes=30)
    looked(played, seconds=0, ago="29 minutes")
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    assert played.run("changes")
    assert was_idle(played)
    played.world.settings = replace(settings, compare_crm_after_minutes=0)
    looked(played, seconds=3600, ago="1 minute")
    assert played.run("changes")
    assert not was_idle(played)


@pytest.mark.parametrize("arena", ["mailchimp"], indirect=True)
def test_a_comparison_that_no_run_has_recorded_is_made_again(played: Arena) -> None:
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    run = played.begin("changes")
    assert played.play(["opt_outs", "extract"], run)
    looked(played, seconds=3600, ago="1 minute")
    assert played.run("changes")
    assert not was_idle(played)
    played.settle()


@pytest.mark.parametrize("arena", ["mailchimp"], indirect=True)
def test_an_opt_out_does_not_wait_for_the_next_comparison(played: Arena) -> None:
    looked(played, seconds=3600, ago="1 minute")
    do_by_hand(played, "leave", "ann@example.org")
    assert played.run("changes")
    assert played.world.crm_do("select do_not_contact from crm.list_member where contact_id = 1") == [(True,)]


@everywhere
def test_who_comes_back_is_found(played: Arena) -> None:
    for change in (ANN_LEAVES, ANN_IS_BACK):
        played.world.crm_do(change)
        assert played.run("changes")
    played.settle()


def test_an_opt_out_is_written_to_the_crm_and_stays(played: Arena) -> None:
    do_by_hand(played, "leave", "ann@example.org")
    assert played.run("changes")
    assert played.world.crm_do("select do_not_contact from crm.list_member where contact_id = 1") == [(True,)]
    played.settle()


@pytest.mark.parametrize("arena", ["mailchimp"], indirect=True)
def test_a_held_plan_is_asked_about_once_until_something_changes(played: Arena) -> None:
    played.set_brake(0)
    played.world.crm_do(ANN_LEAVES)
    questions = "select count(*) from crm_sync.question"
    for _ in range(3):
        assert played.run("changes")
        assert played.world.query(questions) == [(1,)]
    assert played.world.query("select count(*) from crm_sync.run where state = 'held'") == [(3,)]
    assert person(played, "ann@example.org")["is_subscribed"]
    assert played.world.answer(approves=True)
    assert played.run("changes")
    played.settle()


def test_do_not_contact_of_people_who_are_kept_though_in_no_list_is_found(played: Arena) -> None:
    played.set_own(lists=Selection(exclude=(1,)))
    played.world.crm_do(ANN_LEAVES)
    for _ in range(3):
        assert played.run("changes")
    assert "ann@example.org" in subscribed(played)
    assert was_idle(played)
    played.world.crm_do(ANN_REFUSES_MAIL)
    assert played.run("changes")
    assert "ann@example.org" not in subscribed(played)


@pytest.mark.parametrize("arena", ["mailchimp"], indirect=True)
def test_a_backfill_is_refused_with_the_remedy(played: Arena) -> None:
    with pytest.raises(ConfigError, match="start a full run instead"):
        played.world.begin("backfill")


@pytest.mark.timeout(1200)
def test_every_history_converges(arenas: list[Arena]) -> None:
    play(History, arenas, examples=4)
