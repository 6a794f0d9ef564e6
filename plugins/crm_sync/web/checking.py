"""Asks a provider who answers there, keeps what was said, and says it again in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from crm_sync.alerts.kinds import Kind
from crm_sync.errors import CrmSyncError
from crm_sync.hooks import configuration
from crm_sync.hooks.accounts import account_hook
from crm_sync.web.labels import utc

if TYPE_CHECKING:
    from crm_sync.ledger.database import Database
    from crm_sync.web.cards import Card


def check(state: Database, provider: str) -> None:
    """Ask, and keep the answer, or what is wrong with the remedy."""
    settings = configuration.read().settings.of(provider).for_a_person()
    try:
        keep(state, provider, {"is_connected": True, **account_hook(provider)().who_answers(state, settings)})
    except CrmSyncError as error:
        keep(state, provider, {"is_connected": False, "message": str(error)})


def keep(state: Database, provider: str, found: dict[str, Any]) -> None:
    """Keep what is known of an account: is_connected, and message or organization, contact, host and remark."""
    with state.transaction() as transaction:
        transaction.run("page_cards/keep_check", provider=provider, value=json.dumps(found))


def told(card: Card, *, sees_contact: bool) -> str:
    """Whether the account answered, and as whom. The contact of the account is a person, not shown to everyone."""
    lost = next((each.since for each in card.alerts if each.kind == Kind.CONNECTION_LOST), None)
    if lost and not (card.check and card.check.get("is_connected") and card.checked_at > lost):
        return " ".join(filter(None, [f"A run lost its connection, {utc(lost)}.", _last_right(card)]))
    proof = _proof(card)
    if card.check is None:
        return proof or "Not checked yet."
    if not card.check.get("is_connected"):
        return proof or f"Not connected: {card.check.get('message', '').rstrip('.')}. Checked {utc(card.checked_at)}."
    who = [card.check.get("organization"), card.check.get("contact") if sees_contact else None]
    remark = str(card.check.get("remark") or "")
    said = f"Connected as {', '.join(filter(None, who))} ({card.check.get('host')})."
    return " ".join(filter(None, [said, f"{remark.capitalize()}." if remark else "", _last_right(card)]))


def _proof(card: Card) -> str:
    """Whom a run has served since the account was asked, was connected by then; "" where none has."""
    good = card.good
    if good is None or (card.checked_at is not None and good.finished_at <= card.checked_at):
        return ""
    return f"Connected, as of the run of {utc(good.finished_at)}."


def _last_right(card: Card) -> str:
    checked_at = card.checked_at if card.check and card.check.get("is_connected") else None
    at = max(filter(None, [checked_at, card.good.finished_at if card.good else None]), default=None)
    return f"Last right {utc(at)}." if at else ""
