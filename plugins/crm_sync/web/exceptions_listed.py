"""The people whom a provider does not hold as the CRM says, one by one: found, sorted, and offered again."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from crm_sync import providers
from crm_sync.web import labels
from crm_sync.web.people import MOST_FOUND, find_people, is_too_short, offer_again, people_of
from crm_sync.web.reading import state_reading
from crm_sync.web.rendering import page
from crm_sync.web.rights import OwnFormDep, Visitor, VisitorDep, form_token, known, require

router = APIRouter()
ROWS = 50
# No more people than these are counted.
MOST_COUNTED = 10_000
SORTS = {"since": "newest first", "next_try": "next try", "reason": "reason"}


class Wish(BaseModel):
    """Which of them somebody looks at."""

    provider: str = ""
    reason: str = ""
    sort: str = "since"
    number: Annotated[int, Field(alias="page", ge=1, le=MOST_COUNTED // ROWS)] = 1
    retried: int | None = None


@router.get("/people")
def people(request: Request, who: VisitorDep, wish: Annotated[Wish, Query()]) -> HTMLResponse:
    """A page of them, with names for a person who may see people; each look is noted."""
    return _page(request, who, wish, None)


@router.post("/people")
def search(
    request: Request,
    who: OwnFormDep,
    wish: Annotated[Wish, Depends()],
    q: Annotated[str, Form(max_length=320)] = "",
) -> HTMLResponse:
    """Those of a name, an address or a contact id: a form, for Airflow's log of requests holds every link in full."""
    require(who.sees_people)
    if is_too_short(q):
        return _page(request, who, wish, None, is_short=True)
    return _page(request, who, wish, [each["contact_id"] for each in find_people(q.strip(), who.readable())])


@router.post("/people/retry/{provider}")
def retry(
    request: Request, who: OwnFormDep, provider: str, contact_id: Annotated[list[int] | None, Form()] = None
) -> RedirectResponse:
    """Offer those who were chosen again, with the next run."""
    require(who.may_trigger(known(provider)))
    offered = offer_again(who, provider, contact_id or [])
    root = request.scope.get("root_path", "")
    return RedirectResponse(f"{root}/people?provider={provider}&retried={offered}", status_code=303)


def _page(
    request: Request, who: Visitor, wish: Wish, contact_ids: list[int] | None, *, is_short: bool = False
) -> HTMLResponse:
    """``contact_ids``: those that a search found, all on one page; None without one."""
    names = [known(wish.provider)] if wish.provider else who.readable()
    require(all(who.may_read(name) for name in names))
    asked = {"providers": names, "reason": wish.reason or None, "contact_ids": contact_ids}
    sort = wish.sort if wish.sort in SORTS else "since"
    with state_reading() as state:
        total = state.value("page_refusals/exceptions_counted", **asked, most=MOST_COUNTED)
        size = ROWS if contact_ids is None else MOST_COUNTED
        rows = state.rows("page_refusals/people", **asked, sort=sort, skipped=(wish.number - 1) * size, rows=size)
        reasons = _reasons(state, names)
    values: dict[str, Any] = {
        "rows": rows,
        "people": _named(who, rows),
        "wish": wish,
        "sort": sort,
        "sorts": SORTS,
        "reasons": reasons,
        "total": total,
        "is_cut": total >= MOST_COUNTED,
        "is_search": contact_ids is not None,
        "is_short": is_short,
        "is_many": MOST_FOUND if len(contact_ids or ()) >= MOST_FOUND else 0,
        "pages": max(1, -(-total // size)),
        "titles": {name: providers.get(name).title for name in who.readable()},
        "may": {row.provider for row in rows if who.may_trigger(row.provider)},
        "may_retry": [row.can_retry and not labels.is_permanent(row.reason, row.provider) for row in rows],
    }
    return page(request, "people.html", **values, sees_people=who.sees_people, token=form_token(who))


def _reasons(state: Any, names: list[str]) -> list[str]:
    """Every reason of which somebody is refused, waits, or is set aside."""
    counts = state.rows("page_cards/held_counts", providers=names)
    aside = state.rows("page_refusals/set_aside_reasons", providers=names)
    return sorted({row.what for row in counts if row.kind == "exception"} | {row.reason for row in aside})


def _named(who: Visitor, rows: Sequence[Any]) -> dict[int, Any]:
    """Whom the CRM has of them. It is noted before they are shown."""
    ids = sorted({row.contact_id for row in rows if row.contact_id is not None})
    if not ids or not who.sees_people:
        return {}
    with state_reading() as state:
        state.run("page_people/log_looks", who=who.name, contact_ids=ids, what="found")
    return people_of(ids)
