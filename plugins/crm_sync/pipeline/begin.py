"""Opens a run: states what it rests on, decides how much it must look at, whatever was asked, and abandons what died
before it."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from crm_sync import store
from crm_sync.model import Asked, Mode, Run
from crm_sync.pipeline import brake, premises, trust
from crm_sync.pipeline.record import abandon
from crm_sync.pipeline.sync import log, writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crm_sync.pipeline.sync import Sync

ANOTHER_ACCOUNT = "another account answers than before: everybody is brought across, and opt-outs of before stand"
OTHER_RULES = (
    "the Do Not Contact scope, the mapping, the SQL of the extract or a choice of the connection was changed: everybody"
    " is compared with the ledger"
)
ONCE_A_DAY = "everybody in the CRM is compared with the ledger, as once a day"

Reason = tuple[Mode, str]
# What looks at more covers what looks at less.
_WIDTH = (Mode.BACKFILL, Mode.CHANGES, Mode.COMPARE, Mode.FULL)


def unopened(provider: str) -> Run:
    """What a Sync has for its run until one is opened."""
    return Run(0, provider, Mode.CHANGES)


def open_run(sync: Sync, asked: Asked, *, is_alive: Callable[[str], bool] = lambda _: False) -> Sync:
    """Open the run that is asked for, or open it again; what its stages are given.

    ``is_alive`` tells of another run, by its Airflow run id, whether it is still at work: a BusyError then.
    """
    asked = replace(asked, **asdict(premises.stated(sync)))
    cursor = _cursor(sync)
    mode, notice, here, of_the_crm = decide_mode(sync, asked, cursor)
    if notice:
        log.info("this run is %s: %s", mode.value, notice)
    stated = replace(asked, mode=mode, notice=notice, crm_identity=here.crm_identity)
    run = store.open_run(sync.state, stated, is_alive=is_alive, abandon=lambda dead: abandon(replace(sync, run=dead)))
    opened = replace(sync, run=run)
    with writing(opened) as state:
        if of_the_crm in trust.ANOTHER_CRM:
            brake.forget_question(opened, state, here.markers or [])
        if of_the_crm == trust.FORGOTTEN and not sync.provider.reads_back:
            premises.doubt(state, sync.provider, keeps_ids=True)
        if _is_of_another(cursor, asked):
            premises.turn_to(state, sync.provider, asked.account, cursor.account)
            brake.forget_question(opened, state, [], "account")
    return opened


def _cursor(sync: Sync) -> Any:
    with sync.state.transaction() as reading:
        return reading.row("runs/cursor", provider=sync.provider.name)


def _is_of_another(cursor: Any, asked: Asked) -> bool:
    return cursor is not None and store.accounts_differ(asked.account, cursor.account)


def decide_mode(sync: Sync, asked: Asked, cursor: Any) -> tuple[Mode, str | None, trust.Here, str | None]:
    """The mode the run must have, the notice to show where it is not the one asked for, the CRM, and why that cannot
    tell what changed, if so."""
    with sync.state.transaction() as knowing, sync.crm.transaction(snapshot=True) as reading:
        here = trust.look(knowing, reading, asked.provider)
        told = trust.instead(knowing, reading, asked.provider, here)
    reasons = list(_reasons(sync, asked, cursor, told))
    mode = max([asked.mode, *(each for each, _ in reasons)], key=_WIDTH.index)
    said = [why for each, why in reasons if each is mode and (mode is not asked.mode or why == ANOTHER_ACCOUNT)]
    return mode, said[0] if said else None, here, told[1] if told else None


def _reasons(sync: Sync, asked: Asked, cursor: Any, of_the_crm: Reason | None) -> Iterator[Reason]:
    """Why a run must look at more than what changed, the weightiest first; of a backfill's own window only another
    account makes more."""
    if _is_of_another(cursor, asked):
        yield Mode.FULL, ANOTHER_ACCOUNT
    if asked.mode not in {Mode.CHANGES, Mode.COMPARE}:
        return
    if of_the_crm is not None:
        yield of_the_crm
    if cursor is not None:
        if asked.fingerprint != cursor.fingerprint:
            yield Mode.COMPARE, OTHER_RULES
        if _is_due(sync, cursor):
            yield Mode.COMPARE, ONCE_A_DAY


def _is_due(sync: Sync, cursor: Any) -> bool:
    hours = sync.settings.compare_after_hours
    return bool(hours) and (cursor.compared_at is None or sync.now - cursor.compared_at > timedelta(hours=hours))
