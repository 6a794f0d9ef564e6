"""Writes every exchange to a file, so that a whole test run can be held against the vendor's schema afterwards."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

import msgspec

from standins.provider import Answer, Call


class Exchange(msgspec.Struct, omit_defaults=True):
    """One line of the recording. Bodies are the raw text."""

    method: str
    path: str
    status: int
    query: str = ""
    request_body: str = ""
    response_body: str = ""


class Recording:
    """Appends to the provider's file in the folder that the variable STANDIN_RECORD names; several processes may share
    it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    @classmethod
    def from_environment(cls, provider: str) -> Self | None:
        """None where the variable is not set."""
        folder = os.environ.get("STANDIN_RECORD")
        return cls(Path(folder) / f"{provider}.jsonl") if folder else None

    def add(self, call: Call, answer: Answer) -> None:
        """One line, in one write, so that two processes do not mix theirs."""
        exchange = Exchange(call.method, call.path, answer.status, call.query)
        exchange.request_body = call.body.decode("utf-8", "replace")
        exchange.response_body = answer.body.decode("utf-8", "replace")
        self._file.write(msgspec.json.encode(exchange) + b"\n")
