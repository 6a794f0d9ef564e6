"""Constant Contact behind the shared core: two hosts on one socket, tokens, limits, strict decoding, refusals."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import unquote

import msgspec

from standins.clock import Clock
from standins.complaint import Complaint
from standins.constant_contact import by_hand, dump, errors, oauth_responses, queries
from standins.constant_contact.asked import Asked, Reply
from standins.constant_contact.behaviours import BEHAVIOURS
from standins.constant_contact.errors import Refusal
from standins.constant_contact.state import Account
from standins.constant_contact.urls import ELSEWHERE, ROUTES, Route
from standins.imitation import Imitation
from standins.provider import Answer, Call

JSON = {"Content-Type": "application/json"}
BASE = "/v3"


def create(clock: Clock) -> ConstantContact:
    """What the discovery calls."""
    return ConstantContact(clock)


class ConstantContact(Imitation):
    """The provider of the shared core's protocol."""

    name = "constant_contact"
    default_port = 8702
    behaviours = BEHAVIOURS
    concurrency_limit = 10_000  # none is documented: calls are counted by the second

    def __init__(self, clock: Clock) -> None:
        self.account = Account(clock)
        super().__init__(self.account, dump.pieces, by_hand.act)

    def switch(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Change assumed behaviours and limits; a new refresh token is good from now on."""
        values = super().switch(changes)
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
        parameters.ends_in_null = self.account.switches.last_links == "null"
        content = route.handler(Asked(self.account, path, parameters, _body(route, call), call.body))
        reply = content if isinstance(content, Reply) else Reply(200, content)
        if reply.content is None:
            return Answer(reply.status, b"", dict(reply.headers), route.pattern)
        return Answer(reply.status, msgspec.json.encode(reply.content), JSON | reply.headers, route.pattern)

    def scripted(self, kind: str, status: int) -> Answer:
        """Any refusal that a test asks for."""
        if kind == "too_many":
            return _refused(errors.throttled(), "-")
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
        raise _schema_refusal(Complaint.of(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise errors.invalid("The body is not valid JSON.") from error


@cache
def _decoder(body: type[msgspec.Struct]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(body)


def _schema_refusal(complaint: Complaint) -> Refusal:
    """400 with the path of the property: `email_address.address is missing`."""
    if not complaint.field:
        return errors.bad_value(complaint.path or "body")
    name = ".".join(part for part in (complaint.path, complaint.field) if part)
    return errors.invalid(f"{name} is missing" if complaint.is_missing else f"{name} is not a known property")
