"""Holds a plan that would take away more people than a healthy CRM does, before anything is sent, until a person has
decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_sync.errors import BrakeError, ConfigError
from crm_sync.model import RunState
from crm_sync.pipeline.sync import Sync, log, writing

if TYPE_CHECKING:
    from crm_sync.database import Transaction
    from crm_sync.model import Run
    from crm_sync.settings import Settings


def pulled(sync: Sync, state: Transaction) -> ConfigError | None:
    """Why the plan must not be sent unasked, with its numbers; None where it may. One run asks once."""
    weighed = state.row("state/removals", provider=sync.provider.name, run_id=sync.run.run_id)
    if weighed is None or sync.run.allow_removals or sync.run.dry_run:
        return None
    pairs = {
        "people": (weighed.people_removed, weighed.people_held, sync.run.people_allowed),
        "list memberships": (weighed.memberships_removed, weighed.memberships_held, sync.run.memberships_allowed),
    }
    said = [
        f"{removed:,} of {held:,} {what}"
        for what, (removed, held, allowed) in pairs.items()
        if _is_too_much(sync.settings, removed, held, allowed)
    ]
    if not said:
        return None
    message = (
        f"the plan would take away {' and '.join(said)} at {sync.provider.title}, more than"
        f" {sync.settings.brake_share:.0%}; nothing was sent"
    )
    if sync.run.allowed_by is not None:
        return ConfigError(f"{message}. That is far more than {sync.run.allowed_by} approved; the next run asks anew")
    return BrakeError(message, people=weighed.people_removed, memberships=weighed.memberships_removed)


def _is_too_much(settings: Settings, removed: int, held: int, allowed: int) -> bool:
    """What a person let pass may have grown by the floor since."""
    unasked = max(settings.brake_floor, settings.brake_share * held)
    return removed > unasked and removed > allowed + (settings.brake_floor if allowed else 0)


def hold(state: Transaction, run: Run, error: ConfigError) -> None:
    """The run waits for a person."""
    state.run("state/hold_run", run_id=run.run_id)
    state.run("state/add_notice", run_id=run.run_id, notice=str(error))


def allow(sync: Sync, *, who: str, people: int, memberships: int) -> None:
    """``who`` lets the run take away so many. The plan they saw is thrown away, for it may have waited for long."""
    notice = f"taking away {people:,} people and {memberships:,} list memberships was approved by {who}"
    with writing(sync) as state:
        state.run("state/clear_plan", run_id=sync.run.run_id)
        state.run("state/allow_removals", run_id=sync.run.run_id, people=people, memberships=memberships, who=who)
        state.run("state/add_notice", run_id=sync.run.run_id, notice=notice)
    log.info("%s; planning anew, from the CRM as it is now", notice)


def is_to_be_planned_anew(run: Run) -> bool:
    """Whether a person has allowed a plan that is to be made from the CRM as it is now."""
    return run.state is RunState.HELD and run.allowed_by is not None
