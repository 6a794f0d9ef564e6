"""Higher Logic behind the shared core: routes, asks for the key, lets only JSON in, words the refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from standins.clock import Clock
from standins.higher_logic import by_hand, dump
from standins.higher_logic.behaviours import BEHAVIOURS
from standins.higher_logic.errors import Failure, Turned, gateway_message
from standins.higher_logic.responses import Asked
from standins.higher_logic.state import Tenant
from standins.higher_logic.urls import BY_PATH, Route
from standins.provider import Answer, Call

JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html"}
JSON_TYPES = frozenset({"application/json", "text/json"})


def create(clock: Clock) -> HigherLogic:
    """What the discovery calls."""
    return HigherLogic(clock)


class HigherLogic:
    """The provider of the shared core's protocol."""

    name = "higher_logic"
    default_port = 8703
    behaviours = BEHAVIOURS

    def __init__(self, clock: Clock) -> None:
        self.tenant = Tenant(clock)

    @property
    def concurrency_limit(self) -> int:
        """Not known of the real service; a free value."""
        return int(self.tenant.switches.concurrency_limit)

    def reset(self) -> None:
        """A fresh site."""
        self.tenant.reset()

    def dump(self, wanted: frozenset[str]) -> Iterator[bytes]:
        """The state for GET /_standin/state."""
        return dump.pieces(self.tenant, wanted)

    def act(self, action: dict[str, Any]) -> dict[str, Any]:
        """Something done on the site, by its administrator."""
        return by_hand.act(self.tenant, action)

    def switch(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Change assumed behaviours."""
        return self.tenant.switches.change(changes)

    def answer(self, call: Call) -> Answer:
        """Apply one call."""
        route = BY_PATH.get(call.path)
        name = route.path if route else "-"
        try:
            return _said(200, self._handled(route, call), name)
        except Turned as refusal:
            return _said(refusal.status, refusal.body, name)
        except Failure as failure:
            return _said(int(self.tenant.switches.failure_status), failure.body, name)

    def _handled(self, route: Route | None, call: Call) -> Any:
        if route is None:
            raise Turned(404)
        if call.method != "POST":
            raise Turned(405)
        header = "x-api-key" if route.version == 1 else self.tenant.switches.v2_key_header
        if call.headers.get(header) != self.tenant.switches.api_key:
            raise Turned(403)
        if call.headers.get("Content-Type", "").partition(";")[0].strip().lower() not in JSON_TYPES:
            raise Turned(415)
        return route.handler(Asked(self.tenant, call))

    def fault_answer(self, kind: str, status: int) -> Answer:
        """The answer of a scripted fault: the gateway's message or, where it is bare, no JSON."""
        if kind == "bare_429":
            return Answer(429, b"", HTML)
        if kind == "bare_403":
            return Answer(403, b"<html><body>Access Denied</body></html>", HTML)
        if kind == "html_400":
            return Answer(400, b"<H1>Bad Request</H1>", HTML)
        return _said(status, gateway_message(status), "-")


def _said(status: int, content: Any, route: str) -> Answer:
    return Answer(status, b"" if content is None else msgspec.json.encode(content), JSON, route)
