"""What a run did, or would do: the tab on each DAG run, and the page on which a preview ends."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from crm_sync import providers
from crm_sync.model import Verb
from crm_sync.pages import dag_of, provider_of
from crm_sync.web import labels
from crm_sync.web.cards import read_progress
from crm_sync.web.counts import by_list, effects, outcomes
from crm_sync.web.reading import state_reading
from crm_sync.web.rendering import page
from crm_sync.web.rights import VisitorDep, require
from crm_sync.web.schedule import schedules

router = APIRouter()
ROWS = 50
# A run that is under way is counted up to here, and its page says so.
MOST_COUNTED = 200_000
_UNDER_WAY = ("open", "planned")


@router.get("/run")
def run(  # noqa: PLR0913  what a person filters by
    request: Request,
    who: VisitorDep,
    dag_id: str,
    run_id: str,
    after: Annotated[int, Query(ge=0)] = 0,
    verb: str = "",
    list_id: str = "",
    contact_id: str = "",
) -> HTMLResponse:
    """One run: outcomes, effects by list and cause, what was set aside, and its operations."""
    provider = provider_of(dag_id)
    if provider is None:
        return page(request, "no_run.html", message="This DAG is not one of CRM Sync.", is_waiting=False)
    require(who.may_read(provider))
    wish = {"verb": verb, "list_id": list_id, "contact_id": contact_id}
    found = _read(provider, run_id, after, wish)
    if found is None:
        waits = schedules([provider])[provider].waits_for(run_id)
        begins = f"waits {waits}" if waits else "begins with its first task"
        message = f"CRM Sync has not begun this run yet. It {begins}."
        return page(request, "no_run.html", message=message, is_waiting=True)
    values: dict[str, Any] = {
        "dag": dag_of(provider),
        "airflow_run_id": run_id,
        "wish": wish,
        "title": providers.get(provider).title,
    }
    schedule = schedules([provider])[provider]
    found |= {"is_paused": schedule.is_paused, "has_died": labels.has_died(found["run"], schedule.active)}
    may = {"may_trigger": who.may_trigger(provider), "sees_people": who.sees_people}
    return page(request, "run.html", **values, **found, **may, now=datetime.now(UTC))


def _read(provider: str, airflow_run_id: str, after: int, wish: dict[str, str]) -> dict[str, Any] | None:
    with state_reading() as state:
        row = state.row("page_run/run", provider=provider, airflow_run_id=airflow_run_id)
        if row is None:
            return None
        under_way = row.state in _UNDER_WAY
        counted = {"most": MOST_COUNTED} if under_way else {}
        tally = state.rows("page_run/run_so_far" if under_way else "page_run/run_tally", run_id=row.run_id, **counted)
        operations, next_after = page_of(_operations(state, row.run_id, tally, after, wish))
        aside = state.rows("page_run/run_set_aside", run_id=row.run_id)
        questions = state.rows("page_cards/questions_open", providers=[provider])
        progress = read_progress(state, row.run_id) if under_way else None
    total = sum(each.operations for each in tally)
    return {
        "run": row,
        "progress_made": progress,
        "question": next(iter(questions), None),
        "is_under_way": under_way,
        "is_cut": under_way and total >= MOST_COUNTED,
        "outcomes": outcomes(tally),
        "effects": effects(tally),
        "lists": by_list(tally),
        "aside": aside,
        "operations": operations,
        "next_after": next_after,
        "verbs": [each.value for each in Verb],
    }


def page_of(operations: Sequence[Any]) -> tuple[list[Any], int | None]:
    """The first rows, with all that is asked about the last subscriber among them, and after whom the next page begins;
    None where there is none."""
    if len(operations) <= ROWS:
        return list(operations), None
    last = operations[ROWS - 1].operation_id
    page = [each for each in operations if each.operation_id <= last]
    return page, last if len(page) < len(operations) else None


def _operations(state: Any, run_id: int, tally: Any, after: int, wish: dict[str, str]) -> list[Any]:
    """More of the run's operations than a page has. Nobody is found by something that is no number."""
    if not tally or not all(wish[name].isdigit() for name in ("list_id", "contact_id") if wish[name]):
        return []
    return list(
        state.rows(
            "page_run/operations_of_run",
            run_id=run_id,
            after=after,
            first_id=min(each.first_id for each in tally),
            last_id=max(each.last_id for each in tally),
            verb=wish["verb"] or None,
            status=None,
            list_id=int(wish["list_id"]) if wish["list_id"] else None,
            contact_id=int(wish["contact_id"]) if wish["contact_id"] else None,
            rows=ROWS + 1,
        )
    )
