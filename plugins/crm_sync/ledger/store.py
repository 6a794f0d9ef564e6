"""The pipeline's own state: brings its schema up to date, opens and closes runs, and knows which run a
task belongs to."""

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


# The first migration of the databases that were made before the first release.
_BEFORE_THE_FIRST_RELEASE = "0001_ledger"


def migrate(state: Database) -> list[str]:
    """Apply the numbered migrations not applied yet, one task at a time; their names.

    A ConfigError, and nothing is changed, where the database has one that this release does not have.
    """
    with state.transaction() as transaction:
        transaction.rows("migrations/lock")
        missing = _missing(transaction)
        for path in missing:
            transaction.script(path.read_text(encoding="utf-8"))
            transaction.run("migrations/done", name=path.stem)
        return [path.stem for path in missing]


def missing(state: Database) -> list[str]:
    """The names of the migrations not applied yet; nothing is changed. The same ConfigError."""
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
    """Begin a run, or begin it again when its first task was cleared.

    Only one run of a provider is open at a time: another that is still alive is a BusyError; one that died, or this
    one if it had begun to load, is handed to ``abandon``, which folds what was answered into the ledger, and closes.
    From the moment the fence is taken no earlier run writes anything, this one's token is what ``abandon`` writes with.
    """
    with state.transaction() as transaction:
        dead = _others(transaction, asked, is_alive)
        token = transaction.value("runs/take_fence", provider=asked.provider)
    for each in dead:
        abandon(replace(load_run(state, asked.provider, each), token=token))
    with state.transaction() as transaction:
        # Looked at again under the lock that opens: two tasks may have come this far at once.
        left = _others(transaction, asked, is_alive)
        if left or not _has_fence(transaction, asked.provider, token):
            raise BusyError(f"another run of {asked.provider} has just begun; this one waits for it to end")
        _keep_what_stands(transaction, asked)
        transaction.value("runs/open_run", **{**asdict(asked), "mode": asked.mode.value, "token": token})
    return load_run(state, asked.provider, asked.airflow_run_id)


def _keep_what_stands(transaction: Transaction, asked: Asked) -> None:
    """What this run has recorded before it was cleared is nothing that it may take with it."""
    own = transaction.row("runs/run_by_airflow_id", provider=asked.provider, airflow_run_id=asked.airflow_run_id)
    if own is not None:
        transaction.run("runs/keep_set_aside", run_id=own.run_id)


def _others(transaction: Transaction, asked: Asked, is_alive: Callable[[str], bool]) -> list[str]:
    """Runs of the provider that never ended, this one too if its load had begun; a BusyError where another is alive.
    Nobody opens one meanwhile."""
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
    """The run of this Airflow run; a ContractError where it was never opened."""
    with state.transaction() as transaction:
        row = transaction.row("runs/run_by_airflow_id", provider=provider, airflow_run_id=airflow_run_id)
    if row is None:
        raise ContractError(f"{provider} has no run {airflow_run_id} in the state database; clear the whole run")
    values = dict(row._mapping)
    return Run(**{**values, "mode": Mode(values["mode"]), "state": RunState(values["state"])})


@contextmanager
def writing(state: Database, run: Run, *, is_brief: bool = False) -> Iterator[Transaction]:
    """A transaction that is committed only while no later run of the provider was opened; else a SupersededError.

    The fence is locked when all is written, for a moment, so that opening a run never waits for a stage at work. It is
    looked at first, too, but where the work is over in a moment (``is_brief``).
    """
    with state.transaction(is_brief=is_brief) as transaction:
        if not is_brief:
            require_newest(transaction, run)
        yield transaction
        require_token(transaction, run)


def require_newest(transaction: Transaction, run: Run) -> None:
    """A SupersededError where a later run of the provider was opened. It may be the next moment."""
    _require(run, transaction.value("runs/newest_token", provider=run.provider))


def require_token(transaction: Transaction, run: Run) -> None:
    """The same, and no later run is opened before this transaction ends."""
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
    """Whether that stage is complete for the present opening of the run."""
    rows = transaction.rows("runs/stages_completed", run_id=run.run_id, token=run.token)
    return stage in {row.stage for row in rows}


def close(transaction: Transaction, run: Run, run_state: RunState) -> None:
    """Say how the run ended."""
    transaction.run("runs/close_run", run_id=run.run_id, state=run_state.value)


# -- accounts


def account_known_as(transaction: Transaction, provider: str, answers: str) -> str:
    """The account that says so of itself, by the name a person gave it, if anybody did."""
    known_as: str | None = transaction.value("accounts/account_known_as", provider=provider, answers=answers)
    return answers if known_as is None else known_as


def accounts_differ(one: str | None, other: str | None) -> bool:
    """Whether two accounts are known not to be one."""
    return bool(one and other and one != other)


def has_synchronized(transaction: Transaction, provider: str, answers: str) -> bool:
    """Whether a run has ended well with the account that answers, not with one that the connection named before."""
    cursor = transaction.row("runs/cursor", provider=provider)
    known_as = account_known_as(transaction, provider, answers)
    return cursor is not None and cursor.snapshot is not None and not accounts_differ(known_as, cursor.account)


def is_the_same_but_for_its_place(one: str, other: str) -> bool:
    """Whether two accounts differ in the place inside an account only, which stands behind a #."""
    return "#" in one and one.partition("#")[0] == other.partition("#")[0]


def say_another_account(state: Database, provider: str, answers: str, who: str | None = None) -> str:
    """A person says that another account answers than the one the ledger is of, though it says the same of itself, or
    nothing; the name it is known by from now on."""
    with state.transaction() as transaction:
        known_as: str = transaction.value("accounts/another_account", provider=provider, answers=answers)
        said = {"answers": answers, "known_as": known_as, "said": "another", "said_by": who}
        transaction.run("accounts/say_account", provider=provider, **said)
    return known_as


def say_same_account(state: Database, provider: str, answers: str, who: str | None = None) -> str:
    """A person says that the connected account is the one that the ledger describes, whatever it calls itself; the name
    it is known by. A ConfigError where the ledger is of none yet."""
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
