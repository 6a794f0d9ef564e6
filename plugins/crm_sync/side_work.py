"""What a task does beside its work: it may fail in any way there is, and never takes the task with it."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger("crm_sync")

# What stops a task; of Airflow's timeout by name, for this package's core does not know Airflow.
_STOPS = {"KeyboardInterrupt", "SystemExit", "GeneratorExit", "AirflowTaskTimeout", "CancelledError"}


@dataclass
class SideWork:
    """Whether it has failed: known when its block has ended."""

    has_failed: bool = False


@contextmanager
def beside_the_work(what: str) -> Iterator[SideWork]:
    """Log once, by its name alone, what went wrong in the block: a message may quote anything.

    A library's panic, of Rust for example, is a BaseException.
    """
    work = SideWork()
    try:
        yield work
    except BaseException as error:
        if type(error).__name__ in _STOPS:
            raise
        work.has_failed = True
        log.warning("%s: %s", what, type(error).__name__)
