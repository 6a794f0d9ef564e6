"""A pytest plugin: which statements of the ledger each test has executed, and how long it took. Which functions it has
executed, coverage.py writes down (``--cov-context=test``).

One line of JSON a test, in the file that CRMSYNC_MUTATIONS_MAP names.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from crm_sync.ledger import database
from crm_sync.ledger.statements import statement
from mutations.nearest import MAP

_executed: set[str] = set()


def _recorded(name: str) -> str:
    """In place of ``database.statement``."""
    file, _, own = name.rpartition("/")
    _executed.add(f"sql/ledger/{file}.sql:{own}")
    return statement(name)


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop() -> Iterator[None]:
    """Listen for as long as tests run."""
    with patch.object(database, "statement", _recorded):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Write down a test when it is over."""
    began = time.perf_counter()
    try:
        return (yield)
    finally:
        told = {"test": item.nodeid, "seconds": time.perf_counter() - began, "executed": sorted(_executed)}
        _executed.clear()
        # Unbuffered, so that a line is one write: several processes append to the file.
        with Path(os.environ[MAP]).open("ab", buffering=0) as file:
            file.write(json.dumps(told).encode() + b"\n")
