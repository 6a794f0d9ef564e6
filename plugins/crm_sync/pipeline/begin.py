"""Opens a run: decides how much it must look at, whatever was asked, and abandons what died before it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crm_sync import store
from crm_sync.model import Asked, Mode, Run
from crm_sync.pipeline import brake, trust
from crm_sync.pipeline.record import abandon
from crm_sync.pipeline.sync import log, writing

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_sync.database import Database
    from crm_sync.pipeline.sync import Sync


def unopened(provider: str) -> Run:
    """What a Sync has for its run until one is opened."""
    return Run(0, provider, Mode.CHANGES)


def open_run(sync: Sync, asked: Asked, *, is_alive: Callable[[str], bool] = lambda _: False) -> Sync:
    """Open the run that is asked for, or open it again; what its stages are given.

    ``is_alive`` tells of another run, by its Airflow run id, whether it is still at work: a BusyError then.
    """
    mode, notice, here = decide_mode(sync.state, sync.crm, asked.provider, asked.mode)
    if notice:
        log.info("this run is %s: %s", mode.value, notice)
    stated = replace(
        asked,
        mode=mode,
        notice=notice,
        crm_identity=here.crm_identity,
        do_not_contact_scope=sync.settings.do_not_contact_scope,
    )
    run = store.open_run(sync.state, stated, is_alive=is_alive, abandon=lambda dead: abandon(replace(sync, run=dead)))
    opened = replace(sync, run=run)
    if notice in trust.ANOTHER_CRM:
        with writing(opened) as state:
            brake.forget_question(opened, state, here.markers or [])
    return opened


def decide_mode(state: Database, crm: Database, provider: str, asked: Mode) -> tuple[Mode, str | None, trust.Here]:
    """The mode the run must have, the notice to show where it is not the one asked for, and the CRM."""
    with state.transaction() as knowing, crm.transaction(snapshot=True) as reading:
        here = trust.look(knowing, reading, provider)
        if asked not in {Mode.CHANGES, Mode.COMPARE}:
            return asked, None, here
        mode, notice = trust.instead(knowing, reading, provider, here) or (asked, None)
    return mode, notice, here
