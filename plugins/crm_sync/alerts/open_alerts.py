"""Remembers what people were told, in the state database: what nobody could be told is not remembered as told."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from crm_sync.alerts.kinds import Kind, Trouble
from crm_sync.hooks.database import STATE, open_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from crm_sync.ledger.database import Database, Transaction


class _NobodyToldError(Exception):
    """Undoes the transaction that would have remembered."""


@contextmanager
def state_database() -> Iterator[Database]:
    """The state database with its tables: what fails may be the very first task."""
    from crm_sync.ledger import store  # loads psycopg

    with open_database(*STATE) as state:
        store.migrate(state)
        yield state


def tell_when_new(state: Database, provider: str, kind: Kind, run: str, tell: Callable[[], bool]) -> None:
    """Open an alert and ``tell``; where it is open already, only note that ``run`` met it again.

    ``run``: Airflow's id. ``tell`` answers whether anybody was told; another task that comes meanwhile waits for it.
    """
    with suppress(_NobodyToldError), state.transaction() as transaction:
        is_new = transaction.value("alerts/open_alert", provider=provider, kind=kind.value, airflow_run_id=run)
        if is_new and not tell():
            raise _NobodyToldError


def tell_when_ended(
    state: Database,
    provider: str,
    kinds: Iterable[Kind],
    before: datetime | None,
    tell: Callable[[list[Trouble], list[Trouble]], bool],
) -> None:
    """Close the alerts of ``kinds`` that were opened ``before`` that time, if one is given, and ``tell`` which those
    were and which are left."""
    wanted = [kind.value for kind in kinds]
    with suppress(_NobodyToldError), state.transaction() as transaction:
        rows = transaction.rows("alerts/close_alerts", provider=provider, kinds=wanted, before=before)
        ended = [Trouble(Kind(row.kind), row.since, row.lasted) for row in rows]
        if ended and not tell(ended, troubles(transaction, provider)):
            raise _NobodyToldError


def troubles(transaction: Transaction, provider: str) -> list[Trouble]:
    """What is wrong with a provider now, the oldest first."""
    rows = transaction.rows("alerts/open_alerts", provider=provider)
    return [Trouble(Kind(row.kind), row.since, row.lasted) for row in rows]


def is_known(state: Database, provider: str, run: str) -> bool:
    """Whether people know already that this run fails."""
    with state.transaction() as transaction:
        return bool(transaction.value("alerts/alerts_met_in_run", provider=provider, airflow_run_id=run))


def forget_decision(state: Database, provider: str, run: str) -> None:
    """People are told anew of what a person must decide, unless they were told of this very ``run``."""
    with state.transaction() as transaction:
        transaction.run("alerts/forget_decision", provider=provider, airflow_run_id=run)
