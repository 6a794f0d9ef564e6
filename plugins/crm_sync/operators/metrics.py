"""What a stage did as numbers among Airflow's own metrics, over OpenTelemetry or StatsD as Airflow is configured. Where
its metrics are off, nothing is asked, counted or sent."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow.configuration import conf
from airflow.sdk.observability import stats

from crm_sync.hooks.database import CRM, open_database
from crm_sync.ledger import sources
from crm_sync.model import RunState
from crm_sync.side_work import beside_the_work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Row

    from crm_sync.ledger.database import Database
    from crm_sync.pipeline.context import RunContext

# Name → what it counts. All have the tag provider; calls and stage_seconds have the tag stage, too.
COUNTERS = {
    "crm_sync.applied": "operations of recorded runs that the provider applied",
    "crm_sync.refused": "operations of recorded runs that were refused",
    "crm_sync.deferred": "operations of recorded runs that were left for the next one",
    "crm_sync.set_aside": "contacts set aside by recorded runs, once for each rule they break",
    "crm_sync.calls": "HTTP calls to the provider",
}
GAUGES = {
    "crm_sync.lag": "seconds that the oldest change in the CRM has waited which the provider does not reflect; at the"
    " end of each run, the age of the CRM snapshot that it does reflect",
    "crm_sync.stage_seconds": "seconds that the last run of a stage took",
    "crm_sync.quota": "calls a day that the provider allows; none where it has no limit",
}
_OF_A_RUN = ("applied", "refused", "deferred", "set_aside")
_SWITCHES = ("otel_on", "statsd_on", "statsd_datadog_enabled")


def are_on() -> bool:
    """Whether Airflow sends metrics at all."""
    return any(conf.getboolean("metrics", switch, fallback=False) for switch in _SWITCHES)


class Beginning(NamedTuple):
    """When a task began, by ``time.monotonic``, and how many calls this process had made by then."""

    at: float
    calls: int


def begin() -> Beginning | None:
    """Before anything is opened, for that makes calls, too; None where metrics are off."""
    if not are_on():
        return None
    from crm_sync.transport.session import calls_made

    return Beginning(time.monotonic(), calls_made())


@contextmanager
def measured(stage: str, ctx: RunContext, begun: Beginning | None) -> Iterator[None]:
    """Send what the stage in this block took and did since it had ``begun``, however it ends. A failure to measure is
    none of the stage."""
    try:
        yield
    finally:
        if begun is not None:
            with beside_the_work("not measured"):
                _send_stage(stage, ctx, begun)
                _send_run(ctx)


def _send_stage(stage: str, ctx: RunContext, begun: Beginning) -> None:
    from crm_sync.transport.session import calls_made

    tags = {"provider": ctx.provider.name, "stage": stage}
    stats.gauge("crm_sync.stage_seconds", time.monotonic() - begun.at, tags=tags)
    stats.incr("crm_sync.calls", calls_made() - begun.calls, tags=tags)


def _send_run(ctx: RunContext) -> None:
    """A run that has ended: its counts once, however often its last task is run again; how far behind it leaves the
    provider each time."""
    tags = {"provider": ctx.provider.name}
    if ctx.provider.calls_per_day is not None:
        stats.gauge("crm_sync.quota", ctx.provider.calls_per_day, tags=tags)
    with ctx.state.transaction() as state:
        found = state.row("watch/run_measures", run_id=ctx.run.run_id)
    if found is None:
        return
    if found.state == RunState.RECORDED and ctx.run.state is not RunState.RECORDED:
        for name in _OF_A_RUN:
            stats.incr(f"crm_sync.{name}", getattr(found, name), tags=tags)
    _send_lag(ctx.provider.name, _in_step(ctx.state, ctx.provider.name).seconds)


def measure_lag(state: Database, provider: str) -> None:
    """Between the runs of a provider, how long the oldest change that none has read waits. What a run has read and not
    brought there counts from the last one that did; so does all in a CRM that does not say what changed."""
    if not are_on():
        return
    with beside_the_work("not measured"):
        found = _in_step(state, provider)
        is_told = found.is_good and found.snapshot and not sources.chosen().compares
        _send_lag(provider, _seconds_waiting(provider, found.snapshot) if is_told else found.seconds)


def _in_step(state: Database, provider: str) -> Row[Any]:
    with state.transaction(is_brief=True) as transaction:
        (found,) = transaction.rows("watch/in_step", provider=provider)
    return found


def _seconds_waiting(provider: str, snapshot: str) -> float:
    with open_database(*CRM) as database, database.transaction(is_brief=True) as crm:
        (found,) = crm.rows("crm/sync_page/behind", providers=[provider], snapshots=[snapshot], most=1)
    return (datetime.now(UTC) - found.oldest).total_seconds() if found.oldest else 0.0


def _send_lag(provider: str, seconds: float | None) -> None:
    if seconds is not None:
        stats.gauge("crm_sync.lag", max(seconds, 0.0), tags={"provider": provider})
