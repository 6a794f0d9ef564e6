"""The stages of a run, in order. Each is a function that takes a RunContext and returns counts. An Airflow task runs
one or more of them."""

from __future__ import annotations

import importlib
import logging
import time
from typing import TYPE_CHECKING

from crm_sync.ledger import store
from crm_sync.pipeline import report

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_sync.pipeline.context import RunContext

log = logging.getLogger("crm_sync")

# In order. Each is a module with a function of the same name; it is loaded when it runs, for some are heavy.
STAGES = ("opt_outs", "extract", "validate", "transform", "plan", "load", "record")

# Airflow task → its stages, in order. A task costs a process; tried again, or cleared, it begins at its first stage.
TASKS = {
    "extract": ("opt_outs", "extract"),
    "plan": ("validate", "transform", "plan"),
    "load": ("load",),
    "record": ("record",),
}


def task_of(stage: str) -> str:
    """The Airflow task that runs a stage."""
    return next(task for task, stages in TASKS.items() if stage in stages)


def stage(name: str) -> Callable[[RunContext], dict[str, int]]:
    """The function of a stage."""
    module = importlib.import_module(f"crm_sync.pipeline.{name}")
    function: Callable[[RunContext], dict[str, int]] = getattr(module, name)
    return function


def run_stage(name: str, ctx: RunContext) -> dict[str, int]:
    """Run a stage and return its counts. A stage that succeeds logs what it did. Raises a SupersededError if a later
    run was opened."""
    with ctx.state.transaction() as reading:
        store.require_newest(reading, ctx.run)
    began = time.monotonic()
    counts = stage(name)(ctx)
    log.info(report.line(name, counts, time.monotonic() - began))
    return counts
