"""What every stage of a run gets: the run, the provider's facts, the settings, both databases and the time."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm_sync.errors import CrmSyncError, IncompleteError
from crm_sync.ledger import sources, store, write_access
from crm_sync.model import Mode, RunState
from crm_sync.pipeline import STAGES, premises, task_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime

    import pandas as pd

    from crm_sync.client import Client
    from crm_sync.contract import Provider
    from crm_sync.ledger.database import Database, Transaction
    from crm_sync.ledger.sources import Source
    from crm_sync.model import Run
    from crm_sync.pipeline.opt_out_writer import OptOutWriter
    from crm_sync.settings import OfProvider, Settings

log = logging.getLogger("crm_sync")

# So many contacts are planned well by a planner that takes them for one; the run of more is a large one.
MOST_OF_SMALL = 200

# Stages that leave rows to the next one.
_CLEARED = frozenset({"opt_outs", "extract", "validate", "transform", "plan"})


@dataclass
class RunContext:
    """One run as the stages see it. ``connect`` makes the provider's client on first use; ``now`` is passed in.
    ``source``: facts about the CRM. ``connect_writer`` makes what writes opt-outs to it, None where SQL does;
    ``connect_second`` opens the CRM by the connection that is for opt-outs alone, None where there is none."""

    run: Run
    provider: Provider
    settings: Settings
    state: Database
    crm: Database
    connect: Callable[[], Client]
    now: datetime
    source: Source = field(default_factory=sources.chosen)
    connect_writer: Callable[[], OptOutWriter] | None = None
    connect_second: Callable[[], Database | None] = write_access.no_second
    _client: list[Any] = field(default_factory=list)
    _heard: list[str | CrmSyncError] = field(default_factory=list)
    _written: list[Database] = field(default_factory=list)

    def __post_init__(self) -> None:
        """The data sheet as the settings make it."""
        self.provider = self.provider.with_fields(self.own.fields)

    @property
    def client(self) -> Client:
        """The provider's client, made once."""
        if not self._client:
            self._client.append(self.connect())
        client: Client = self._client[0]
        return client

    @property
    def own(self) -> OfProvider:
        """What the settings have for the provider alone."""
        return self.settings.own(self.provider.name)

    @property
    def answering(self) -> str:
        """Which account answers, as ``Client.identity`` says; asked once, and an error of it is raised each time."""
        if not self._heard:
            try:
                self._heard.append(self.client.identity())
            except CrmSyncError as error:
                self._heard.append(error)
        if isinstance(self._heard[0], CrmSyncError):
            raise self._heard[0]
        return self._heard[0]

    @property
    def crm_for_opt_outs(self) -> Database:
        """The CRM where opt-outs are written and read again; see ``write_access``."""
        if not self._written:
            self._written.append(self._taking_opt_outs())
        return self._written[0]

    def _taking_opt_outs(self) -> Database:
        if self.connect_writer is not None:
            return self.connect_second() or self.crm
        write_access.require_sql(self.source)
        return write_access.writable(self.crm, self.connect_second)

    @property
    def reads_back(self) -> bool:
        """Whether this run compares with what the provider holds, not with the ledger alone."""
        return self.run.mode is Mode.FULL and self.provider.reads_back

    def frames(self, transaction: Transaction, name: str, /, **parameters: object) -> Iterator[pd.DataFrame]:
        """Frames of this run's rows, of the size that the settings allow."""
        return transaction.frames(name, self.settings.rows_per_frame, run_id=self.run.run_id, **parameters)


def is_settled(ctx: RunContext) -> bool:
    """Whether the run has nothing to send: idle, a dry run that was shown, or one that the brake holds to its end."""
    return ctx.run.state in {RunState.IDLE, RunState.PREVIEWED, RunState.HELD}


def writing(ctx: RunContext, *, is_brief: bool = False) -> AbstractContextManager[Transaction]:
    """A transaction of the state database for whatever the run writes: see ``store.writing``."""
    return store.writing(ctx.state, ctx.run, is_brief=is_brief)


def analyze(ctx: RunContext, transaction: Transaction, what: str) -> None:
    """Update the planner's statistics after a large run has written much. A small run needs none, and so costs the same
    at every size of the ledger."""
    if transaction.value("runs/is_large", run_id=ctx.run.run_id, most_of_small=MOST_OF_SMALL):
        transaction.run(f"statistics/{what}")


def counts_of(ctx: RunContext, transaction: Transaction) -> dict[str, int]:
    """How many operations the run planned, and how many have each outcome so far."""
    row = transaction.row("runs/run_counts", run_id=ctx.run.run_id)
    return {name: int(value) for name, value in row._mapping.items()} if row is not None else {}


def begin_stage(ctx: RunContext, transaction: Transaction, stage: str) -> None:
    """Require that the stage before is complete under the same rules; then delete this stage's own rows of the run, so
    that it can run again by itself, and mark it and later stages as not done. Raises an IncompleteError that says what
    to clear, or a PremiseError if the workers differ."""
    premises.require_rules(ctx)
    place, run = STAGES.index(stage), ctx.run
    for before in STAGES[max(place - 1, 0) : place]:
        if not store.has_completed(transaction, run, before):
            raise IncompleteError(
                f"{before} has not completed in run {run.run_id}, whatever Airflow shows; clear the task"
                f" {task_of(before)} and all tasks after it"
            )
    transaction.run("runs/forget_stages", run_id=run.run_id, stages=list(STAGES[place:]))
    if stage in _CLEARED:
        transaction.run("runs/keep_set_aside", run_id=run.run_id)
        transaction.run(f"{stage}/clear", run_id=run.run_id)


def end_stage(ctx: RunContext, transaction: Transaction, stage: str) -> None:
    """Record that a stage is complete, in its last transaction."""
    transaction.run("runs/stage_completed", run_id=ctx.run.run_id, stage=stage, token=ctx.run.token)
