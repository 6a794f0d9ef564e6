"""Starts a run when the CRM changes: a trigger in the triggerer looks every few seconds whether there is news for a
provider. Its events are hints. What is sent, the run decides by its cursor, so a lost or doubled event harms nothing.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent
from asgiref.sync import sync_to_async

from crm_sync import providers
from crm_sync.errors import CrmSyncError
from crm_sync.hooks import configuration
from crm_sync.hooks.accounts import account_hook
from crm_sync.hooks.database import CRM, STATE, shared_database
from crm_sync.live import LOOK_SECONDS, SHARE_OF_CALLS, Bursts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sqlalchemy import Row

    from crm_sync.ledger.database import Transaction

log = logging.getLogger("crm_sync")

CALLS_OF_DAY = "calls_of_day"
# After a look that failed, the next one waits twice as long, up to this.
_LONGEST_PAUSE_SECONDS = 60.0
# How long looks go by what Airflow has said of its connections, as long as none fails.
_CONNECTION_SECONDS = 60.0


class ChangeTrigger(BaseEventTrigger):
    """Fires when a change in the CRM is to start a run of one provider. It finds its connections when it looks, so
    that Airflow's database gets no secret of them."""

    def __init__(self, provider: str) -> None:
        super().__init__()
        self.provider = provider

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Its class and the provider's name."""
        return f"{__name__}.{type(self).__name__}", {"provider": self.provider}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look for as long as the triggerer runs; an event for each start."""
        watcher = Watcher(self.provider)
        look = sync_to_async(watcher.look, thread_sensitive=False)  # a slow CRM must not stop other triggers
        while True:
            if await look():
                yield TriggerEvent({"provider": self.provider})
            await asyncio.sleep(watcher.pause_seconds)


class Watcher:
    """Looks at the CRM for one provider. ``pause_seconds``: when to look again."""

    def __init__(self, provider: str) -> None:
        self.provider = providers.get(provider)
        self.pause_seconds = LOOK_SECONDS
        self._bursts = Bursts()
        self._snapshot: str | None = None

    def look(self) -> bool:
        """Whether a run is to start now. A database that cannot be reached is asked again later."""
        try:
            is_due = self._look()
        except CrmSyncError as error:
            log.warning("could not look for changes for %s: %s", self.provider.title, error)
            self.pause_seconds = min(2 * self.pause_seconds, _LONGEST_PAUSE_SECONDS)
            return False
        self.pause_seconds = LOOK_SECONDS
        return is_due

    def _look(self) -> bool:
        name = self.provider.name
        with ExitStack() as stack:
            state, crm = (stack.enter_context(self._opened(each)) for each in (STATE, CRM))
            found = _only(state, "watch/live_state", provider=name)
            self._note_news(crm, found)
            waits_for = self._waits_for(found)
            state.run("watch/note_look", provider=name, waits_for=waits_for)
        if waits_for or found.is_under_way or not self._bursts.is_due(found.now) or not self._is_on():
            return False
        self._bursts.start(found.now)
        return True

    @contextmanager
    def _opened(self, which: tuple[str, str]) -> Iterator[Transaction]:
        has_failed = self.pause_seconds > LOOK_SECONDS
        with (
            shared_database(*which, for_seconds=0.0 if has_failed else _CONNECTION_SECONDS) as database,
            database.transaction(is_brief=True) as transaction,
        ):
            yield transaction

    def _note_news(self, crm: Transaction, found: Row[Any]) -> None:
        """Changes since the last look wait, until a run has read all that is there."""
        news = _only(crm, "crm/watch/changed_since", last_snapshot=self._snapshot or found.snapshot)
        self._snapshot = news.snapshot
        self._bursts.opened(found.opened_at)
        if news.is_changed:
            self._bursts.changed(found.now)
        if self._bursts.since and not found.is_under_way:
            unread = _only(crm, "crm/watch/changed_since", last_snapshot=found.snapshot)
            if not unread.is_changed:
                self._bursts.settle()

    def _waits_for(self, found: Row[Any]) -> str:
        most = self.provider.calls_per_day
        return CALLS_OF_DAY if most is not None and found.calls >= SHARE_OF_CALLS * most else ""

    def _is_on(self) -> bool:
        """Whether a run would do anything: nobody has switched the provider off since the DAG was read."""
        is_enabled = configuration.read().settings.own(self.provider.name).enabled
        return is_enabled and account_hook(self.provider.name)().is_enabled


def _only(transaction: Transaction, name: str, /, **parameters: object) -> Row[Any]:
    (row,) = transaction.rows(name, **parameters)
    return row
