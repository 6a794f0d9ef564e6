"""What the drivers in Python share: calls are read from standard input, a JSON line each, and answered on standard
output. A driver runs in the clients' environment and knows its client library, this module and nothing else."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

Calls = dict[str, Callable[[SimpleNamespace], Any]]


class NoCall(Exception):  # noqa: N818 - no error of anybody's
    """The client can make the call, but not with all that it was asked for."""


class Refusal(NamedTuple):
    """What a client made of an answer that is an error: its status and its body."""

    status: int
    body: Any


def serve(open_calls: Callable[..., Calls], refusal_of: Callable[[Exception], Refusal | None]) -> None:
    """Make the client from a line that opens it, say which calls it has, then make them one by one.

    ``refusal_of``: what the client's own exception tells of the service's refusal; None where it tells of none, which
    is a crash.
    """
    told, sys.stdout = sys.stdout, sys.stderr  # clients may print
    calls: Calls = {}
    for line in sys.stdin:
        asked = json.loads(line)
        if "open" in asked:
            calls = open_calls(**asked["open"])
            answer: dict[str, Any] = {"calls": sorted(calls)}
        else:
            answer = _answer(calls[asked.pop("call")], asked, refusal_of)
        told.write(json.dumps(answer, default=str) + "\n")
        told.flush()


def _answer(
    call: Callable[[SimpleNamespace], Any], asked: dict[str, Any], refusal_of: Callable[[Exception], Refusal | None]
) -> dict[str, Any]:
    try:
        return {"answer": call(SimpleNamespace(**asked))}
    except NoCall:
        return {"no_call": True}
    except Exception as error:  # noqa: BLE001 - whatever a client raises
        refusal = refusal_of(error)
        if refusal is None:
            return {"crash": f"{type(error).__name__}: {error}"}
        return {"status": refusal.status, "body": refusal.body}


def parsed(body: Any) -> Any:
    """A body that a client hands on as text, as JSON where it is."""
    try:
        return json.loads(body) if isinstance(body, str | bytes) else body
    except ValueError:
        return str(body)
