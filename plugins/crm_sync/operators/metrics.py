"""What a stage did as numbers among Airflow's own metrics, over OpenTelemetry or StatsD as Airflow is configured. Where
its metrics are off, nothing is asked, counted or sent."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from airflow.configuration import conf
from airflow.sdk.observability import stats

from crm_sync.model import RunState
from crm_sync.side_work import beside_the_work

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    "crm_sync.lag": "age in seconds of the CRM snapshot that the provider now reflects; measured at the end of each"
    " run",
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
    if found.lag is not None:
        stats.gauge("crm_sync.lag", found.lag, tags=tags)
