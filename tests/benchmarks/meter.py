"""Reads the clock, and the processor time of everybody who works on a run, before and after a piece of it."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil

Seconds = dict[str, float]


def peak_memory_bytes() -> int:
    """The most memory this process ever held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


@dataclass
class Meter:
    """``processes``: name → process id of those who work for this one; 0 where it is not on this machine.

    ``pieces`` fills with name → seconds: "wall" by the clock, "own" and each process by the processor.
    """

    processes: dict[str, int]
    pieces: dict[str, Seconds] = field(default_factory=dict)

    @contextmanager
    def piece(self, name: str) -> Iterator[None]:
        """Measure what is done inside."""
        before = self._read()
        try:
            yield
        finally:
            after = self._read()
            self.pieces[name] = {key: after[key] - before[key] for key in before}

    def total(self) -> Seconds:
        """All pieces together."""
        names = ["wall", "own", *self.processes]
        return {name: sum(piece[name] for piece in self.pieces.values()) for name in names}

    def _read(self) -> Seconds:
        theirs = {name: _processor_seconds(pid) for name, pid in self.processes.items()}
        return {"wall": time.perf_counter(), "own": time.process_time()} | theirs


def _processor_seconds(pid: int) -> float:
    """Of a process, all that it started, and those of them that have ended."""
    if not pid:
        return 0.0
    process = psutil.Process(pid)
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        try:
            spent = each.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += spent.user + spent.system + spent.children_user + spent.children_system
    return total
