"""What Airflow plans to run next, read where the API server itself reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow.models.dag import DagModel
from airflow.utils.session import create_session

from crm_sync.pages import dag_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


@dataclass(frozen=True)
class Schedule:
    """When a provider's DAG runs next; ``is_known`` is false until Airflow has read its file."""

    is_known: bool = False
    is_paused: bool = False
    next_run: datetime | None = None


def schedules(names: Iterable[str]) -> dict[str, Schedule]:
    """The schedule of each provider's DAG."""
    with create_session() as session:
        rows = {name: session.get(DagModel, dag_of(name)) for name in names}
        return {name: _schedule(row) for name, row in rows.items()}


def _schedule(row: DagModel | None) -> Schedule:
    if row is None:
        return Schedule()
    return Schedule(True, bool(row.is_paused), None if row.is_paused else row.next_dagrun_create_after)
