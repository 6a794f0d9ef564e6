"""All runs of all providers, the newest first: what failed last night is one click away."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from crm_sync import providers
from crm_sync.pages import dag_of
from crm_sync.run_status import Filter, RunStatus, filter_of
from crm_sync.web import labels
from crm_sync.web.reading import state_reading
from crm_sync.web.rendering import page
from crm_sync.web.rights import VisitorDep, known, require
from crm_sync.web.schedule import origins

router = APIRouter()
ROWS = 50
# No more runs than these are counted.
MOST_COUNTED = 10_000
_ANY = {**asdict(Filter(())), "states": None}


@router.get("/runs")
def runs(
    request: Request,
    who: VisitorDep,
    provider: str = "",
    state: str = "",
    day: str = "",
    number: Annotated[int, Query(alias="page", ge=1, le=MOST_COUNTED // ROWS)] = 1,
) -> HTMLResponse:
    """The runs of the last 24 hours, or of a day (UTC)."""
    names = [known(provider)] if provider else who.readable()
    require(all(who.may_read(name) for name in names))
    now = datetime.now(UTC)
    since, until = _time(day, now)
    asked = {"providers": names, "since": since, "until": until, **_wanted(state)}
    with state_reading() as reading:
        total = reading.value("page_runs/runs_counted", **asked, most=MOST_COUNTED)
        rows = reading.rows("page_runs/runs", **asked, skipped=(number - 1) * ROWS, rows=ROWS)
    values: dict[str, Any] = {
        "runs": _shown(rows),
        "wish": {"provider": provider, "state": state, "day": day},
        "number": number,
        "pages": max(1, -(-total // ROWS)),
        "total": total,
        "is_cut": total >= MOST_COUNTED,
        "titles": {name: providers.get(name).title for name in who.readable()},
        "states": {each.value: labels.RUN_FILTERS[each] for each in RunStatus},
    }
    return page(request, "runs.html", **values, now=now, sees_people=who.sees_people)


def _time(day: str, now: datetime) -> tuple[datetime, datetime]:
    """A day that is none is taken for the last 24 hours."""
    try:
        begins = datetime.combine(date.fromisoformat(day), time(), UTC)
    except ValueError:
        return now - timedelta(days=1), now + timedelta(days=1)
    return begins, begins + timedelta(days=1)


def _wanted(state: str) -> dict[str, Any]:
    if state not in set(RunStatus):
        return _ANY
    found = asdict(filter_of(RunStatus(state)))
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def _shown(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Each with its DAG, by whom it was started, and how long it took."""
    found = origins([(dag_of(row.provider), row.airflow_run_id) for row in rows])
    return [
        {
            "run": row,
            "dag": dag_of(row.provider),
            "origin": found.get((dag_of(row.provider), row.airflow_run_id), "") or labels.origin(row.airflow_run_id),
            "lasted": labels.lasted(row.opened_at, row.finished_at) if row.finished_at else "",
        }
        for row in rows
    ]
