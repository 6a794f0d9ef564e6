"""Higher Logic behind the shared core: routes, asks for the key, lets only JSON in, words the refusals."""

from __future__ import annotations

from typing import Any

import msgspec

from standins.clock import Clock
from standins.higher_logic import by_hand, dump
from standins.higher_logic.behaviours import BEHAVIOURS
from standins.higher_logic.errors import Failure, Turned, gateway_message
from standins.higher_logic.responses import Asked
from standins.higher_logic.state import Tenant
from standins.higher_logic.urls import BY_PATH, Route
from standins.imitation import Imitation
from standins.provider import Answer, Call

JSON = {"Content-Type": "application/json"}
KEY_HEADERS = {1: "x-api-key", 2: "ApiKey"}
JSON_TYPES = frozenset({"application/json", "text/json"})


def create(clock: Clock) -> HigherLogic:
    """What the discovery calls."""
    return HigherLogic(clock)


class HigherLogic(Imitation):
    """The provider of the shared core's protocol."""

    name = "higher_logic"
    default_port = 8703
    behaviours = BEHAVIOURS

    def __init__(self, clock: Clock) -> None:
        self.tenant = Tenant(clock)
        super().__init__(self.tenant, dump.pieces, by_hand.act)

    def answer(self, call: Call) -> Answer:
        """Apply one call."""
        route = BY_PATH.get(call.path)
        name = route.path if route else "-"
        try:
            return _said(200, self._handled(route, call), name)
        except Turned as refusal:
            return _said(refusal.status, refusal.body, name)
        except Failure as failure:
            return self._failed(failure, route, name)

    def _handled(self, route: Route | None, call: Call) -> Any:
        if route is None:
            raise Turned(404)
        if call.method != "POST":
            raise Turned(405)
        if call.headers.get(KEY_HEADERS[route.version]) != self.tenant.switches.api_key:
            raise Turned(403)
        if call.headers.get("Content-Type", "").partition(";")[0].strip().lower() not in JSON_TYPES:
            raise Turned(415)
        return route.handler(Asked(self.tenant, call))

    def _failed(self, failure: Failure, route: Route | None, name: str) -> Answer:
        switches = self.tenant.switches
        if route is None or route.version == 1:
            return _said(int(switches.failure_status), failure.body, name)
        status = int(switches.v2_failure_status)
        if switches.v2_answer == "like_v1":
            return _said(status, failure.body, name)
        return Answer(status, str(failure).encode(), {"Content-Type": "text/plain; charset=utf-8"}, name)

    def scripted(self, kind: str, status: int) -> Answer:
        """Any refusal that a test asks for."""
        return _said(status, gateway_message(status), "-")


def _said(status: int, content: Any, route: str) -> Answer:
    return Answer(status, b"" if content is None else msgspec.json.encode(content), JSON, route)
