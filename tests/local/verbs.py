"""Verbs called one at a time, as the load calls them: what is handed over is asked about until it is over."""

from __future__ import annotations

from collections.abc import Sequence

from crm_sync.client import Client
from crm_sync.operations import Operation, Outcome
from crm_sync.pipeline.outcomes import verify


def settled(client: Client, asked: Sequence[Operation], answer: list[Outcome]) -> list[Outcome]:
    """The outcome of each operation, in the order of ``asked``."""
    places = {id(each): place for place, each in enumerate(asked)}
    verify(asked, answer)
    while waiting := [each for each in answer if each.status == "submitted"]:
        for job in sorted({each.job for each in waiting}):
            part = [each for each in waiting if each.job == job]
            told = client.collect(job, sorted((e.operation for e in part), key=lambda each: places[id(each)]))
            if told is not None:
                answer = [each for each in answer if each not in part] + told
        verify(asked, answer)
    return sorted(answer, key=lambda each: places[id(each.operation)])


def told(answer: Sequence[Outcome]) -> list[tuple[str, str]]:
    """Status and reason of each."""
    return [(each.status, each.reason) for each in answer]
