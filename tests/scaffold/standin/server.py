"""Acme Mail behind the shared core: routes, key, strict bodies, refusals."""

from __future__ import annotations

import re
from urllib.parse import unquote

import msgspec

from scaffold.standin import bodies, by_hand, dump, people
from scaffold.standin.behaviours import BEHAVIOURS
from scaffold.standin.errors import JSON, Refusal
from scaffold.standin.state import Account
from standins.clock import Clock
from standins.imitation import Imitation
from standins.provider import Answer, Call

PATH = re.compile(r"/v1/accounts/(?P<account>[^/]+)(?:/people/(?P<person>[^/]+))?")
ACCOUNT, PEOPLE = "/accounts/{account_id}", "/people/{id}"


def create(clock: Clock) -> AcmeMail:
    """What the discovery calls."""
    return AcmeMail(clock)


class AcmeMail(Imitation):
    """The provider of the shared core's protocol."""

    name = "acme_mail"
    default_port = 8700
    behaviours = BEHAVIOURS

    def __init__(self, clock: Clock) -> None:
        self.account = Account(clock)
        super().__init__(self.account, dump.pieces, by_hand.act)

    def answer(self, call: Call) -> Answer:
        """Apply one call."""
        found = PATH.fullmatch(call.path)
        if found is None:
            return Refusal(404, "no_such_path").answer("-")
        route = ACCOUNT if found["person"] is None else PEOPLE
        try:
            self._authenticate(call, unquote(found["account"]))
            return self._handled(call, route, unquote(found["person"] or ""))
        except Refusal as refusal:
            return refusal.answer(route)

    def _authenticate(self, call: Call, account_id: str) -> None:
        switches = self.account.switches
        if call.headers.get("X-Api-Key") != switches.api_key:
            raise Refusal(401, "wrong_key")
        if account_id != switches.account_id:
            raise Refusal(403, "another_account")

    def _handled(self, call: Call, route: str, person_id: str) -> Answer:
        if (call.method, route) == ("GET", ACCOUNT):
            told = {"name": "Stand-in", "contact": "office@example.org"}
            return Answer(200, msgspec.json.encode(told), JSON, route)
        if (call.method, route) == ("PUT", PEOPLE):
            people.put(self.account, person_id, _body(call))
            return Answer(200, msgspec.json.encode({"id": person_id}), JSON, route)
        if (call.method, route) == ("DELETE", PEOPLE):
            people.delete(self.account, person_id)
            return Answer(204, b"", {}, route)
        raise Refusal(405, "no_such_method")

    def scripted(self, kind: str, status: int) -> Answer:
        """Any refusal that a test asks for."""
        return Refusal(status, kind).answer("-")


def _body(call: Call) -> bodies.Person:
    if call.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refusal(415, "not_json")
    try:
        return bodies.read_person(call.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refusal(400, "bad_body") from error
