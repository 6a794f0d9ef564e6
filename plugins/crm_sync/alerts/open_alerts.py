"""Records in the state database which problems are open and whether their alerts were sent; an alert that could not be
sent is sent later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_sync.alerts.kinds import Kind, Trouble
from crm_sync.side_work import beside_the_work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from crm_sync.ledger.database import Database, Transaction


_BROKEN = "the channels could not be used; the log of the task says why"


def tell_when_new(state: Database, provider: str, kind: Kind, run: str, tell: Callable[[], str]) -> None:
    """Open an alert and send it with ``tell``. If people have been notified already, only record that it recurred in
    ``run``.

    ``run``: Airflow's id. ``tell`` returns why nothing was sent, "" if it was; other tasks wait for it.
    """
    whose = {"provider": provider, "kind": kind.value}
    with state.transaction() as transaction:
        if transaction.value("alerts/open_alert", **whose, airflow_run_id=run):
            transaction.run("alerts/note_told", **whose, untold=_told(tell))


def tell_when_ended(
    state: Database,
    provider: str,
    kinds: Iterable[Kind],
    before: datetime | None,
    tell: Callable[[list[Trouble], list[Trouble]], str],
) -> None:
    """Close the alerts of ``kinds`` that were opened ``before`` a time, if one is given. ``tell`` notifies people of
    the closed ones that they had been notified of, and of those left. If it cannot, the next successful run does."""
    wanted = [kind.value for kind in kinds]
    with state.transaction() as transaction:
        rows = transaction.rows("alerts/end_alerts", provider=provider, kinds=wanted, before=before)
        known = [Trouble(Kind(row.kind), row.since, row.lasted) for row in rows if row.is_told]
        untold = _told(lambda: tell(known, troubles(transaction, provider))) if known else ""
        transaction.run("alerts/forget_ended", provider=provider, is_told=not untold)


def _told(tell: Callable[[], str]) -> str:
    """Why nothing was sent; "" if it was."""
    with beside_the_work("no alert went out"):
        return tell()
    return _BROKEN


def troubles(transaction: Transaction, provider: str) -> list[Trouble]:
    """The open problems of a provider, the oldest first."""
    rows = transaction.rows("alerts/open_alerts", provider=provider)
    return [Trouble(Kind(row.kind), row.since, row.lasted) for row in rows]


def is_known(state: Database, provider: str, run: str) -> bool:
    """Whether people have been notified that this run fails."""
    with state.transaction() as transaction:
        return bool(transaction.value("alerts/alerts_met_in_run", provider=provider, airflow_run_id=run))


def forget_decision(state: Database, provider: str, run: str) -> None:
    """Let an alert about a decision be sent again, unless it was about this very ``run``."""
    with state.transaction() as transaction:
        transaction.run("alerts/forget_decision", provider=provider, airflow_run_id=run)
