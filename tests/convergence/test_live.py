"""A change in the CRM starts a run at once, and one more where it came while a run was under way; never one for what a
run has read already."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from convergence.arena import Arena
from convergence.stages import stages_before, stages_from
from convergence.two_people import ANN_LEAVES, BOB_IS_CALLED_OTHERWISE, names_held
from crm_sync.errors import TransientError
from crm_sync.ledger.database import Database
from crm_sync.live import LOOK_SECONDS

if TYPE_CHECKING:
    from crm_sync.operators.live import Watcher

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ANN_IS_CALLED_OTHERWISE = "update crm.contact set first_name = 'Anne' where contact_id = 1"


class Account:
    """An account that is switched on."""

    is_enabled = True


@pytest.fixture
def unreachable() -> set[str]:
    """Connections behind which nothing answers."""
    return set()


@pytest.fixture
def patience() -> list[float]:
    """For how long each opening goes by what Airflow has said of its connection."""
    return []


@pytest.fixture
def watcher(played: Arena, unreachable: set[str], patience: list[float], monkeypatch: pytest.MonkeyPatch) -> Watcher:
    """Looks at the arena's databases; it has looked once, and nothing was new. Airflow is imported while tests run: its
    own tests choose its home before."""
    from crm_sync.hooks.database import CRM
    from crm_sync.operators import live

    @contextmanager
    def opened(connection_id: str, role: str, for_seconds: float) -> Iterator[Database]:
        patience.append(for_seconds)
        if connection_id in unreachable:
            raise TransientError(f"{role} cannot be reached")
        yield played.world.crm if connection_id == CRM[0] else played.world.state

    monkeypatch.setattr(live, "shared_database", opened)
    monkeypatch.setattr(live, "account_hook", lambda name: Account)
    made = live.Watcher(played.world.provider)
    assert not made.look()
    return made


def quiet_again(watcher: Watcher) -> None:
    """A minute passes, in which nothing happens."""
    bursts, minute = watcher._bursts, timedelta(minutes=1)
    bursts.since, bursts.newest, bursts.started = (
        each and each - minute for each in (bursts.since, bursts.newest, bursts.started)
    )


def test_a_change_starts_one_run_and_the_run_sends_it(played: Arena, watcher: Watcher) -> None:
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    assert watcher.look()
    assert not watcher.look()
    assert played.run("changes")
    assert names_held(played) == {"Ann", "Bobby"}
    assert not watcher.look()
    quiet_again(watcher)
    assert not watcher.look()


def test_a_change_that_a_run_by_the_clock_has_read_starts_none(played: Arena, watcher: Watcher) -> None:
    airflow_run_id = played.begin("changes")
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    assert not watcher.look(), "a run is under way"
    assert played.play(stages_from("opt_outs"), airflow_run_id)
    assert not watcher.look()
    quiet_again(watcher)
    assert not watcher.look()


def test_a_change_while_a_run_is_under_way_starts_exactly_one_more(played: Arena, watcher: Watcher) -> None:
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    assert watcher.look()
    airflow_run_id = played.begin("changes")
    assert played.play(stages_before("load"), airflow_run_id)
    for _ in range(3):
        played.world.crm_do(ANN_IS_CALLED_OTHERWISE)
        assert not watcher.look()
    assert played.play(stages_from("load"), airflow_run_id)
    quiet_again(watcher)
    assert watcher.look()
    assert not watcher.look()
    assert played.run("changes")
    assert names_held(played) == {"Anne", "Bobby"}
    quiet_again(watcher)
    assert not watcher.look()


def test_a_run_that_fails_is_not_started_again_for_the_same_change(played: Arena, watcher: Watcher) -> None:
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    assert watcher.look()
    played.standin.fault("status", status=503, times=1_000_000)
    played.is_stormy = True
    assert not played.run("changes")
    played.standin.clear_faults()
    for _ in range(3):
        quiet_again(watcher)
        assert not watcher.look()
    played.world.crm_do(ANN_IS_CALLED_OTHERWISE)
    assert watcher.look(), "another change is a new hint"


def test_a_held_plan_lets_no_starts_pile_up(played: Arena, watcher: Watcher) -> None:
    played.set_brake(0)
    played.world.crm_do(ANN_LEAVES)
    assert watcher.look()
    played.run("changes")
    for _ in range(3):
        quiet_again(watcher)
        assert not watcher.look()


def test_a_start_that_airflow_lost_is_repeated(played: Arena, watcher: Watcher) -> None:
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    assert watcher.look()
    assert not watcher.look()
    watcher._bursts.pause = timedelta(0)  # it is over
    assert watcher.look()


def test_a_watcher_that_begins_finds_what_no_run_has_read(played: Arena, watcher: Watcher) -> None:
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    two = [type(watcher)(played.world.provider) for _ in range(2)]
    assert [each.look() for each in two] == [True, True], "two triggerers give two hints"
    assert played.run("changes")
    assert played.run("changes")
    assert last_two_states(played) == ["recorded", "idle"]
    for each in two:
        quiet_again(each)
    assert [each.look() for each in two] == [False, False]


def last_two_states(arena: Arena) -> list[str]:
    query = "select state from crm_sync.run where provider = %s order by run_id desc limit 2"
    return [state for (state,) in arena.world.query(query, arena.world.provider)][::-1]


@pytest.mark.parametrize("arena", ["constant_contact"], indirect=True)
def test_a_busy_afternoon_leaves_half_of_the_days_calls_to_the_schedule(played: Arena, watcher: Watcher) -> None:
    most = watcher.provider.calls_per_day
    assert most
    set_calls_of_today(played, most // 2 - 1)
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    assert watcher.look()
    assert played.run("changes")

    quiet_again(watcher)
    played.world.crm_do(ANN_IS_CALLED_OTHERWISE)
    assert not watcher.look(), "the run before has used the rest of the share"
    assert looks(played) == ["calls_of_day"]
    assert played.run("changes"), "by the schedule"
    assert names_held(played) == {"Anne", "Bobby"}

    played.world.query("update crm_sync.calls set day = day - 1 returning day")
    played.world.crm_do(ANN_LEAVES)
    assert watcher.look(), "it is another day"
    assert looks(played) == [""]


def set_calls_of_today(arena: Arena, calls: int) -> None:
    """So many were made since midnight, UTC."""
    arena.world.query(
        "insert into crm_sync.calls (provider, day, calls) values (%s, (now() at time zone 'utc')::date, %s)"
        " on conflict (provider, day) do update set calls = excluded.calls returning calls",
        arena.world.provider,
        calls,
    )


def looks(arena: Arena) -> list[str]:
    return [waits_for for (waits_for,) in arena.world.query("select waits_for from crm_sync.live_look")]


@pytest.mark.parametrize("switch", ["account", "settings"])
def test_a_provider_that_is_switched_off_is_not_started(
    played: Arena, watcher: Watcher, switch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if switch == "account":
        monkeypatch.setattr(Account, "is_enabled", False)
    else:
        monkeypatch.setenv(f"CRM_SYNC_PROVIDERS__{played.world.provider.upper()}__ENABLED", "false")
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    assert not watcher.look()


def test_airflow_is_asked_for_its_connections_once_a_minute_and_after_each_look_that_failed(
    watcher: Watcher, unreachable: set[str], patience: list[float]
) -> None:
    assert set(patience) == {60}
    unreachable.add("crm_sync_crm")
    assert not watcher.look()
    unreachable.clear()
    patience.clear()
    assert not watcher.look()
    assert patience == [0, 0]
    assert not watcher.look()
    assert patience[2:] == [60, 60]


def test_a_crm_that_goes_away_is_asked_again_later(played: Arena, watcher: Watcher, unreachable: set[str]) -> None:
    unreachable.add("crm_sync_crm")
    pauses: list[float] = []
    for _ in range(8):
        assert not watcher.look()
        pauses.append(watcher.pause_seconds)
    assert pauses[:3] == [2 * LOOK_SECONDS, 4 * LOOK_SECONDS, 8 * LOOK_SECONDS]
    assert max(pauses) == pauses[-1] == 60
    unreachable.clear()
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    assert watcher.look()
    assert watcher.pause_seconds == LOOK_SECONDS


def test_nothing_of_a_connection_is_in_the_trigger() -> None:
    from crm_sync.operators.live import ChangeTrigger

    made = ChangeTrigger("mailchimp").serialize()
    assert made == ("crm_sync.operators.live.ChangeTrigger", {"provider": "mailchimp"})


def test_a_look_right_after_another_writes_nothing(played: Arena, watcher: Watcher) -> None:
    def written() -> list[tuple[str]]:
        return played.world.query("select xmin::text from crm_sync.live_look")

    before = written()
    assert len(before) == 1
    assert not watcher.look()
    assert written() == before
    played.world.query("update crm_sync.live_look set looked_at = now() - interval '11 seconds' returning provider")
    assert not watcher.look()
    assert written() != before
