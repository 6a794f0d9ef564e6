"""Opens a run: records what it rests on, decides how much of the CRM it must look at, and abandons runs that died
before it."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from crm_sync.errors import ConfigError
from crm_sync.ledger import store
from crm_sync.model import Asked, Mode, Run
from crm_sync.pipeline import brake, change_log, premises
from crm_sync.pipeline.context import log, writing
from crm_sync.pipeline.fold import abandon

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crm_sync.pipeline.context import RunContext

ANOTHER_ACCOUNT = "the connection now leads to another account: everyone is sent to it, and opt-outs stay in force"
OTHER_RULES = (
    "the Do Not Contact scope, the lists, fields or pilot of the settings, the mapping, the SQL of the extract or an"
    " option of the connection has changed: everyone is compared with the ledger"
)
NO_TIMES = "this CRM is compared and does not say when something changed; start a full run instead of a backfill"
ONCE_A_DAY = "everyone in the CRM is compared with the ledger, as happens once a day"

_HOURS_OF_A_DAY = 24.0

Reason = tuple[Mode, str]
# What looks at more covers what looks at less.
_WIDTH = (Mode.BACKFILL, Mode.CHANGES, Mode.COMPARE, Mode.FULL)


def unopened(provider: str) -> Run:
    """The run of a RunContext until one is opened."""
    return Run(0, provider, Mode.CHANGES)


def open_run(ctx: RunContext, asked: Asked, *, is_alive: Callable[[str], bool] = lambda _: False) -> RunContext:
    """Open the run that is asked for, or open it again; what its stages are given.

    ``is_alive``: whether another run, named by its Airflow run id, is still at work; if so, a BusyError is raised.
    """
    if asked.mode is Mode.BACKFILL and ctx.source.compares:
        raise ConfigError(NO_TIMES)
    if ctx.provider.hears_opt_outs and not asked.dry_run:
        _ = ctx.crm_for_opt_outs  # a ConfigError where they cannot be written
    asked = replace(asked, **asdict(premises.stated(ctx)))
    cursor = _cursor(ctx)
    mode, notice, here, of_the_crm = decide_mode(ctx, asked, cursor)
    if notice:
        log.info("this run is %s: %s", mode.value, notice)
    stated = replace(asked, mode=mode, notice=notice, crm_identity=here.crm_identity)
    run = store.open_run(ctx.state, stated, is_alive=is_alive, abandon=lambda dead: abandon(replace(ctx, run=dead)))
    opened = replace(ctx, run=run)
    with writing(opened) as state:
        if of_the_crm in change_log.ANOTHER_CRM:
            brake.forget_question(opened, state, here.markers or [])
        if of_the_crm == change_log.FORGOTTEN and not ctx.provider.reads_back:
            premises.doubt(state, ctx.provider, keeps_ids=True)
        if _is_of_another(cursor, asked):
            premises.turn_to(state, ctx.provider, asked.account, cursor.account)
            brake.forget_question(opened, state, [], "account")
    return opened


def _cursor(ctx: RunContext) -> Any:
    with ctx.state.transaction() as reading:
        return reading.row("runs/cursor", provider=ctx.provider.name)


def _is_of_another(cursor: Any, asked: Asked) -> bool:
    return cursor is not None and store.accounts_differ(asked.account, cursor.account)


def decide_mode(ctx: RunContext, asked: Asked, cursor: Any) -> tuple[Mode, str | None, change_log.Here, str | None]:
    """The mode that the run needs, the notice to show if that is not the mode asked for, the state of the CRM, and why
    the CRM cannot say what changed, if so."""
    with ctx.state.transaction() as knowing, ctx.crm.transaction(snapshot=True) as reading:
        here = change_log.inspect(knowing, reading, asked.provider, ctx.source)
        told = change_log.instead(knowing, reading, asked.provider, here, ctx.source)
    reasons = list(_reasons(ctx, asked, cursor, told))
    mode = max([asked.mode, *(each for each, _ in reasons)], key=_WIDTH.index)
    said = [why for each, why in reasons if each is mode and (mode is not asked.mode or why == ANOTHER_ACCOUNT)]
    return mode, said[0] if said else None, here, told[1] if told else None


def _reasons(ctx: RunContext, asked: Asked, cursor: Any, of_the_crm: Reason | None) -> Iterator[Reason]:
    """The reasons why a run must look at more than the changes, the strongest first. A backfill is only widened by
    another account."""
    if _is_of_another(cursor, asked):
        yield Mode.FULL, ANOTHER_ACCOUNT
    if asked.mode not in {Mode.CHANGES, Mode.COMPARE}:
        return
    if of_the_crm is not None:
        yield of_the_crm
    if cursor is not None:
        if asked.fingerprint != cursor.fingerprint:
            yield Mode.COMPARE, OTHER_RULES
        if _is_due(ctx, cursor):
            yield Mode.COMPARE, ONCE_A_DAY


def _is_due(ctx: RunContext, cursor: Any) -> bool:
    hours = ctx.settings.compare_after_hours
    if ctx.source.depends_on_date:
        hours = min(hours or _HOURS_OF_A_DAY, _HOURS_OF_A_DAY)
    return bool(hours) and (cursor.compared_at is None or ctx.now - cursor.compared_at > timedelta(hours=hours))
