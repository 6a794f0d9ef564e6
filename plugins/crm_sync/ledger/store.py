"""The state database: migrates its schema, opens and closes runs, and finds the run that a task belongs to."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from crm_sync.errors import BusyError, ConfigError, ContractError, SupersededError
from crm_sync.ledger import statements
from crm_sync.model import Asked, Mode, Run, RunState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from crm_sync.ledger.database import Database, Transaction


# The first migration of databases that were created before the first release.
_BEFORE_THE_FIRST_RELEASE = "0001_ledger"


def migrate(state: Database) -> list[str]:
    """Apply the migrations that are missing, one task at a time. Returns their names.

    A ConfigError if the database has a migration that this release lacks; nothing is changed then.
    """
    with state.transaction() as transaction:
        transaction.rows("migrations/lock")
        missing = _missing(transaction)
        for path in missing:
            transaction.script(path.read_text(encoding="utf-8"))
            transaction.run("migrations/done", name=path.stem)
        return [path.stem for path in missing]


def missing(state: Database) -> list[str]:
    """The names of the migrations that are missing; changes nothing. Raises ConfigError as ``migrate``."""
    with state.transaction() as transaction:
        return [path.stem for path in _missing(transaction)]


def _missing(transaction: Transaction) -> list[Path]:
    files = statements.migrations()
    exists = transaction.value("migrations/exists")
    applied = [row.name for row in transaction.rows("migrations/applied")] if exists else []
    _require_known(applied, [path.stem for path in files])
    return [path for path in files if path.stem not in applied]


def _require_known(applied: list[str], known: list[str]) -> None:
    if _BEFORE_THE_FIRST_RELEASE in applied:
        raise ConfigError(
            "the state database dates from before the first release and cannot be upgraded. If it is a demo's, stop the"
            " demo and remove .demo. Otherwise connect an empty database, or drop the schema crm_sync;"
            " docs/operating.md"
            " says what is lost and what the first full run finds again"
        )
    newer = [name for name in applied if name not in known]
    if newer:
        raise ConfigError(
            f"the state database was upgraded by a newer release ({', '.join(newer)}); install that release on this"
            " worker too, or restore a backup of the database from before the upgrade"
        )


def open_run(
    state: Database,
    asked: Asked,
    *,
    is_alive: Callable[[str], bool] = lambda _: False,
    abandon: Callable[[Run], None] = lambda _: None,
) -> Run:
    """Open a run, or open it again after its first task was cleared.

    A provider has one open run at a time. If another run is alive, this is a BusyError. A run that died, or this one if
    it had begun to load, is passed to ``abandon``, which folds the outcomes into the ledger and closes the run. Once
    the fence is taken, no earlier run writes any more; ``abandon`` writes with the token of this one.
    """
    with state.transaction() as transaction:
        dead = _others(transaction, asked, is_alive)
        token = transaction.value("runs/take_fence", provider=asked.provider)
    for each in dead:
        abandon(replace(load_run(state, asked.provider, each), token=token))
    with state.transaction() as transaction:
        # Checked again under the lock: two tasks may have reached this point at the same time.
        left = _others(transaction, asked, is_alive)
        if left or not _has_fence(transaction, asked.provider, token):
            raise BusyError(f"another run of {asked.provider} has just begun; this one waits for it to end")
        _keep_what_stands(transaction, asked)
        transaction.value("runs/open_run", **{**asdict(asked), "mode": asked.mode.value, "token": token})
    return load_run(state, asked.provider, asked.airflow_run_id)


def _keep_what_stands(transaction: Transaction, asked: Asked) -> None:
    """Keep what this run had recorded before it was cleared; opening it again would delete that."""
    own = transaction.row("runs/run_by_airflow_id", provider=asked.provider, airflow_run_id=asked.airflow_run_id)
    if own is not None:
        transaction.run("runs/keep_set_aside", run_id=own.run_id)


def _others(transaction: Transaction, asked: Asked, is_alive: Callable[[str], bool]) -> list[str]:
    """The runs of the provider that never ended, including this one if its load had begun. A BusyError if another one
    is alive. No run can be opened before the transaction ends."""
    key = {"provider": asked.provider, "airflow_run_id": asked.airflow_run_id}
    transaction.rows("runs/provider_lock", provider=asked.provider)
    rows = transaction.rows("runs/open_runs", **key)
    alive = [row.airflow_run_id for row in rows if is_alive(row.airflow_run_id)]
    if alive:
        raise BusyError(f"run {alive[0]} of {asked.provider} is under way; this one waits for it to end")
    own = transaction.row("runs/run_by_airflow_id", **key)
    unfolded = [asked.airflow_run_id] if own is not None and own.state == RunState.PLANNED else []
    return [row.airflow_run_id for row in rows] + unfolded


def load_run(state: Database, provider: str, airflow_run_id: str) -> Run:
    """The run of an Airflow run; a ContractError if it was never opened."""
    with state.transaction() as transaction:
        row = transaction.row("runs/run_by_airflow_id", provider=provider, airflow_run_id=airflow_run_id)
    if row is None:
        raise ContractError(f"{provider} has no run {airflow_run_id} in the state database; clear the whole run")
    values = dict(row._mapping)
    return Run(**{**values, "mode": Mode(values["mode"]), "state": RunState(values["state"])})


@contextmanager
def writing(state: Database, run: Run, *, is_brief: bool = False) -> Iterator[Transaction]:
    """A transaction that commits only if no later run of the provider was opened; else a SupersededError.

    The fence is locked only at the end, so that opening a run never waits for a working stage. It is also checked at
    the beginning, unless the transaction is brief (``is_brief``).
    """
    with state.transaction(is_brief=is_brief) as transaction:
        if not is_brief:
            require_newest(transaction, run)
        yield transaction
        require_token(transaction, run)


def note_settings_file(state: Database, run: Run, file: str | None, *, is_empty: bool) -> None:
    """Note the file of settings that the run goes on with.

    Args:
        file: its name; None where there is none.
        is_empty: whether it sets nothing, which says that the defaults are meant.

    Raises:
        ConfigError: as ``require_settings_file``.
    """
    with writing(state, run, is_brief=True) as transaction:
        require_settings_file(transaction, is_there=file is not None)
        transaction.run("runs/note_settings_file", run_id=run.run_id, file="" if is_empty else file)


def require_settings_file(transaction: Transaction, *, is_there: bool) -> None:
    """A ConfigError if the previous run had a file of settings and there is none any more. The file may have switched a
    provider off, or held everyone but a few back."""
    before = transaction.value("runs/settings_file")
    if before and not is_there:
        raise ConfigError(
            f"the settings file {before}, which the previous run read, is gone; put it back, or put an empty file in"
            " its place if the defaults are meant"
        )


def require_newest(transaction: Transaction, run: Run) -> None:
    """A SupersededError if a later run of the provider was opened. One may still be opened right after this check."""
    _require(run, transaction.value("runs/newest_token", provider=run.provider))


def require_token(transaction: Transaction, run: Run) -> None:
    """``require_newest``, with the fence locked: no later run can be opened before this transaction ends."""
    _require(run, transaction.value("runs/require_token", provider=run.provider))


def _require(run: Run, newest: int | None) -> None:
    if newest != run.token:
        raise SupersededError(
            f"a later run of {run.provider} was opened; this one, {run.run_id}, writes nothing more."
            " Clear the whole run if you still need it"
        )


def _has_fence(transaction: Transaction, provider: str, token: int) -> bool:
    return bool(transaction.value("runs/require_token", provider=provider) == token)


def has_completed(transaction: Transaction, run: Run, stage: str) -> bool:
    """Whether a stage is complete since the run was last opened."""
    rows = transaction.rows("runs/stages_completed", run_id=run.run_id, token=run.token)
    return stage in {row.stage for row in rows}


def close(transaction: Transaction, run: Run, run_state: RunState) -> None:
    """Close a run in its final state."""
    transaction.run("runs/close_run", run_id=run.run_id, state=run_state.value)


# -- accounts


def account_known_as(transaction: Transaction, provider: str, answers: str) -> str:
    """The name of the account that reports ``answers`` as its identity: the name given by a person, or else that
    identity."""
    known_as: str | None = transaction.value("accounts/account_known_as", provider=provider, answers=answers)
    return answers if known_as is None else known_as


def accounts_differ(one: str | None, other: str | None) -> bool:
    """Whether two accounts are known to be different."""
    return bool(one and other and one != other)


def has_synchronized(transaction: Transaction, provider: str, answers: str) -> bool:
    """Whether a run has succeeded with the account now connected, rather than with an earlier one."""
    cursor = transaction.row("runs/cursor", provider=provider)
    known_as = account_known_as(transaction, provider, answers)
    return cursor is not None and cursor.snapshot is not None and not accounts_differ(known_as, cursor.account)


def is_the_same_but_for_its_place(one: str, other: str) -> bool:
    """Whether two identities differ only in the place inside the account, the part after #."""
    return "#" in one and one.partition("#")[0] == other.partition("#")[0]


def say_another_account(state: Database, provider: str, answers: str, who: str | None = None) -> str:
    """Record that, by a person's word, the connected account is another one than the ledger's, although it reports the
    same identity, or none. Returns the new account's name."""
    with state.transaction() as transaction:
        known_as: str = transaction.value("accounts/another_account", provider=provider, answers=answers)
        said = {"answers": answers, "known_as": known_as, "said": "another", "said_by": who}
        transaction.run("accounts/say_account", provider=provider, **said)
    return known_as


def say_same_account(state: Database, provider: str, answers: str, who: str | None = None) -> str:
    """Record that, by a person's word, the connected account is the ledger's, whatever identity it reports. Returns the
    account's name. A ConfigError if no run has been recorded yet."""
    with state.transaction() as transaction:
        cursor = transaction.row("runs/cursor", provider=provider)
        if cursor is None or not cursor.account:
            raise ConfigError(
                f"no run of {provider} has been recorded yet, so there is no known account to compare with"
            )
        known_as: str = cursor.account
        said = {"answers": answers, "known_as": known_as, "said": "same", "said_by": who}
        transaction.run("accounts/say_account", provider=provider, **said)
    return known_as
