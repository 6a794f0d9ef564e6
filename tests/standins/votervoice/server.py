"""VoterVoice behind the shared core: routes, redirects, authenticates, decodes strictly, words the refusals."""

from __future__ import annotations

import base64
import re
from functools import cache
from typing import Any

import msgspec

from standins.clock import Clock
from standins.imitation import Imitation
from standins.provider import Answer, Call
from standins.votervoice import by_hand, dump, errors, queries, redirects, responses
from standins.votervoice.behaviours import BEHAVIOURS
from standins.votervoice.errors import JSON, Refusal, bad_request
from standins.votervoice.responses import Asked
from standins.votervoice.state import Association
from standins.votervoice.urls import CONTACTS, NOT_IMITATED, ROUTES, Route

PATH = re.compile(r"(/api2?)(/.*?)/?", re.IGNORECASE)
JSON_TYPE = "application/json"


def create(clock: Clock) -> VoterVoice:
    """What the discovery calls."""
    return VoterVoice(clock)


class VoterVoice(Imitation):
    """The provider of the shared core's protocol."""

    name = "votervoice"
    default_port = 8704
    behaviours = BEHAVIOURS

    def __init__(self, clock: Clock) -> None:
        self.association = Association(clock)
        super().__init__(self.association, dump.pieces, by_hand.act)

    def answer(self, call: Call) -> Answer:
        """Apply one call."""
        route_name = "-"
        try:
            prefix, below = self._parted(call.path)
            route = _routed(call.method, below)
            route_name = route.pattern
            mode = self.association.switches.redirect
            if route.pattern == CONTACTS and prefix == redirects.FIRST and mode != "off":
                return redirects.redirected(call, mode, route.pattern)
            self._authenticate(call)
            return self._handled(route, call)
        except Refusal as refusal:
            return self._refused(refusal, route_name)

    def _parted(self, path: str) -> tuple[str, str]:
        """The prefix and what is below it. The second prefix is there only for who was redirected."""
        found = PATH.fullmatch(path)
        if found is None:
            raise Refusal(404, errors.NOT_FOUND)
        prefix = found[1].lower()
        if prefix == redirects.SECOND and self.association.switches.redirect == "off":
            raise Refusal(404, errors.NOT_FOUND)
        return prefix, found[2]

    def _authenticate(self, call: Call) -> None:
        self.association.leaked_keys += redirects.leaks_a_key(call, self.association.switches.redirect)
        if _key(call.headers.get("Authorization", "")) != self.association.switches.api_key:
            raise Refusal(401, errors.UNAUTHORIZED)

    def _handled(self, route: Route, call: Call) -> Answer:
        query = queries.parsed(call.query, route.query)
        self._check_association(route, query)
        asked = Asked(self.association, query, _body(route, call))
        content = route.handler(asked)
        if route.status != 200:
            if self.association.switches.written == "nothing" or call.method not in {"POST", "PUT"}:
                return Answer(route.status, b"", {}, route.pattern)
            content = responses.written(asked)
        return Answer(200, msgspec.json.encode(content), JSON, route.pattern)

    def _check_association(self, route: Route, query: dict[str, Any]) -> None:
        name = query.get("association", "")
        if not name and route.needs_association:
            raise bad_request(errors.NO_ASSOCIATION)
        if name and name.lower() != self.association.switches.association.lower():
            raise Refusal(int(self.association.switches.unknown_association), errors.UNKNOWN_ASSOCIATION)

    def _refused(self, refusal: Refusal, route: str) -> Answer:
        return refusal.answer(self.association.switches.error_body, route)

    def scripted(self, kind: str, status: int) -> Answer:
        """Any refusal that a test asks for."""
        return self._refused(Refusal(status, errors.TOO_MANY if status == 429 else errors.SCRIPTED), "-")


def _key(authorization: str) -> str:
    """The key of a raw header, or of Basic with the key as name and no password."""
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "basic":
        return authorization
    try:
        name, _, password = base64.b64decode(secret, validate=True).decode().partition(":")
    except ValueError:
        return ""
    return "" if password else name


def _routed(method: str, below: str) -> Route:
    """The route of a call, whatever the case of its path. Raises Refusal 404, 405 or, for what is not imitated, 501."""
    known = [route for route in ROUTES if route.pattern == below.lower()]
    for route in known:
        if route.method == method:
            return route
    if known:
        raise Refusal(405, errors.BAD_METHOD)
    if NOT_IMITATED.fullmatch(below):
        raise Refusal(501, errors.NOT_IMITATED)
    raise Refusal(404, errors.NOT_FOUND)


def _body(route: Route, call: Call) -> Any:
    if route.body is None:
        return None
    if call.headers.get("Content-Type", "").partition(";")[0].strip().lower() != JSON_TYPE:
        raise Refusal(415, errors.BAD_TYPE)
    try:
        return _decoder(route.body).decode(call.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise bad_request(f"The body is not valid: {error}") from error


@cache
def _decoder(body: type[msgspec.Struct]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(body)
