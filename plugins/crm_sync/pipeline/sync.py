"""What every stage of a run is given: the run, the provider's facts, the settings, both databases and the time."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm_sync import store
from crm_sync.model import RunState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    import pandas as pd

    from crm_sync.database import Database, Transaction
    from crm_sync.model import Run
    from crm_sync.providers.base import Client, Provider
    from crm_sync.settings import Settings

log = logging.getLogger("crm_sync")


@dataclass
class Sync:
    """One run as the stages see it. ``connect`` makes the provider's client on first use; ``now`` is passed in."""

    run: Run
    provider: Provider
    settings: Settings
    state: Database
    crm: Database
    connect: Callable[[], Client]
    now: datetime
    _client: list[Any] = field(default_factory=list)

    @property
    def client(self) -> Client:
        """The provider's client, made once."""
        if not self._client:
            self._client.append(self.connect())
        client: Client = self._client[0]
        return client

    @property
    def reads_back(self) -> bool:
        """Whether this run compares with what the provider holds, not with the ledger alone."""
        return self.run.reads_everyone and self.provider.reads_back

    def frames(self, transaction: Transaction, name: str, /, **parameters: object) -> Iterator[pd.DataFrame]:
        """Frames of this run's rows, of the size that the settings allow."""
        return transaction.frames(name, self.settings.rows_per_frame, run_id=self.run.run_id, **parameters)


def is_settled(sync: Sync) -> bool:
    """Whether the run has nothing to send: idle, a dry run that was shown, or one that the brake holds to its end."""
    return sync.run.state in {RunState.IDLE, RunState.PREVIEWED, RunState.HELD}


def begin_stage(sync: Sync, transaction: Transaction, stage: str) -> None:
    """A stage refuses to replay old data, then deletes its own rows of this run, so that it can be run again alone."""
    store.require_current(transaction, sync.run)
    transaction.run(f"state/clear_{stage}", run_id=sync.run.run_id)
