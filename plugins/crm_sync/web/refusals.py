"""Whom the providers do not hold as the CRM says, by reason: counts, an export, and offering them again."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from crm_sync.pages import dag_of
from crm_sync.web import labels
from crm_sync.web.cards import read_counts
from crm_sync.web.people import people_of
from crm_sync.web.reading import state_reading
from crm_sync.web.rendering import page
from crm_sync.web.rights import OwnFormDep, VisitorDep, form_token, known, require

router = APIRouter()
# An export of more than these says so in its last row.
MOST_EXPORTED = 200_000
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


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
    with state_reading() as state:
        asked = {"providers": names, "reason": reason or None, "most": MOST_EXPORTED + 1}
        rows = state.rows("page_refusals/export_exceptions", **asked)
        seen = sorted({row.contact_id for row in rows[:MOST_EXPORTED] if row.contact_id is not None})
        if addresses:
            state.run("page_people/log_looks", who=who.name, contact_ids=seen, what="exported")
    text = "".join(_lines(rows, people_of(seen) if addresses else None))
    headers = {"Content-Disposition": 'attachment; filename="crm_sync_exceptions.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _lines(rows: list[Any], people: dict[int, Any] | None) -> Iterator[str]:
    """``people``: those whom the CRM has, where names and addresses may be told."""
    head = ["provider", "what", "contact_id", "list_id", "reason", "meaning", "remedy", "since", "next_try"]
    yield _line(head + (["address", "name"] if people is not None else []))
    for row in rows[:MOST_EXPORTED]:
        since, next_try = (at.isoformat() if at else "" for at in (row.since, row.next_try))
        said = (labels.reason(row.reason, row.provider), labels.remedy(row.reason, row.provider))
        told = [row.provider, row.what, row.contact_id, row.list_id, row.reason, *said]
        yield _line([*told, since, next_try, *(_whose(row, people) if people is not None else ())])
    if len(rows) > MOST_EXPORTED:
        yield _line([f"more than {MOST_EXPORTED:,}: the rest is in crm_sync.exceptions"])


def _whose(row: Any, people: dict[int, Any]) -> tuple[str, str]:
    """The address that the provider was asked about, or else the CRM's, and the name."""
    person = people.get(row.contact_id)
    return row.address or (person.address if person else "") or "", person.name if person else ""


def _line(cells: list[Any]) -> str:
    """One line; what a spreadsheet would take for a formula is text."""
    buffer = io.StringIO()
    texts = ["" if cell is None else str(cell) for cell in cells]
    csv.writer(buffer).writerow([f"'{text}" if text.startswith(_DANGEROUS) else text for text in texts])
    return buffer.getvalue()


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
