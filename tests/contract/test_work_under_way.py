"""A provider that answers later: a load that dies around the hand-over, and a day whose calls end before the answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import ModuleType

import pytest

from contract.conftest import only
from contract.people import add_five, add_people
from contract.worlds import assert_in_step
from crm_sync.errors import QuotaExhaustedError, UnderWayError
from crm_sync.ledger import store
from crm_sync.ledger.database import Transaction
from crm_sync.model import Run, Status
from crm_sync.operations import Outcome
from crm_sync.pipeline import outcomes, run_stage, settling
from crm_sync.pipeline.context import RunContext
from crm_sync.pipeline.isolation import Batch
from local.world import World
from standins import StandIn

BEFORE_THE_LOAD = ("opt_outs", "extract", "validate", "transform", "plan")

pytestmark = only(lambda _, told: hasattr(told, "ANSWERS_LATER"))


class KilledError(BaseException):
    """What no handler of the product catches: the worker is gone."""


@pytest.fixture
def planned(world: World, told: ModuleType) -> World:
    """Three people in list 1, two in both lists, two whom the provider refuses; the run "one" is about to load."""
    add_five(world.crm_dsn)
    add_people(world.crm_dsn, 6, 7, lists=[2], address=told.REFUSED_ADDRESS)
    world.begin(airflow_run_id="one")
    for name in BEFORE_THE_LOAD:
        world.stage(name, "one")
    return world


def load_once(world: World) -> None:
    """The load of the run "one" as one task: it ends where work goes on at the provider."""
    run_stage("load", world.context(store.load_run(world.state, world.provider, "one")))


def handed_over(standin: StandIn, told: ModuleType) -> list[str]:
    """Everybody who was to be enrolled so far, once for each time."""
    return sorted(who for entry in standin.requests()["requests"] for who in told.people_sent(entry))


def dies_before_the_job_is_kept(patch: pytest.MonkeyPatch) -> None:
    settle = settling.settle

    def dying(state: Transaction, run: Run, answered: list[tuple[Batch, list[Outcome]]]) -> None:
        if any(each.status == Status.SUBMITTED for _, answer in answered for each in answer):
            raise KilledError
        settle(state, run, answered)

    patch.setattr(settling, "settle", dying)


def dies_after_the_job_is_kept(patch: pytest.MonkeyPatch) -> None:
    await_jobs = outcomes.await_jobs

    def dying(ctx: RunContext) -> None:
        try:
            await_jobs(ctx)
        except UnderWayError:
            raise KilledError from None

    patch.setattr(outcomes, "await_jobs", dying)


DEATHS = {"before": dies_before_the_job_is_kept, "after": dies_after_the_job_is_kept}


@pytest.mark.parametrize("goes_on", ["the same load", "the next run"])
@pytest.mark.parametrize("moment", DEATHS)
def test_a_load_killed_around_the_hand_over_loses_nobody(
    moment: str, goes_on: str, planned: World, standin: StandIn, told: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    standin.keep_bodies()
    with monkeypatch.context() as patch:
        DEATHS[moment](patch)
        with pytest.raises(KilledError):
            load_once(planned)
    first = handed_over(standin, told)
    assert first, "it died after it had handed people over"
    kept = planned.query("select distinct job is not null from crm_sync.operation where verb = 'create'")
    assert kept == [(moment == "after",)]
    if goes_on == "the same load":
        planned.stage("load", "one")
        planned.stage("record", "one")
    else:
        planned.run()
    if (moment, goes_on) == ("after", "the same load"):
        assert handed_over(standin, told) == first, "what has a job is not sent again"
    assert_everybody_has_one_outcome(planned, standin, told)


def assert_everybody_has_one_outcome(world: World, standin: StandIn, told: ModuleType) -> None:
    """In step, nobody twice, and the last word on each is theirs; also once what the dead load had begun is done."""
    standin.act(**told.FINISHES_WORK)
    assert_in_step(world, standin)
    refused = {told.REFUSED_ADDRESS.format(n=n) for n in (6, 7)}
    there = [person["address"] for person in standin.state()["contacts"]]
    assert sorted(there) == sorted(f"person{n}@example.org" for n in range(1, 6))
    last = world.query(
        "select distinct on (subscriber_key) subscriber_key, status, coalesce(reason, '') from crm_sync.operation"
        " where verb = 'create' order by subscriber_key, operation_id desc"
    )
    assert {who for who, status, reason in last if status == "refused" and reason} == refused
    assert {who for who, status, _ in last if status == "applied"} == set(there)
    assert world.query("select * from crm_sync.operation where status in ('pending', 'in_doubt', 'submitted')") == []
    assert world.run()["extract"]["idle"] == 1, "nothing is left to do"
    # When what rests has its time, a full run offers again what was refused, and has nothing to say of the others.
    world.query("update crm_sync.holding set retry_at = now() where retry_at is not null returning 1")
    world.run("full")
    offered = (
        "select distinct subscriber_key from crm_sync.operation where run_id = (select max(run_id) from crm_sync.run)"
    )
    assert {row[0] for row in world.query(offered)} == refused


def test_what_was_handed_over_is_asked_about_when_the_providers_next_day_begins(
    planned: World, standin: StandIn, told: ModuleType
) -> None:
    yesterday = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
    standin.clock(set=yesterday.isoformat())
    with pytest.raises(UnderWayError):
        load_once(planned)
    standin.act(**told.USES_UP_CALLS)
    standin.clear_requests()
    standin.keep_bodies()
    for _ in range(2):
        with pytest.raises(QuotaExhaustedError) as caught:
            load_once(planned)
        left = caught.value.again_at - datetime.now(UTC)
        assert timedelta(hours=11, minutes=55) < left <= timedelta(hours=12, seconds=2), "by the provider's own clock"
    assert handed_over(standin, told) == []
    status = "select distinct status from crm_sync.operation where job is not null"
    assert planned.query(status) == [("submitted",)], "neither deferred nor failed"
    standin.clock(set=datetime.now(UTC).isoformat())
    planned.stage("load", "one")
    assert handed_over(standin, told) == []
    assert planned.stage("record", "one")["deferred"] == 0
    assert_everybody_has_one_outcome(planned, standin, told)
