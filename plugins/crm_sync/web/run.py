"""What a run did, or would do: the tab on each DAG run, and the page on which a preview ends."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from crm_sync import providers, removals
from crm_sync.pages import dag_of, provider_of
from crm_sync.web import differences, labels
from crm_sync.web.cards import read_progress
from crm_sync.web.counts import by_list, effects, outcomes
from crm_sync.web.differences import Difference
from crm_sync.web.reading import state_reading
from crm_sync.web.rendering import page
from crm_sync.web.rights import VisitorDep, require
from crm_sync.web.schedule import schedules

router = APIRouter()
ROWS = 50
# A run that is under way is counted up to here, and its page says so.
MOST_COUNTED = 200_000
_UNDER_WAY = ("open", "planned")
# What operations are filtered by, as their tally has it.
_TEXTS = ("verb", "status", "reason")


class Wish(BaseModel):
    """Which operations of which run somebody looks at, and where in them: after one, or those that end with one."""

    dag_id: str
    run_id: str
    after: Annotated[int, Field(ge=0)] = 0
    until: Annotated[int, Field(ge=0)] = 0
    verb: str = ""
    status: str = ""
    reason: str = ""
    list_id: str = ""
    contact_id: str = ""
    values: bool = False

    @property
    def can_be(self) -> bool:
        """Nobody is found by something that is no number."""
        return all(each.isdecimal() for each in (self.list_id, self.contact_id) if each)

    @property
    def parameters(self) -> dict[str, Any]:
        """As statements take it."""
        numbers = {name: int(value) if value else None for name, value in (("contact_id", self.contact_id),)}
        return {**{name: getattr(self, name) or None for name in _TEXTS}, **numbers, "list_id": self.of_list}

    @property
    def of_list(self) -> int | None:
        """The list, as a number."""
        return int(self.list_id) if self.list_id else None

    def finds(self, row: Any) -> bool:
        """Whether it looks at the operations that a row of a tally counts; whose they are, a tally does not know."""
        told = all(getattr(row, name) == value for name in _TEXTS if (value := getattr(self, name)))
        return told and self.of_list in {None, row.list_id}


@router.get("/run")
def run(request: Request, who: VisitorDep, wish: Annotated[Wish, Query()]) -> HTMLResponse:
    """One run: outcomes, effects by list and cause, what was set aside, and its operations."""
    dag_id, run_id = wish.dag_id, wish.run_id
    provider = provider_of(dag_id)
    if provider is None:
        return page(request, "no_run.html", message="This DAG is not one of CRM Sync.", is_waiting=False)
    require(who.may_read(provider))
    require(who.sees_people or not wish.values)
    found = _read(provider, wish, who.name)
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


def _read(provider: str, wish: Wish, name: str) -> dict[str, Any] | None:
    with state_reading() as state:
        row = state.row("page_run/run", provider=provider, airflow_run_id=wish.run_id)
        if row is None:
            return None
        under_way = row.state in _UNDER_WAY
        counted = {"most": MOST_COUNTED} if under_way else {}
        tally = state.rows("page_run/run_so_far" if under_way else "page_run/run_tally", run_id=row.run_id, **counted)
        tally_found = [each for each in tally if wish.finds(each)]
        shown = _operations(state, row.run_id, tally_found, wish)
        changed = _changed(state, row.run_id, shown["operations"], name) if wish.values else {}
        aside = state.rows("page_run/run_set_aside", run_id=row.run_id)
        questions = state.rows("page_cards/questions_open", providers=[provider])
        progress = read_progress(state, row.run_id) if under_way else None
    total = sum(each.operations for each in tally)
    return {
        "run": row,
        "removals": removals.kept(row.removals),
        "progress_made": progress,
        "question": next(iter(questions), None),
        "is_under_way": under_way,
        "is_cut": under_way and total >= MOST_COUNTED,
        "outcomes": outcomes(tally),
        "effects": effects(tally),
        "lists": by_list(tally),
        "aside": aside,
        **shown,
        "changed": changed,
        "found": None if wish.contact_id else sum(each.operations for each in tally_found),
        "choices": {name: sorted({getattr(each, name) for each in tally} - {None}) for name in _TEXTS},
    }


def page_of(operations: Sequence[Any]) -> tuple[list[Any], int | None]:
    """The first rows, with all that is asked about the last subscriber among them, and after whom the next page begins;
    None where there is none."""
    if len(operations) <= ROWS:
        return list(operations), None
    last = operations[ROWS - 1].operation_id
    page = [each for each in operations if each.operation_id <= last]
    return page, last if len(page) < len(operations) else None


def _changed(state: Any, run_id: int, operations: Sequence[Any], name: str) -> dict[int, list[Difference]]:
    """Operation → (field, before, after) of each value that it changes. The person who looks is recorded first."""
    key = {"run_id": run_id, "operation_ids": sorted({each.operation_id for each in operations})}
    rows = state.rows("page_run/changed_records", **key)
    about = {row.operation_id for row in rows}
    seen = sorted({each.contact_id for each in operations if each.operation_id in about and each.contact_id})
    if seen:
        state.run("page_people/log_looks", who=name, contact_ids=seen, what="found")
    return {row.operation_id: list(differences.between(row.before, row.after)) for row in rows}


def _operations(state: Any, run_id: int, tally: list[Any], wish: Wish) -> dict[str, Any]:
    """A page of the run's operations that are wished for, and the ways to the next and to the one before."""
    if not tally or not wish.can_be:
        return {"operations": [], "next_after": None, "until_before": None}
    first_id, last_id = min(each.first_id for each in tally), max(each.last_id for each in tally)
    asked = {"run_id": run_id, "first_id": first_id, "last_id": last_id, "rows": ROWS + 1, **wish.parameters}
    if wish.until:
        rows, before = page_until(state.rows("page_run/operations_before", until=wish.until, **asked))
        return {"operations": rows, "next_after": wish.until if wish.until < last_id else None, "until_before": before}
    rows, next_after = page_of(state.rows("page_run/operations_of_run", after=wish.after, **asked))
    return {"operations": rows, "next_after": next_after, "until_before": wish.after or None}


def page_until(operations: Sequence[Any]) -> tuple[list[Any], int | None]:
    """The last rows, with all that is asked about the first subscriber among them, and with whom the page before ends;
    None where there is none."""
    if len(operations) <= ROWS:
        return list(operations), None
    first = operations[-ROWS].operation_id
    shown = [each for each in operations if each.operation_id >= first]
    return shown, first - 1 if len(shown) < len(operations) else None
