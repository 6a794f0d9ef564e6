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

    def scripted(self, kind: str, status: int) -> Answer:
        """Any refusal that a test asks for."""
        return _said(status, gateway_message(status), "-")


def _said(status: int, content: Any, route: str) -> Answer:
    return Answer(status, b"" if content is None else msgspec.json.encode(content), JSON, route)
