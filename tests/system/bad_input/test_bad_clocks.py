"""Clocks that disagree by an hour: the provider's own counts for opt-outs, tokens and the calls of a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from contract.worlds import assert_in_step
from crm_sync.client import Client
from crm_sync.errors import QuotaExhaustedError
from local.world import World
from standins import StandIn
from standins.constant_contact import contract

HOUR = 3600
DAY = 24 * HOUR

# How far the provider's clock is ahead of this machine's.
skewed = pytest.mark.parametrize("ahead_seconds", [-HOUR, HOUR], ids=["ours is ahead", "ours is behind"])


@pytest.fixture(scope="module")
def provider() -> str:
    return "constant_contact"


def renewals(standin: StandIn) -> int:
    return sum(entry["path"].endswith("/token") for entry in standin.requests()["requests"])


def connected(world: World) -> Client:
    """A client as the next run has it."""
    return world.begin().client


@skewed
def test_no_opt_out_is_missed(ahead_seconds: int, world: World, standin: StandIn) -> None:
    standin.clock(advance_seconds=ahead_seconds)
    world.run()
    for number in (1, 2):
        standin.act("unsubscribe", address=f"person{number}@example.org")
        standin.clock(advance_seconds=20 * 60)  # more than two polls overlap
        assert world.run()["opt_outs"]["opt_outs_new"] == 1
    flagged = world.crm_do("select distinct contact_id from crm.list_member where do_not_contact order by 1")
    assert flagged == [(1,), (2,)]
    assert_in_step(world, standin)


@skewed
def test_a_token_is_renewed_when_the_service_refuses_it_and_not_before(
    ahead_seconds: int, world: World, standin: StandIn
) -> None:
    standin.clock(advance_seconds=ahead_seconds)
    world.run()
    world.run()
    assert renewals(standin) == 1, "the first call of all asks for one"
    standin.clock(advance_seconds=DAY - 10 * 60)
    world.run()
    assert renewals(standin) == 1
    standin.clock(advance_seconds=20 * 60)
    for _ in range(2):
        world.run()
    assert renewals(standin) == 2
    refused = [entry for entry in standin.requests()["requests"] if entry["status"] == 401]
    assert len(refused) == 1, "one call finds out, and is made once more"
    assert_in_step(world, standin)


def at(standin: StandIn, *, hours: int) -> datetime:
    """Put the provider's clock to so many hours after the beginning of our day; the time there."""
    begun = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    there = begun + timedelta(hours=hours)
    standin.clock(set=there.isoformat())
    return there


@pytest.mark.parametrize("hours", [-1, 25], ids=["it is yesterday there", "it is tomorrow there"])
def test_the_calls_of_a_day_are_those_of_the_providers_day(hours: int, synced: World, standin: StandIn) -> None:
    there = at(standin, hours=hours)
    client = connected(synced)
    client.account()  # from now on it knows what day it is there
    before = synced.client_state.calls_of(there.date())
    client.account()
    client.account()
    assert synced.client_state.calls_of(there.date()) == before + 2
    standin.act(**contract.USES_UP_CALLS)
    began = datetime.now(UTC)
    with pytest.raises(QuotaExhaustedError) as caught:
        client.account()
    midnight = began + (there.replace(hour=0) + timedelta(days=1) - there)
    assert timedelta(seconds=-30) < caught.value.again_at - midnight < timedelta(seconds=30)
    standin.clear_requests()
    with pytest.raises(QuotaExhaustedError):
        client.account()
    assert standin.requests()["total"] == 0, "nobody knocks again on that day"
    at(standin, hours=hours + 24)
    assert connected(synced).account()["organization"]
