"""The pipeline's own state: brings its schema up to date, opens and closes runs, and knows which run a task belongs
to."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from crm_sync.database import sql_folder
from crm_sync.errors import BusyError, ContractError, SupersededError
from crm_sync.model import Asked, Mode, Run, RunState

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_sync.database import Database, Transaction


def migrate(state: Database) -> list[str]:
    """Apply the numbered migrations not applied yet, one task at a time; their names."""
    with state.transaction() as transaction:
        transaction.rows("state/schema_lock")
        if not transaction.value("state/schema_exists"):
            transaction.script((sql_folder() / "state/schema_create.sql").read_text(encoding="utf-8"))
        applied = {row.name for row in transaction.rows("state/migrations_applied")}
        files = sorted((sql_folder() / "state/migrations").glob("*.sql"))
        missing = [path for path in files if path.stem not in applied]
        for path in missing:
            transaction.script(path.read_text(encoding="utf-8"))
            transaction.run("state/migration_done", name=path.stem)
        return [path.stem for path in missing]


def open_run(
    state: Database,
    asked: Asked,
    *,
    is_alive: Callable[[str], bool] = lambda _: False,
    abandon: Callable[[Run], None] = lambda _: None,
) -> Run:
    """Begin a run, or begin it again when its first task was cleared.

    Only one run of a provider is open at a time: another that is still alive is a BusyError; one that died, or this
    one if it had begun to load, is handed to ``abandon``, which folds what was answered into the ledger, and closes.
    """
    with state.transaction() as transaction:
        dead = _others(transaction, asked, is_alive)
    for each in dead:
        abandon(load_run(state, asked.provider, each))
    with state.transaction() as transaction:
        # Looked at again under the lock that opens: two tasks may have come this far at once.
        left = _others(transaction, asked, is_alive)
        if left:
            raise BusyError(f"run {left[0]} of {asked.provider} began at this moment; this one waits for its end")
        transaction.value("state/open_run", **{**asdict(asked), "mode": asked.mode.value})
    return load_run(state, asked.provider, asked.airflow_run_id)


def _others(transaction: Transaction, asked: Asked, is_alive: Callable[[str], bool]) -> list[str]:
    """Runs of the provider that never ended, this one too if its load had begun; a BusyError where another is alive.
    Nobody opens one meanwhile."""
    key = {"provider": asked.provider, "airflow_run_id": asked.airflow_run_id}
    transaction.rows("state/provider_lock", provider=asked.provider)
    rows = transaction.rows("state/open_runs", **key)
    alive = [row.airflow_run_id for row in rows if is_alive(row.airflow_run_id)]
    if alive:
        raise BusyError(f"run {alive[0]} of {asked.provider} is under way; this one waits for its end")
    own = transaction.row("state/run_by_airflow_id", **key)
    unfolded = [asked.airflow_run_id] if own is not None and own.state == RunState.PLANNED else []
    return [row.airflow_run_id for row in rows] + unfolded


def load_run(state: Database, provider: str, airflow_run_id: str) -> Run:
    """The run of this Airflow run; a ContractError where it was never opened."""
    with state.transaction() as transaction:
        row = transaction.row("state/run_by_airflow_id", provider=provider, airflow_run_id=airflow_run_id)
    if row is None:
        raise ContractError(
            f"{provider} has no run {airflow_run_id} in the state database; clear the run from opt_outs on"
        )
    values = dict(row._mapping)
    return Run(**{**values, "mode": Mode(values["mode"]), "state": RunState(values["state"])})


def require_current(transaction: Transaction, run: Run) -> None:
    """A run must not be replayed where the ledger has learned from another since its extract: SupersededError."""
    later = transaction.value("state/superseding_run", run_id=run.run_id)
    if later is not None:
        raise SupersededError(
            f"the ledger has learned from run {later} since this one read the CRM; clear this run from opt_outs on"
        )


def close(transaction: Transaction, run: Run, run_state: RunState) -> None:
    """Say how the run ended."""
    transaction.run("state/close_run", run_id=run.run_id, state=run_state.value)
