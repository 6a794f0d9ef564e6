"""Constant Contact behind the shared core: two hosts on one socket, tokens, limits, strict decoding, refusals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import unquote

import msgspec

from standins.clock import Clock
from standins.constant_contact import by_hand, dump, errors, oauth_responses, queries
from standins.constant_contact.asked import Asked, Reply
from standins.constant_contact.behaviours import BEHAVIOURS
from standins.constant_contact.errors import Refusal
from standins.constant_contact.state import Account
from standins.constant_contact.urls import ELSEWHERE, ROUTES, Route
from standins.provider import Answer, Call

JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html"}
BASE = "/v3"
PLACE = re.compile(r"(.*?)(?: - at `(?:key in )?\$\.?(.*)`)?")
NAMED = re.compile(r"Object (contains unknown|missing required) field `(.*)`")


def create(clock: Clock) -> ConstantContact:
    """What the discovery calls."""
    return ConstantContact(clock)


class ConstantContact:
    """The provider of the shared core's protocol."""

    name = "constant_contact"
    default_port = 8702
    behaviours = BEHAVIOURS
    concurrency_limit = 10_000  # none is documented: calls are counted by the second

    def __init__(self, clock: Clock) -> None:
        self.account = Account(clock)

    def reset(self) -> None:
        """A fresh account."""
        self.account.reset()

    def dump(self, wanted: frozenset[str]) -> Iterator[bytes]:
        """The state for GET /_standin/state."""
        return dump.pieces(self.account, wanted)

    def act(self, action: dict[str, Any]) -> dict[str, Any]:
        """Something done in Constant Contact's own web application, by a contact, or to the application's tokens."""
        return by_hand.act(self.account, action)

    def switch(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Change assumed behaviours and limits; a new refresh token is good from now on."""
        values = self.account.switches.change(changes)
        if "refresh_token" in changes:
            self.account.tokens.seed()
        return values

    def answer(self, call: Call) -> Answer:
        """Apply one call."""
        if call.path.startswith("/oauth2/"):
            return oauth_responses.answer(self.account, call)
        route, path = _matched(call)
        name = route.pattern if route else "-"
        try:
            if not call.path.startswith(BASE + "/"):
                raise errors.not_found()
            scopes = self._authenticated(call)
            self.account.limits.take()
            return self._handled(_known(route, call), path, call, scopes)
        except Refusal as refusal:
            return _refused(refusal, name)

    def _authenticated(self, call: Call) -> frozenset[str]:
        scheme, _, token = call.headers.get("Authorization", "").partition(" ")
        scopes = self.account.tokens.scopes_of(token.strip()) if scheme.lower() == "bearer" else None
        if scopes is None:
            raise errors.unauthorized()
        return scopes

    def _handled(self, route: Route, path: dict[str, str], call: Call, scopes: frozenset[str]) -> Answer:
        if route.scope and route.scope not in scopes:
            raise errors.forbidden()
        parameters = queries.asked(call.query, route.query)
        content = route.handler(Asked(self.account, path, parameters, _body(route, call), call.body))
        reply = content if isinstance(content, Reply) else Reply(200, content)
        if reply.content is None:
            return Answer(reply.status, b"", dict(reply.headers), route.pattern)
        return Answer(reply.status, msgspec.json.encode(reply.content), JSON | reply.headers, route.pattern)

    def fault_answer(self, kind: str, status: int) -> Answer:
        """The answer of a scripted fault, in this provider's forms: arrays and objects, bare statuses, HTML."""
        if kind == "too_many":
            return _refused(errors.throttled(), "-")
        if kind == "bare_429":
            return Answer(429, b"", dict(HTML))
        if kind == "bare_403":
            return Answer(403, b"<html><body>Forbidden</body></html>", dict(HTML))
        if kind == "html_400":
            return Answer(400, b"<html><body>Bad Request</body></html>", dict(HTML))
        return _refused(errors.scripted(status), "-")


def _refused(refusal: Refusal, route: str) -> Answer:
    return Answer(refusal.status, msgspec.json.encode(refusal.body()), dict(JSON), route)


def _matched(call: Call) -> tuple[Route | None, dict[str, str]]:
    below = call.path.removeprefix(BASE)
    for route in ROUTES:
        match = route.regex.fullmatch(below) if route.method == call.method else None
        if match and not ELSEWHERE.fullmatch(f"{call.method} {below}"):
            return route, {name: unquote(value) for name, value in match.groupdict().items()}
    return None, {}


def _known(route: Route | None, call: Call) -> Route:
    """The route of a call. Raises Refusal: 501 for what is not imitated, 405 for another method, else 404."""
    if route:
        return route
    below = call.path.removeprefix(BASE)
    if ELSEWHERE.fullmatch(f"{call.method} {below}"):
        raise errors.not_imitated(f"{call.method} {below}")
    if any(other.regex.fullmatch(below) for other in ROUTES):
        raise errors.bad_method()
    raise errors.not_found()


def _body(route: Route, call: Call) -> Any:
    if route.body is None:
        return None
    if call.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
        raise errors.media_type()
    try:
        return _decoder(route.body).decode(call.body)
    except msgspec.ValidationError as error:
        raise _schema_refusal(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise errors.invalid("The body is not valid JSON.") from error


@cache
def _decoder(body: type[msgspec.Struct]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(body)


def _schema_refusal(complaint: str) -> Refusal:
    """400 from the decoder's complaint, with the path of the property: `email_address.address is missing`."""
    found = PLACE.fullmatch(complaint)
    reason, path = (found[1], found[2] or "") if found else (complaint, "")
    named = NAMED.fullmatch(reason)
    if named is None:
        return errors.bad_value(path or "body")
    name = ".".join(part for part in (path, named[2]) if part)
    return errors.invalid(f"{name} is missing" if named[1] == "missing required" else f"{name} is not a known property")
