"""A rolling upgrade: a worker of a release meets a state database of another."""

from __future__ import annotations

import psycopg
import pytest

from crm_sync.ledger import store
from crm_sync.pipeline import extract, plan
from crm_sync.pipeline.context import RunContext
from standins.process import StandIn
from system.association import Association, audience, writes
from system.mailbox import Mailbox
from system.runs import Runs

UPGRADE = "insert into crm_sync.migration (name) values ('9999_later')"
ROLL_BACK = "delete from crm_sync.migration where name = '9999_later'"


@pytest.mark.parametrize(("stage", "task"), [(extract, "plan"), (plan, "load")])
def test_a_worker_that_meets_a_newer_schema_in_a_run_stops_and_says_what_to_do(
    stage: object,
    task: str,
    association: Association,
    standin: StandIn,
    runs: Runs,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    association.contact("Ann", association.list("News"))
    name = stage.__name__.rpartition(".")[2]  # type: ignore[attr-defined]
    run = getattr(stage, name)

    def then_upgraded(ctx: RunContext) -> dict[str, int]:
        counts: dict[str, int] = run(ctx)
        with psycopg.connect(runs.state_dsn) as state:
            state.execute(UPGRADE)
        return counts

    with monkeypatch.context() as patched:
        patched.setattr(stage, name, then_upgraded)
        assert runs.run() == "failed"

    assert (runs.states[task], runs.tries(task)) == ("failed", 1)
    assert writes(standin) == []
    # Nobody can be told by an alert: its place, too, is in the database of the other release.
    assert runs.run() == "failed"
    assert runs.states["extract"] == "failed"
    assert writes(standin) == []

    with psycopg.connect(runs.state_dsn) as state:
        state.execute(ROLL_BACK)
    runs.sync()
    assert audience(standin).keys() == {"ann@example.org"}


def test_a_task_of_a_newer_release_brings_the_schema_up_to_date_within_a_run(
    association: Association, standin: StandIn, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    association.contact("Ann", association.list("News"))
    asked: list[str] = []
    migrate = store.migrate

    def noted(state: object) -> list[str]:
        asked.append("migrate")
        return migrate(state)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "migrate", noted)
    runs.sync()
    assert len(asked) >= 4, "each task does"
