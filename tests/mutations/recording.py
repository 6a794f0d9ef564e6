"""A pytest plugin: which statements, and which functions of the pipeline, each test has executed, and how long it took.

One line of JSON a test, in the file that CRMSYNC_MUTATIONS_MAP names.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any
from unittest.mock import patch

import pytest

import crm_sync
from crm_sync.ledger import database
from crm_sync.ledger.statements import statement

MAP = "CRMSYNC_MUTATIONS_MAP"
_PIPELINE = str(Path(crm_sync.__file__).parent / "pipeline")


class Recording:
    """What was executed since the last test."""

    def __init__(self) -> None:
        self.codes: set[CodeType] = set()
        self.statements: set[str] = set()

    def statement(self, name: str) -> str:
        """In place of ``database.statement``."""
        file, _, own = name.rpartition("/")
        self.statements.add(f"sql/ledger/{file}.sql:{own}")
        return statement(name)

    def called(self, frame: FrameType, event: str, _: Any) -> None:
        """For sys.setprofile."""
        if event == "call":
            self.codes.add(frame.f_code)

    def take(self) -> list[str]:
        """Statements as file:name; functions as file:first line."""
        taken, self.codes, self.statements = (self.codes, self.statements), set(), set()
        functions = {
            f"plugins/crm_sync/pipeline/{Path(code.co_filename).name}:{code.co_firstlineno}"
            for code in taken[0]
            if code.co_filename.startswith(_PIPELINE)
        }
        return sorted(taken[1] | functions)


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop() -> Iterator[None]:
    """Listen for as long as tests run."""
    threading.setprofile(RECORDING.called)
    sys.setprofile(RECORDING.called)
    try:
        with patch.object(database, "statement", RECORDING.statement):
            return (yield)
    finally:
        sys.setprofile(None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Write down a test when it is over."""
    began = time.perf_counter()
    try:
        return (yield)
    finally:
        told = {"test": item.nodeid, "seconds": time.perf_counter() - began, "executed": RECORDING.take()}
        # Unbuffered, so that a line is one write: several processes append to the file.
        with Path(os.environ[MAP]).open("ab", buffering=0) as file:
            file.write(json.dumps(told).encode() + b"\n")


RECORDING = Recording()
