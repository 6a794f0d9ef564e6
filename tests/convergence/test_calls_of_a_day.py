"""The day's calls end in the midst of a batch: what the provider took by then is not taken for never sent."""

from __future__ import annotations

import psycopg
import pytest

from convergence.arena import Arena
from convergence.stages import stages_before, stages_from
from convergence.two_people import add_person, person, subscribed

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    # The only one with a limit of calls a day.
    pytest.mark.parametrize("arena", ["constant_contact"], indirect=True),
]

CLEO = "cleo@example.org"
LONG_ADDRESS = f"dora{'a' * 60}@example.org"  # one that bulk calls do not take


def next_day(arena: Arena) -> None:
    """All calls are there again, what was handed over is done, and whoever waited has their time."""
    arena.standin.act("finish_activities")
    arena.standin.switch(**arena.provider.TUNED)
    with psycopg.connect(arena.world.state_dsn) as state:
        state.execute("delete from crm_sync.calls")
        state.execute("update crm_sync.holding set retry_at = now() where retry_at is not null")


def test_do_not_contact_reaches_whom_the_last_call_of_the_day_brought_across(played: Arena) -> None:
    with psycopg.connect(played.association.dsn) as connection:
        add_person(connection, 10, "Cleo", CLEO, list_id=1)
        add_person(connection, 11, "Dora", LONG_ADDRESS, list_id=1)
    airflow_run_id = played.begin("changes")
    assert played.play(stages_before("load"), airflow_run_id)
    used = played.standin.act("use_quota", calls=0)["calls_today"]
    played.standin.switch(calls_per_day=used + 3)  # whose account it is, who left, and the call that brings them across
    assert played.play(stages_from("load"), airflow_run_id)
    next_day(played)
    assert CLEO in subscribed(played)
    assert LONG_ADDRESS not in subscribed(played), "the call after the last one was answered, too"
    played.world.crm_do("update crm.contact set do_not_contact = true where contact_id = 10")
    assert played.run("changes")
    assert person(played, CLEO)["is_unsubscribed"]
    played.settle()
