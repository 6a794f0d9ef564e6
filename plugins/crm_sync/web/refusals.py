"""Whom the providers do not hold as the CRM says, by reason: counts, an export, and offering them again."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from crm_sync.pages import dag_of
from crm_sync.web import labels
from crm_sync.web.cards import read_counts
from crm_sync.web.exported import exported
from crm_sync.web.reading import state_reading
from crm_sync.web.rendering import page
from crm_sync.web.rights import OwnFormDep, VisitorDep, form_token, known, require

router = APIRouter()


@router.get("/exceptions")
def exceptions(
    request: Request, who: VisitorDep, retried: int | None = None, of: str = "", unchosen: bool = False
) -> HTMLResponse:
    """Refused and set aside, by provider and reason."""
    names = who.readable()
    shown = [(card, who.may_trigger(card.provider)) for card in read_counts(names).values()]
    values: dict[str, Any] = {"cards": shown, "retried": retried, "unchosen": unchosen}
    values |= {"token": form_token(who), "now": datetime.now(UTC), "retry_of": dag_of(known(of)) if of else ""}
    return page(request, "exceptions.html", **values, sees_people=who.sees_people)


@router.get("/exceptions.csv")
def export(who: VisitorDep, provider: str = "", reason: str = "", addresses: bool = False) -> Response:
    """The exceptions as CSV: ids and reasons; addresses only for whom may see people, and noted who took them."""
    names = [known(provider)] if provider else who.readable()
    require(all(who.may_read(name) for name in names) and (who.sees_people or not addresses))
    text = exported(names, reason, who.name, addresses=addresses)
    headers = {"Content-Disposition": 'attachment; filename="crm_sync_exceptions.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/retry/{provider}")
def retry(
    request: Request,
    who: OwnFormDep,
    provider: str,
    reason: Annotated[list[str] | None, Form()] = None,
    list_id: Annotated[list[int] | None, Form()] = None,
) -> RedirectResponse:
    """Offer again, with the next run, who was refused for the chosen reasons, and the chosen lists."""
    require(who.may_trigger(known(provider)))
    page_of_them = f"{request.scope.get('root_path', '')}/exceptions"
    reason = [each for each in reason or [] if not labels.is_permanent(each, provider)]
    if not reason and not list_id:
        return RedirectResponse(f"{page_of_them}?unchosen=true#{provider}", status_code=303)
    chosen = {"provider": provider, "reasons": reason}
    with state_reading() as state:
        people = state.run("page_refusals/retry_reasons", **chosen)
        lists = state.run("page_refusals/retry_lists", **chosen)
        list_ids = _that_may_come(state, provider, list_id)
        (named,) = state.rows("page_refusals/retry_list", provider=provider, list_ids=list_ids)
    retried = people + lists + named.lists + named.people
    return RedirectResponse(f"{page_of_them}?retried={retried}&of={provider}#{provider}", status_code=303)


def _that_may_come(state: Any, provider: str, list_ids: list[int] | None) -> list[int]:
    """Of chosen lists, those whose refusal may end."""
    rows = state.rows("page_cards/lists_there", providers=[provider]) if list_ids else ()
    refused = {row.list_id for row in rows if row.reason and not labels.is_permanent(row.reason, provider)}
    return sorted(refused & set(list_ids or ()))
