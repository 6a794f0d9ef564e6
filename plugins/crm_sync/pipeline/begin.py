"""Opens a run: decides how much it must look at, whatever was asked, and abandons what died before it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crm_sync import store
from crm_sync.model import Asked, Mode, Run
from crm_sync.pipeline.record import abandon
from crm_sync.pipeline.sync import log

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_sync.database import Database
    from crm_sync.pipeline.sync import Sync

FIRST = "first connection: everybody is brought across"
RESTORED = "the CRM was restored or moved, its transaction ids start again: everybody is compared"


def unopened(provider: str) -> Run:
    """What a Sync has for its run until one is opened."""
    return Run(0, provider, Mode.CHANGES)


def open_run(sync: Sync, asked: Asked, *, is_alive: Callable[[str], bool] = lambda _: False) -> Sync:
    """Open the run that is asked for, or open it again; what its stages are given.

    ``is_alive`` tells of another run, by its Airflow run id, whether it is still at work: a BusyError then.
    """
    mode, notice = decide_mode(sync.state, sync.crm, asked.provider, asked.mode)
    if notice:
        log.info("this run is %s: %s", mode.value, notice)
    stated = replace(asked, mode=mode, notice=notice, do_not_contact_scope=sync.settings.do_not_contact_scope)
    run = store.open_run(sync.state, stated, is_alive=is_alive, abandon=lambda dead: abandon(replace(sync, run=dead)))
    return replace(sync, run=run)


def decide_mode(state: Database, crm: Database, provider: str, asked: Mode) -> tuple[Mode, str | None]:
    """The mode the run must have, and the notice to show where it is not the one that was asked for."""
    if asked not in {Mode.CHANGES, Mode.COMPARE}:
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
    return asked, None
