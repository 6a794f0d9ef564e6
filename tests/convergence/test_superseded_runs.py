"""A run that another has followed writes and sends nothing more, wherever it was paused; a call that was under way is
asked about again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from urllib3.connectionpool import HTTPConnectionPool

from convergence.arena import Arena
from convergence.conftest import PROVIDERS, everywhere
from convergence.stages import stages_before, stages_from
from convergence.two_people import ANN_IS_BACK, ANN_LEAVES, BOB_IS_CALLED_OTHERWISE, names_held, writes
from crm_sync.errors import SupersededError
from crm_sync.pipeline import STAGES

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

BOB_LEAVES = ANN_LEAVES.replace("contact_id = 1", "contact_id = 2")
BOB_IS_BACK = ANN_IS_BACK.replace("(1, 1)", "(2, 2)").replace("contact_id = 1", "contact_id = 2")


def left_before(arena: Arena, stage: str) -> str:
    """Both leave in the CRM, and the run that says so comes as far as that stage; its Airflow run id."""
    arena.world.crm_do(f"{ANN_LEAVES}; {BOB_LEAVES}")
    airflow_run_id = arena.begin("changes")
    assert arena.play(stages_before(stage), airflow_run_id)
    return airflow_run_id


def both_come_back(arena: Arena) -> None:
    """In the CRM, and a run passes."""
    arena.world.crm_do(f"{ANN_IS_BACK}; {BOB_IS_BACK}")
    assert arena.run("changes")
    assert names_held(arena) == {"Ann", "Bob"}


def pause_before_write(number: int, meanwhile: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that sends stops before its writing call of that number, while something else happens."""
    send, begun = HTTPConnectionPool.urlopen, [0]

    def held_up(pool: HTTPConnectionPool, method: str, *args: Any, **kwargs: Any) -> Any:
        if method != "GET":
            begun[0] += 1
            if begun[0] == number:
                monkeypatch.setattr(HTTPConnectionPool, "urlopen", send)
                meanwhile()
        return send(pool, method, *args, **kwargs)

    monkeypatch.setattr(HTTPConnectionPool, "urlopen", held_up)


@everywhere
@pytest.mark.parametrize("stage", [name for name in STAGES if name != "opt_outs"])
def test_an_old_run_that_wakes_before_any_stage_does_nothing(stage: str, played: Arena) -> None:
    old = left_before(played, stage)
    both_come_back(played)
    played.standin.clear_requests()
    with pytest.raises(SupersededError):
        played.world.stage(stage, old)
    assert not writes(played)
    played.settle()
    assert names_held(played) == {"Ann", "Bob"}


# Both people leave by one call elsewhere: there is no second.
WRITES = [*((name, 1) for name in PROVIDERS), ("mailchimp", 2), ("votervoice", 2)]


@pytest.mark.parametrize(("arena", "number"), WRITES, indirect=["arena"])
def test_a_load_that_is_paused_before_a_call_sends_no_other_and_that_one_is_put_right(
    number: int, played: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = left_before(played, "load")
    came_back: list[bool] = []

    def meanwhile() -> None:
        both_come_back(played)
        came_back.append(True)

    pause_before_write(number, meanwhile, monkeypatch)
    with pytest.raises(SupersededError):
        played.world.stage("load", old)
    assert came_back == [True]
    played.standin.clear_requests()
    with pytest.raises(SupersededError):
        played.world.stage("load", old)
    assert not writes(played)
    assert played.run("changes")
    assert names_held(played) == {"Ann", "Bob"}
    played.settle()


def test_a_run_that_is_superseded_may_be_cleared_from_its_first_task_on(played: Arena) -> None:
    old = left_before(played, "load")
    both_come_back(played)
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    played.begin("changes", old)
    assert played.play(stages_from("opt_outs"), old)
    assert names_held(played) == {"Ann", "Bobby"}
    played.settle()


def test_a_run_of_another_provider_supersedes_nothing(arenas: list[Arena]) -> None:
    mailchimp, other = arenas[0], arenas[1]
    from convergence import two_people

    for each in (mailchimp, other):
        each.reset()
    two_people.settle_in(mailchimp.association)
    for each in (mailchimp, other):
        assert each.run("changes")
    old = left_before(mailchimp, "load")
    assert other.run("changes")
    assert mailchimp.play(stages_from("load"), old)
    assert names_held(mailchimp) == names_held(other) == set()
