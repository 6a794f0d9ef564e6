"""The first page: a card for each provider, what it is behind, and the buttons. A provider is called only when a person
presses Test."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from crm_sync import providers
from crm_sync.errors import ConfigError
from crm_sync.hooks import configuration
from crm_sync.hooks.accounts import account_hook
from crm_sync.pages import dag_of
from crm_sync.web import checking, labels, wellness
from crm_sync.web.cards import Card, read_cards
from crm_sync.web.chart import SERIES, chart, days_before
from crm_sync.web.reading import state_database
from crm_sync.web.rendering import page
from crm_sync.web.rights import OwnFormDep, Visitor, VisitorDep, form_token, known, require
from crm_sync.web.schedule import Schedule, kept_connections, schedules
from crm_sync.web.wellness import Standing

router = APIRouter()
# The watcher for changes looks every few seconds.
_WITHOUT_A_LOOK_SECONDS = 90


@router.get("/")
def overview(request: Request, who: VisitorDep) -> HTMLResponse:
    """How every provider stands."""
    names = who.readable()
    cards, trouble = read_cards(names)
    planned = schedules(names)
    shown = [_shown(cards[name], planned[name], who) for name in names]
    kept = kept_connections(each["connection_id"] for each in shown)
    standings = [Standing(each["card"], each["off"], each["schedule"]) for each in shown]
    now = datetime.now(UTC)
    values: dict[str, Any] = {
        "cards": shown,
        "troubles": wellness.troubles(standings, trouble),
        "in_step_since": wellness.in_step_since(standings),
        "takes_part": [each for each in standings if not each.off],
        "is_under_way": wellness.is_under_way(standings),
        "kept": kept,
        "days": days_before(now),
        "now": now,
        "series": SERIES,
    }
    return page(request, "overview.html", **values, sees_people=who.sees_people, token=form_token(who))


@router.post("/check/{provider}")
def check(request: Request, who: OwnFormDep, provider: str) -> RedirectResponse:
    """Ask the provider who the account is, and keep the answer."""
    require(who.may_trigger(known(provider)))
    with state_database() as state:
        checking.check(state, provider)
    return RedirectResponse(f"{request.scope.get('root_path', '')}/#{provider}", status_code=303)


def _shown(card: Card, schedule: Schedule, who: Visitor) -> dict[str, Any]:
    """What the template needs beside the card itself."""
    return {
        "card": card,
        "schedule": schedule,
        "dag": dag_of(card.provider),
        "off": switched_off(card.provider),
        "may_trigger": who.may_trigger(card.provider),
        "may_pause": schedule.is_known and who.may_pause(card.provider),
        "may_connect": who.may_connect(card.provider),
        "by_oauth": account_hook(card.provider)().connects_by_oauth,
        "connection_id": providers.get(card.provider).connection_id,
        "account": checking.told(card, sees_contact=who.sees_people),
        "live": _live(card),
        "chart": chart(card.history, days_before(datetime.now(UTC))) if card.history else None,
        "oldest": labels.ago(card.behind.oldest, datetime.now(UTC)) if card.behind and card.behind.oldest else "",
    }


def _live(card: Card) -> str:
    """Whether changes in the CRM start runs now; "" where they are not to."""
    if not configuration.is_live(providers.get(card.provider), configuration.read().settings):
        return ""
    if card.look is None or card.look.seconds > _WITHOUT_A_LOOK_SECONDS:
        since = f" for {labels.ago(card.look.looked_at, datetime.now(UTC))}" if card.look else ""
        return f"not live: nothing has looked for changes{since}, so they wait for the next run by the schedule"
    if card.look.waits_for:
        return "waits: half of today's calls are used, and the rest belong to the schedule"
    return f"live: a change in the CRM starts a run; looked {card.look.seconds:.0f} s ago"


def switched_off(provider: str) -> str:
    """Why the provider is skipped, or what of its switch does not fit; "" where it takes part."""
    if not configuration.read().settings.own(provider).enabled:
        return "switched off by the setting enabled"
    hook = account_hook(provider)()
    try:
        is_enabled = hook.is_enabled
    except ConfigError as error:
        return str(error)
    return "" if is_enabled else f"switched off in its connection {providers.get(provider).connection_id}"
