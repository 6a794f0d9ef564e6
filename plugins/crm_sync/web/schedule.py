"""What Airflow plans to run next, read where the API server itself reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow.models.connection import Connection
from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from sqlalchemy import select, tuple_

from crm_sync.pages import dag_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


@dataclass(frozen=True)
class Schedule:
    """When a provider's DAG runs next; ``is_known`` is false until Airflow has read its file. ``running``, ``queued``:
    the ids of its runs in these states; None where nobody asked Airflow."""

    is_known: bool = False
    is_paused: bool = False
    next_run: datetime | None = None
    running: tuple[str, ...] | None = None
    queued: tuple[str, ...] = ()

    @property
    def active(self) -> tuple[str, ...] | None:
        """The runs that Airflow has on, or is to begin."""
        return None if self.running is None else self.running + self.queued

    def waits_for(self, run_id: str) -> str:
        """What a run that has not begun waits for; "" where it is none of those that Airflow has yet to begin."""
        if self.is_paused and run_id in self.queued:
            return "for somebody to unpause the DAG"
        if run_id in self.queued:
            return f"for the run before it, {self.running[0]}" if self.running else "for Airflow's scheduler"
        return "for a worker to take its first task" if run_id in (self.running or ()) else ""


def schedules(names: Iterable[str]) -> dict[str, Schedule]:
    """The schedule of each provider's DAG."""
    with create_session() as session:
        dags = {dag_of(name): name for name in names}
        known = {row.dag_id: row for row in session.scalars(select(DagModel).where(DagModel.dag_id.in_(dags)))}
        runs = select(DagRun.dag_id, DagRun.run_id, DagRun.state).where(
            DagRun.dag_id.in_(dags), DagRun.state.in_(["running", "queued"])
        )
        active = [tuple(row) for row in session.execute(runs.order_by(DagRun.id))]
        return {name: _schedule(known.get(dag_id), active) for dag_id, name in dags.items()}


def origins(runs: list[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """By whom each run, of these (dag_id, run_id), was started; one that Airflow has forgotten is left out."""
    wanted = select(DagRun.dag_id, DagRun.run_id, DagRun.run_type, DagRun.triggering_user_name).where(
        tuple_(DagRun.dag_id, DagRun.run_id).in_(runs)
    )
    with create_session() as session:
        found = [tuple(row) for row in session.execute(wanted)] if runs else []
    return {(dag_id, run_id): _origin(str(kind), who) for dag_id, run_id, kind, who in found}


def kept_connections(connection_ids: Iterable[str]) -> set[str]:
    """Those that Airflow's own page of connections shows: the environment and secrets backends have others."""
    wanted = select(Connection.conn_id).where(Connection.conn_id.in_(list(connection_ids)))
    with create_session() as session:
        return set(session.scalars(wanted))


def _origin(kind: str, who: str | None) -> str:
    if kind == "manual":
        return who or ""
    backfill = f"a backfill{f' by {who}' if who else ''}"
    return {"scheduled": "the clock", "asset_triggered": "a change in the CRM", "backfill": backfill}.get(kind, "")


def _schedule(row: DagModel | None, active: list[tuple[str, str, str]]) -> Schedule:
    if row is None:
        return Schedule()
    mine = [(run_id, str(state)) for dag_id, run_id, state in active if dag_id == row.dag_id]
    return Schedule(
        True,
        bool(row.is_paused),
        None if row.is_paused else row.next_dagrun_create_after,
        tuple(run_id for run_id, state in mine if state == "running"),
        tuple(run_id for run_id, state in mine if state == "queued"),
    )
