"""Why is somebody in a list, or not? A page that shows people's data; each look is recorded."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi import Path as PathParameter
from fastapi.responses import HTMLResponse, RedirectResponse

from crm_sync import providers
from crm_sync.pages import dag_of
from crm_sync.web import labels, links, why
from crm_sync.web.person import read_person
from crm_sync.web.reading import crm_reading, state_reading
from crm_sync.web.rendering import page
from crm_sync.web.rights import OwnFormDep, Visitor, VisitorDep, form_token, known, require

router = APIRouter()
_SHORTEST_NAME = 2
MOST_FOUND = 25
_LARGEST_ID = 2**63 - 1
ContactId = Annotated[int, PathParameter(ge=1, le=_LARGEST_ID)]


@router.get("/why")
def ask(request: Request, who: VisitorDep) -> HTMLResponse:
    """Where a person is searched for."""
    require(who.sees_people)
    return page(request, "search.html", q="", found=[], is_short=False, sees_people=True, token=form_token(who))


@router.post("/why")
def search(request: Request, who: OwnFormDep, q: Annotated[str, Form(max_length=320)] = "") -> HTMLResponse:
    """Find a person by name, address or id. A form, not a link: Airflow's log of requests holds every link in full.
    A look at each person found is recorded."""
    require(who.sees_people)
    wish, names = q.strip(), who.readable()
    is_short = is_too_short(wish)
    found = [] if is_short else find_people(wish, names)
    _note(who, [each["contact_id"] for each in found], "found")
    values: dict[str, Any] = {"q": wish, "found": found, "is_short": is_short}
    return page(request, "search.html", **values, sees_people=True, token=form_token(who))


@router.get("/why/{contact_id}")
def explain(
    request: Request, who: VisitorDep, contact_id: ContactId, retried: int | None = None, of: str = ""
) -> HTMLResponse:
    """One person: at each provider and in each list, or not, and why; with the history."""
    require(who.sees_people)
    names = who.readable()
    _note(who, [contact_id], "explained")
    person = read_person(contact_id, names)
    if person is None:
        raise HTTPException(404, f"Neither the CRM nor the ledger knows a contact {contact_id}.")
    shown = [
        {
            "provider": name,
            "case": case,
            "summary": why.summary(case),
            "lines": why.lines(case),
            "can_retry": why.can_retry(case),
            "link": links.at(name, contact_id, case.held),
        }
        for name, case in person.cases.items()
    ]
    may = [name for name in names if who.may_trigger(name)]
    values: dict[str, Any] = {
        "person": person.contact,
        "contact_id": contact_id,
        "crm_link": links.in_the_crm(contact_id),
        "cases": shown,
        "history": person.history,
        "retried": retried,
        "retry_of": dag_of(known(of)) if of else "",
    }
    titles = {name: providers.get(name).title for name in names}
    return page(request, "why.html", **values, titles=titles, may=may, sees_people=True, token=form_token(who))


@router.post("/why/{contact_id}/retry/{provider}")
def retry(request: Request, who: OwnFormDep, contact_id: ContactId, provider: str) -> RedirectResponse:
    """Offer one person again, with the next run."""
    require(who.sees_people and who.may_trigger(known(provider)))
    retried = offer_again(who, provider, [contact_id])
    path = f"{request.scope.get('root_path', '')}/why/{contact_id}?retried={retried}"
    return RedirectResponse(f"{path}&of={provider}", status_code=303)


def offer_again(who: Visitor, provider: str, contact_ids: list[int]) -> int:
    """Offer people again, with the next run, unless their reason is permanent; how many. It is recorded who did."""
    offered = 0
    with state_reading() as state:
        for contact_id in contact_ids:
            whom: dict[str, Any] = {"provider": provider, "contact_id": contact_id}
            found = {row.reason for row in state.rows("page_people/refusals_of_person", **whom)}
            reasons = sorted(code for code in found if not labels.is_permanent(code, provider))
            offered += state.run("page_people/retry_person", **whom, reasons=reasons)
        state.run("page_people/log_looks", who=who.name, contact_ids=contact_ids, what="retried")
    return offered


def _note(who: Visitor, contact_ids: list[int], what: str) -> None:
    """Before anything is shown: what cannot be noted is not shown."""
    if contact_ids:
        with state_reading() as state:
            state.run("page_people/log_looks", who=who.name, contact_ids=contact_ids, what=what)


def people_of(contact_ids: list[int]) -> dict[int, Any]:
    """Whom the CRM has of them, with name and address, by contact id."""
    if not contact_ids:
        return {}
    with crm_reading() as crm:
        return {row.contact_id: row for row in crm.rows("crm/sync_page/people", contact_ids=contact_ids)}


def is_too_short(wish: str) -> bool:
    """Whether very many would be found by it."""
    return len(wish.strip()) < _SHORTEST_NAME and not wish.strip().isdigit()


def find_people(wish: str, names: list[str]) -> list[dict[str, Any]]:
    """At most 25 people of the CRM, and those that only the ledger still knows."""
    contact_id = int(wish) if wish.isdigit() and int(wish) <= _LARGEST_ID else None
    subscriber_key = wish.lower() if "@" in wish else None
    name = wish.lower() if contact_id is None and subscriber_key is None else None
    with crm_reading() as crm:
        rows = crm.rows("crm/sync_page/find_people", contact_id=contact_id, subscriber_key=subscriber_key, name=name)
    found = {row.contact_id: dict(row._mapping) for row in rows}
    if name is None:
        with state_reading() as state:
            for row in state.rows(
                "page_people/find_in_ledger", providers=names, contact_id=contact_id, subscriber_key=subscriber_key
            ):
                gone = {"contact_id": row.contact_id, "kind": "", "name": "", "address": row.address}
                found.setdefault(row.contact_id, gone)
    return list(found.values())
