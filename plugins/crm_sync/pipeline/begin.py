"""Decides how much a run must look at: a first connection and a CRM that was restored need everybody, whatever was
asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_sync.model import Mode

if TYPE_CHECKING:
    from crm_sync.database import Database

FIRST = "first connection: everybody is brought across"
RESTORED = "the CRM was restored or moved, its transaction ids start again: everybody is compared"


def decide_mode(state: Database, crm: Database, provider: str, asked: Mode) -> tuple[Mode, str | None]:
    """The mode the run must have, and the notice to show where it is not the one that was asked for."""
    if asked is not Mode.CHANGES:
        return asked, None
    with state.transaction() as transaction:
        cursor = transaction.row("state/cursor", provider=provider)
    if cursor is None or cursor.snapshot is None:
        return Mode.FULL, FIRST
    with crm.transaction(snapshot=True) as reading:
        here = reading.row("extract/snapshot")
        usable = reading.value("extract/cursor_is_usable", last_snapshot=cursor.snapshot)
    if here is None or here.crm_identity != cursor.crm_identity or not usable:
        return Mode.FULL, RESTORED
    return Mode.CHANGES, None
