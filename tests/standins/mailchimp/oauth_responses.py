"""login.mailchimp.com on the same socket: allowing an application, its token, and which account the token is for."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from standins import consent
from standins.mailchimp.account_responses import oauth_metadata
from standins.mailchimp.state import Account
from standins.provider import Answer, Call

BASE = "/oauth2"
JSON = {"Content-Type": "application/json"}
FORM = "application/x-www-form-urlencoded"
AUTHORIZING = frozenset({"response_type", "client_id", "redirect_uri", "state"})
ASKING = frozenset({"grant_type", "client_id", "client_secret", "redirect_uri", "code"})


def answer(account: Account, call: Call) -> Answer:
    """One call to the authorization host."""
    if call.path == f"{BASE}/authorize" and call.method in {"GET", "POST"}:
        made = _authorize(account, call, dict(parse_qsl(call.query)))
    elif (call.path, call.method) == (f"{BASE}/token", "POST"):
        made = _token(account, call)
    elif (call.path, call.method) == (f"{BASE}/metadata", "GET"):
        made = _metadata(account, call)
    else:
        made = _json(404, {"error": "not_found"})
    made.route = call.path
    return made


def _authorize(account: Account, call: Call, asked: dict[str, str]) -> Answer:
    redirect_uri, switches = asked.get("redirect_uri", ""), account.switches
    is_known = asked.get("client_id") == switches.client_id and asked.get("response_type") == "code"
    is_registered = consent.is_registered(redirect_uri, switches.redirect_uris)
    if not is_known or not is_registered or asked.keys() - AUTHORIZING:
        return consent.refusal()
    decided = consent.decision(call, switches.consent)
    if not decided:
        return consent.page("Mailchimp", switches.client_id)
    back = {"error": "access_denied"} if decided == "deny" else {"code": account.grants.code(redirect_uri)}
    return consent.sent_back(redirect_uri, back | ({"state": asked["state"]} if "state" in asked else {}))


def _token(account: Account, call: Call) -> Answer:
    """documented: everything is in the body, the secret too, and the answer has neither an end nor a scope."""
    content_type = call.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    pairs = parse_qsl(call.body.decode("utf-8", "replace"))
    asked, switches = dict(pairs), account.switches
    if content_type != FORM or asked.keys() != ASKING or len(pairs) != len(asked):
        return _error(400, "invalid_request")
    is_secret = secrets.compare_digest(asked["client_secret"].encode(), switches.client_secret.encode())
    if asked["client_id"] != switches.client_id or not is_secret:
        return _error(401, "invalid_client")
    if asked["grant_type"] != "authorization_code":
        return _error(400, "unsupported_grant_type")
    token = account.grants.redeem(asked["code"], asked["redirect_uri"])
    return (
        _json(200, {"access_token": token, "expires_in": 0, "scope": None}) if token else _error(400, "invalid_grant")
    )


def _metadata(account: Account, call: Call) -> Answer:
    """seen: the scheme is OAuth."""
    scheme, _, token = call.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "oauth" or not account.grants.is_good(token.strip()):
        return _error(401, "invalid_token")
    return _json(200, oauth_metadata(account, f"http://{call.headers.get('Host', '127.0.0.1')}"))


def _json(status: int, content: dict[str, Any]) -> Answer:
    return Answer(status, msgspec.json.encode(content), dict(JSON))


def _error(status: int, error: str) -> Answer:
    return _json(status, {"error": error})
