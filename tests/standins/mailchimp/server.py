"""Mailchimp behind the shared core: authenticates, routes, decodes strictly, renders, words the refusals."""

from __future__ import annotations

import base64
import re
import uuid
from functools import cache
from typing import Any
from urllib.parse import unquote

import msgspec

from standins.clock import Clock
from standins.complaint import Complaint
from standins.imitation import Imitation
from standins.mailchimp import by_hand, dump, oauth_responses, queries
from standins.mailchimp.asked import Asked
from standins.mailchimp.errors import Refusal, invalid, not_found
from standins.mailchimp.rendering import pruned
from standins.mailchimp.state import BEHAVIOURS, Account
from standins.mailchimp.urls import ROUTES, Route
from standins.provider import Answer, Call

JSON = {"Content-Type": "application/json; charset=utf-8"}
PROBLEM = {
    "Content-Type": "application/problem+json; charset=utf-8",
    "Link": '<https://us1.api.mailchimp.com/schema/3.0/Definitions/ProblemDetailDocument.json>; rel="describedBy"',
}
BASE = "/3.0"
# The second is mailchimp3's.
TOKEN_SCHEMES = frozenset({"bearer", "oauth"})


def create(clock: Clock) -> Mailchimp:
    """What the discovery calls."""
    return Mailchimp(clock)


class Mailchimp(Imitation):
    """The provider of the shared core's protocol."""

    name = "mailchimp"
    default_port = 8701
    behaviours = BEHAVIOURS

    def __init__(self, clock: Clock) -> None:
        self.account = Account(clock)
        super().__init__(self.account, dump.pieces, by_hand.act)

    def answer(self, call: Call) -> Answer:
        """Apply one call."""
        if call.path.startswith(f"{oauth_responses.BASE}/"):
            return oauth_responses.answer(self.account, call)
        route_name = "-"
        try:
            route, path = _routed(call)
            route_name = route.pattern
            self._authenticate(call)
            return self._handled(route, path, call)
        except Refusal as refusal:
            return self._refused(refusal, route_name)

    def _authenticate(self, call: Call) -> None:
        scheme, _, secret = call.headers.get("Authorization", "").partition(" ")
        key = _key(scheme.lower(), secret.strip())
        if not key:
            raise Refusal(401, "API Key Missing", "key_missing")
        is_token = scheme.lower() in TOKEN_SCHEMES and self.account.grants.is_good(key)
        if key != self.account.switches.api_key and not is_token:
            raise Refusal(401, "API Key Invalid", "key_invalid")
        refused = {"disabled": "User Disabled", "forbidden": "Forbidden"}.get(self.account.switches.account)
        if refused:
            raise Refusal(403, refused, self.account.switches.account)

    def _handled(self, route: Route, path: dict[str, str], call: Call) -> Answer:
        query = queries.parsed(call.query, route.query)
        asked = Asked(self.account, path, query, self._body(route, call.body))
        content = route.handler(asked)
        if content is None:
            return Answer(204, b"", _identified({}), route.pattern)
        if "fields" in query or "exclude_fields" in query:
            content = pruned(content, query.get("fields", []), query.get("exclude_fields", []))
        return Answer(200, msgspec.json.encode(content), _identified(JSON), route.pattern)

    def _body(self, route: Route, body: bytes) -> Any:
        if route.body is None:
            return None
        try:
            return _decoder(route.body).decode(body)
        except msgspec.ValidationError as error:
            raise _schema_refusal(Complaint.of(error)) from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Refusal(400, "JSON Parse Error", "bad_json") from error

    def _refused(self, refusal: Refusal, route: str) -> Answer:
        headers = _identified(PROBLEM) | ({"Allow": refusal.allow} if refusal.allow else {})
        switches = self.account.switches
        is_dotted = switches.error_fields == "dotted"
        problem = refusal.problem(headers["X-Request-Id"], switches.language, is_dotted=is_dotted)
        return Answer(refusal.status, msgspec.json.encode(problem), headers, route)

    def scripted(self, kind: str, status: int) -> Answer:
        """Any refusal that a test asks for."""
        if kind == "too_many":
            limit = self.concurrency_limit
            return self._refused(Refusal(429, "Too Many Requests", "too_many", limit), "-")
        title = {429: "Too Many Requests", 403: "Forbidden", 404: "Resource Not Found"}.get(
            status, "Internal Server Error"
        )
        return self._refused(Refusal(status, title, "scripted"), "-")


def _identified(headers: dict[str, str]) -> dict[str, str]:
    return headers | {"X-Request-Id": str(uuid.uuid4())}


def _key(scheme: str, secret: str) -> str:
    if scheme in TOKEN_SCHEMES:
        return secret
    if scheme != "basic":
        return ""
    try:
        return base64.b64decode(secret, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def _routed(call: Call) -> tuple[Route, dict[str, str]]:
    """The route of a call. Raises Refusal: 404 outside /3.0, 405 for another method, 501 for what is not imitated."""
    if call.path != BASE and not call.path.startswith(BASE + "/"):
        raise not_found()
    below = call.path[len(BASE) :] or "/"
    known_path = False
    for route in ROUTES:
        match = route.regex.fullmatch(below)
        if match and route.method == call.method:
            return route, {name: unquote(value) for name, value in match.groupdict().items()}
        known_path = known_path or match is not None
    if known_path and not _is_documented(call.method, below):
        raise Refusal(405, "Method Not Allowed", "bad_method")
    raise Refusal(501, "Not Implemented", "not_imitated")


def _is_documented(method: str, below: str) -> bool:
    """Calls that the vendor has on paths imitated here, and the stand-in has not."""
    is_list = re.fullmatch(r"/lists/[^/]+", below) is not None
    return (method == "POST" and below == "/lists") or (method in {"PATCH", "DELETE"} and is_list)


@cache
def _decoder(body: type[msgspec.Struct]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(body)


def _schema_refusal(complaint: Complaint) -> Refusal:
    """400 Invalid Resource; the field as Mailchimp writes it: members.item:0.status."""
    parts = [part for part in (re.sub(r"\[(\d+)\]", r".item:\1", complaint.path), complaint.field) if part]
    return invalid(".".join(parts), "schema", complaint.reason)
