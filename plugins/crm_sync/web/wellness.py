"""Whether all is well, in one line for all providers; if not, what is not, each with the place to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from crm_sync.pages import dag_of
from crm_sync.run_status import RunStatus, status_of
from crm_sync.web import labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from crm_sync.web.cards import Card
    from crm_sync.web.schedule import Schedule


@dataclass(frozen=True)
class Trouble:
    """One thing that is not well; ``path``: of our page that shows it."""

    text: str
    path: str


@dataclass(frozen=True)
class Standing:
    """A card, why its provider is skipped ("" where it is not), and what Airflow has planned for it."""

    card: Card
    off: str
    schedule: Schedule


def troubles(standings: Sequence[Standing], unreachable: str) -> list[Trouble]:
    """What is not well; nothing where every provider that takes part is in step. ``unreachable``: why the CRM cannot be
    asked."""
    found = [Trouble(unreachable, "/")] if unreachable else []
    for each in standings:
        if not each.off:
            found += _of(each)
    return found


def in_step_since(standings: Sequence[Standing]) -> datetime | None:
    """Up to when the CRM was read by the provider that is furthest behind; None where none takes part."""
    runs = [each.card.in_step for each in standings if not each.off]
    return min((run.extracted_at or run.opened_at for run in runs if run), default=None)


def is_under_way(standings: Sequence[Standing]) -> bool:
    """Whether a run is on, or is to begin."""
    return any(
        bool(each.schedule.queued)
        or (each.card.newest is not None and labels.is_running(each.card.newest, each.schedule.active))
        for each in standings
    )


def _of(each: Standing) -> Iterator[Trouble]:
    card, place = each.card, f"/#{each.card.provider}"
    if card.question is not None:
        yield Trouble(f"{card.title}: a plan waits for approval", place)
    for alert in card.alerts:
        if alert.kind != "brake_waiting":
            yield Trouble(f"{card.title}: {labels.ALERTS.get(alert.kind, alert.kind)}", place)
    yield from _of_runs(each)
    if card.waits:
        some = "people wait" if card.waits != 1 else "person waits"
        yield Trouble(f"{card.title}: {card.waits:,} {some} for a later run", f"/exceptions#{card.provider}")
    if card.waiting_lists:
        some = "lists wait" if len(card.waiting_lists) != 1 else "list waits"
        yield Trouble(f"{card.title}: {len(card.waiting_lists)} {some} for a later run", f"/exceptions#{card.provider}")
    if each.schedule.is_paused:
        yield Trouble(f"{card.title}: its DAG is paused", place)


def _of_runs(each: Standing) -> Iterator[Trouble]:
    card = each.card
    newest = card.newest
    if newest is not None and labels.has_died(newest, each.schedule.active):
        yield Trouble(f"{card.title}: the last run ended in Airflow and not here", _page_of(card, newest))
    elif card.failed is not None:
        yield Trouble(f"{card.title}: the last run failed", _page_of(card, card.failed))
    elif newest is not None and newest.dry_run and status_of(newest) is RunStatus.FAILED:
        yield Trouble(f"{card.title}: the last preview failed", _page_of(card, newest))
    if card.last is not None and status_of(card.last) is RunStatus.REJECTED and not _is_over(card):
        yield Trouble(f"{card.title}: the last plan was rejected", _page_of(card, card.last))
    if not card.is_held_before:
        yield Trouble(f"{card.title}: not synchronized yet", f"/#{card.provider}")


def _is_over(card: Card) -> bool:
    """Whether the last run was followed by one that found all in step."""
    return card.in_step is not None and card.in_step.opened_at > card.last.opened_at


def _page_of(card: Card, run: object) -> str:
    run_id = str(getattr(run, "airflow_run_id", ""))
    return f"/run?dag_id={dag_of(card.provider)}&run_id={quote(run_id, safe='')}"
