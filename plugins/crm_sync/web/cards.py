"""What the overview says of each provider, put together from a few cheap queries; none of them counts the ledger."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm_sync import providers
from crm_sync.errors import CrmSyncError
from crm_sync.ledger import sources
from crm_sync.web.chart import DAYS
from crm_sync.web.reading import crm_reading, state_reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crm_sync.ledger.database import Transaction

# No more rows of the CRM's change log are looked at than these.
MOST_CHANGES = 10_000
# When a run will end is said once a fiftieth of it is done.
_TELLING = 50


@dataclass
class Card:
    """One provider. ``newest``, ``last``, ``good``, ``in_step``: the run that began last, the last that was to do
    something and has ended, the last of those that ended well, and the last after which the provider was in step;
    ``failed``: the last that failed since then.
    ``behind`` is None while the CRM cannot be asked, or was never read; ``is_allowed``: by somebody in a browser;
    ``refused_lists``: lists that the provider would not make or rename, and why; ``waiting_lists``: those whose calls
    fail, which later runs repeat; ``holds``: whom a provider without
    lists holds; ``alerts``: what is wrong and nothing has disproved since, the oldest first; ``question``: what a
    person is asked about a plan that the brake holds; ``said``: what somebody said of the account since the last
    run. ``waiting``: whom a later run takes up. ``look``: when the watcher has looked for changes."""

    provider: str
    title: str
    calls_per_day: int | None
    holds: str = ""
    newest: Any = None
    last: Any = None
    good: Any = None
    in_step: Any = None
    failed: Any = None
    progress: Progress | None = None
    is_held_before: bool = False
    check: dict[str, Any] | None = None
    checked_at: datetime | None = None
    is_allowed: bool = False
    alerts: list[Any] = field(default_factory=list)
    question: Any = None
    said: Any = None
    look: Any = None
    behind: Behind | None = None
    lists: list[tuple[str, int]] = field(default_factory=list)
    refused_lists: list[Any] = field(default_factory=list)
    waiting_lists: list[Any] = field(default_factory=list)
    active: int = 0
    exceptions: list[tuple[str, int]] = field(default_factory=list)
    waiting: list[Any] = field(default_factory=list)
    set_aside: list[tuple[str, int]] = field(default_factory=list)
    calls: int = 0
    history: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def refused(self) -> int:
        """How many people a provider does not hold as the CRM says."""
        return sum(people for _, people in self.exceptions)

    @property
    def waits(self) -> int:
        """How many people wait for a later run."""
        return sum(row.people for row in self.waiting)

    @property
    def waits_since(self) -> datetime | None:
        """Since when the first of them does."""
        return min((row.since for row in self.waiting if row.since), default=None)

    @property
    def waits_until(self) -> datetime | None:
        """When the last of them is tried again."""
        return max((row.until for row in self.waiting if row.until), default=None)

    @property
    def aside(self) -> int:
        """How many findings there are in the data of contacts."""
        return sum(people for _, people in self.set_aside)


@dataclass(frozen=True)
class Behind:
    """Changes in the CRM since a provider's last run read it; ``is_more``: at least so many."""

    changes: int
    oldest: datetime | None
    is_more: bool


@dataclass(frozen=True)
class Progress:
    """How far a load has come, and when it may end; None where it is too early to tell."""

    done: int
    planned: int
    ends_at: datetime | None

    @classmethod
    def of(cls, row: Any) -> Progress:
        """By the time that what is done has taken."""
        done = min(row.done, row.planned)
        is_telling = done * _TELLING >= row.planned > 0
        lasts = (row.now - row.planned_at) * (row.planned / done) if done and is_telling else None
        return cls(done, row.planned, row.planned_at + lasts if lasts else None)


def read_cards(names: list[str]) -> tuple[dict[str, Card], str]:
    """A card for each provider, and why the CRM cannot be asked ("" where it can)."""
    cards = {name: _blank(name) for name in names}
    with state_reading() as state:
        _runs(state, cards)
        _account_and_alerts(state, cards)
        _counts(state, cards)
        _history(state, cards)
        cursors = state.rows("page_cards/cursors", providers=names)
    for row in cursors:
        cards[row.provider].is_held_before = True
    try:
        _behind(cursors, cards)
    except CrmSyncError as error:
        return cards, str(error)
    return cards, ""


def read_counts(names: list[str]) -> dict[str, Card]:
    """Cards with nothing but the counts of exceptions."""
    cards = {name: _blank(name) for name in names}
    with state_reading() as state:
        _counts(state, cards)
    return cards


def _blank(name: str) -> Card:
    sheet = providers.get(name)
    return Card(provider=name, title=sheet.title, calls_per_day=sheet.calls_per_day, holds=sheet.holds)


def _runs(state: Transaction, cards: dict[str, Card]) -> None:
    for row in state.rows("page_cards/last_runs", providers=list(cards)):
        setattr(cards[row.provider], row.part, row)
    for card in cards.values():
        if card.newest is not None and card.newest.state == "planned":
            card.progress = read_progress(state, card.newest.run_id)


def _account_and_alerts(state: Transaction, cards: dict[str, Card]) -> None:
    for row in state.rows("page_cards/checks", providers=list(cards)):
        cards[row.provider].check, cards[row.provider].checked_at = row.value, row.at
    for row in state.rows("page_cards/tokens_held", providers=list(cards)):
        cards[row.provider].is_allowed = True
    for row in state.rows("page_cards/alerts_open", providers=list(cards)):
        cards[row.provider].alerts.append(row)
    for row in state.rows("page_cards/questions_open", providers=list(cards)):
        cards[row.provider].question = row
    for row in state.rows("page_cards/accounts_said", providers=list(cards)):
        cards[row.provider].said = row
    for row in state.rows("page_cards/calls_today", providers=list(cards)):
        cards[row.provider].calls = row.calls
    for row in state.rows("page_cards/live_looks", providers=list(cards)):
        cards[row.provider].look = row


def read_progress(state: Transaction, run_id: int) -> Progress | None:
    """Of a run that is sending."""
    row = state.row("page_cards/progress", run_id=run_id)
    return Progress.of(row) if row is not None and row.planned else None


def _counts(state: Transaction, cards: dict[str, Card]) -> None:
    people: dict[tuple[str, str], int] = defaultdict(int)
    waiting = _waiting(state, cards)
    for row in state.rows("page_cards/held_counts", providers=list(cards)):
        if row.kind == "list":
            people[row.provider, row.what] = row.people
        elif row.kind == "exception":
            cards[row.provider].exceptions.append((row.what, row.people - waiting[row.provider, row.what]))
        elif row.what == "active":
            cards[row.provider].active = row.people
    _lists(state, cards, people)
    for row in state.rows("page_cards/set_aside_counts", providers=list(cards)):
        cards[row.provider].set_aside.append((row.reason, row.people))
    for card in cards.values():
        card.exceptions = [(reason, people) for reason, people in card.exceptions if people > 0]


def _lists(state: Transaction, cards: dict[str, Card], people: dict[tuple[str, str], int]) -> None:
    for row in state.rows("page_cards/lists_there", providers=list(cards)):
        count = people[row.provider, str(row.list_id)]
        cards[row.provider].lists.append((row.list_name or f"list {row.list_id}", count))
        if row.reason:
            card = cards[row.provider]
            (card.waiting_lists if row.tries else card.refused_lists).append(row)


def _waiting(state: Transaction, cards: dict[str, Card]) -> dict[tuple[str, str], int]:
    """How many wait at each provider for each reason, for they are no exceptions beside."""
    waiting: dict[tuple[str, str], int] = defaultdict(int)
    for row in state.rows("page_cards/waiting", providers=list(cards)):
        waiting[row.provider, row.reason] = row.people
        cards[row.provider].waiting.append(row)
    return waiting


def _history(state: Transaction, cards: dict[str, Card]) -> None:
    for row in state.rows("page_cards/history", providers=list(cards), days=DAYS):
        cards[row.provider].history[f"{row.day:%Y-%m-%d}", row.status] = row.operations


def _behind(cursors: Sequence[Any], cards: dict[str, Card]) -> None:
    if not cursors or sources.chosen().compares:
        return
    asked = {"providers": [row.provider for row in cursors], "snapshots": [row.snapshot for row in cursors]}
    with crm_reading() as crm:
        for row in crm.rows("crm/sync_page/behind", **asked, most=MOST_CHANGES):
            cards[row.provider].behind = Behind(row.changes, row.oldest, row.is_more)
