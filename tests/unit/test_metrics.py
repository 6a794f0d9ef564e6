"""The numbers of a stage: none where Airflow's metrics are off, and those of a run once, from the ledger itself."""

from __future__ import annotations

from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from crm_sync import providers
from crm_sync.errors import TransientError
from crm_sync.ledger import store
from crm_sync.ledger.database import Database
from crm_sync.model import Asked, Mode, RunState
from crm_sync.operators import metrics
from crm_sync.transport import session

CONSTANT_CONTACT, MAILCHIMP = "constant_contact", "mailchimp"


class Told:
    """What Airflow's metrics were told: name, its tag stage ("" for none), value."""

    def __init__(self) -> None:
        self.counted: list[tuple[str, str, float]] = []
        self.gauges: dict[tuple[str, str], float] = {}

    def incr(self, name: str, count: float, tags: dict[str, str]) -> None:
        self.counted.append((name, tags.get("stage", ""), count))

    def gauge(self, name: str, value: float, tags: dict[str, str]) -> None:
        self.gauges[name, tags.get("stage", "")] = value


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    recorder = Told()
    monkeypatch.setattr(metrics, "stats", recorder)
    monkeypatch.setattr(metrics, "are_on", lambda: True)
    return recorder


def opened(state: Database, provider: str, name: str = "one", mode: Mode = Mode.CHANGES) -> Any:
    run = store.open_run(state, Asked(provider, name, mode))
    return SimpleNamespace(run=run, provider=providers.get(provider), state=state)


def ended(state: Database, sync: Any, how: RunState, minutes_ago: int) -> None:
    """The run read the CRM so many minutes ago, and ended."""
    with state.engine.begin() as connection:
        connection.execute(
            text("update crm_sync.run set extracted_at = now() - make_interval(mins => :ago) where run_id = :run"),
            {"ago": minutes_ago, "run": sync.run.run_id},
        )
    with state.transaction() as transaction:
        store.close(transaction, sync.run, how)


def measure(stage: str, sync: Any) -> None:
    with metrics.measured(stage, sync, metrics.begin()):
        pass


def test_nothing_is_asked_or_sent_while_metrics_are_off(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "are_on", lambda: False)
    measure("load", None)
    assert (told.counted, told.gauges) == ([], {})


@pytest.mark.parametrize("switch", ["otel_on", "statsd_on", "statsd_datadog_enabled"])
def test_any_of_airflows_switches_turns_them_on(switch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not metrics.are_on()
    monkeypatch.setenv(f"AIRFLOW__METRICS__{switch.upper()}", "True")
    assert metrics.are_on()


def test_a_stage_that_fails_is_measured_too(state: Database, told: Told) -> None:
    sync = opened(state, MAILCHIMP)
    with suppress(TransientError), metrics.measured("load", sync, metrics.begin()):
        session._calls.add_one()
        raise TransientError("gone")
    assert told.counted == [("crm_sync.calls", "load", 1)]
    assert told.gauges.keys() == {("crm_sync.stage_seconds", "load")}


def test_a_run_is_counted_once_at_the_end_of_the_task_that_recorded_it(state: Database, told: Told) -> None:
    sync = opened(state, MAILCHIMP)
    with metrics.measured("record", sync, metrics.begin()):
        ended(state, sync, RunState.RECORDED, 0)
    names = ["crm_sync.applied", "crm_sync.refused", "crm_sync.deferred", "crm_sync.set_aside"]
    assert [name for name, stage, _ in told.counted if not stage] == names

    again = SimpleNamespace(**{**vars(sync), "run": store.load_run(state, MAILCHIMP, "one")})
    measure("record", again)
    assert [name for name, stage, _ in told.counted if not stage] == names


def test_a_day_of_calls_is_told_of_where_the_provider_has_a_limit(state: Database, told: Told) -> None:
    limit = providers.get(CONSTANT_CONTACT).calls_per_day
    assert limit
    measure("load", opened(state, CONSTANT_CONTACT))
    assert told.gauges["crm_sync.quota", ""] == limit
    told.gauges.clear()
    measure("load", opened(state, MAILCHIMP))
    assert ("crm_sync.quota", "") not in told.gauges


def test_the_lag_is_the_age_of_what_the_last_good_run_read(state: Database, told: Told) -> None:
    lag = ("crm_sync.lag", "")
    first = opened(state, MAILCHIMP, "first", Mode.FULL)
    measure("plan", first)
    ended(state, first, RunState.FAILED, 90)
    measure("record", first)
    assert lag not in told.gauges, "nothing is in step yet"

    recorded = opened(state, MAILCHIMP, "recorded")
    ended(state, recorded, RunState.RECORDED, 60)
    backfill = opened(state, MAILCHIMP, "backfill", Mode.BACKFILL)
    ended(state, backfill, RunState.RECORDED, 30)
    failed = opened(state, MAILCHIMP, "failed")
    ended(state, failed, RunState.FAILED, 10)
    measure("record", failed)
    assert told.gauges[lag] == pytest.approx(3600, abs=60)

    idle = opened(state, MAILCHIMP, "idle")
    ended(state, idle, RunState.IDLE, 5)
    measure("extract", idle)
    assert told.gauges[lag] == pytest.approx(300, abs=60)


class Panic(BaseException):
    """As a library written in Rust ends."""


@pytest.mark.parametrize("error", [RuntimeError, Panic, OSError])
@pytest.mark.parametrize("broken", ["gauge", "incr"])
def test_an_exporter_that_breaks_fails_no_stage_and_hides_no_failure(
    error: type[BaseException], broken: str, state: Database, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(told, broken, breaks)
    sync = opened(state, MAILCHIMP)
    measure("load", sync)
    with pytest.raises(TransientError, match="gone"), metrics.measured("load", sync, metrics.begin()):
        raise TransientError("gone")
