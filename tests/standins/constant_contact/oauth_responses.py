"""The authorization host on the same socket: the page that sends the browser back, and the endpoint of tokens."""

from __future__ import annotations

import base64
import secrets
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from standins import consent
from standins.constant_contact.oauth import SCOPES, InvalidGrantError
from standins.constant_contact.state import Account
from standins.provider import Answer, Call

BASE = "/oauth2/default/v1"
JSON = {"Content-Type": "application/json"}
FORM = "application/x-www-form-urlencoded"
AUTHORIZING = frozenset({"client_id", "redirect_uri", "response_type", "state", "scope", "prompt", "nonce"})
ASKING = {
    "authorization_code": frozenset({"grant_type", "code", "redirect_uri", "client_id", "client_secret"}),
    "refresh_token": frozenset({"grant_type", "refresh_token", "client_id", "client_secret", "scope"}),
}
REFUSED = {
    "refresh_token": "The refresh token is invalid or expired.",
    "authorization_code": "The authorization code is invalid or has expired.",
}


def answer(account: Account, call: Call) -> Answer:
    """One call to the authorization host."""
    if call.method in {"GET", "POST"} and call.path == f"{BASE}/authorize":
        return _named(_authorize(account, call, dict(parse_qsl(call.query))), call)
    if (call.method, call.path) == ("POST", f"{BASE}/token"):
        return _named(_token(account, call), call)
    return _okta(404, "E0000007", "Not found.")


def _named(made: Answer, call: Call) -> Answer:
    made.route = call.path
    return made


def _authorize(account: Account, call: Call, asked: dict[str, str]) -> Answer:
    redirect_uri, switches = asked.get("redirect_uri", ""), account.switches
    is_known = asked.get("client_id") == switches.client_id
    if not is_known or not consent.is_registered(redirect_uri, switches.redirect_uris):
        return consent.refusal()
    error, decided = _authorization_error(asked), consent.decision(call, switches.consent)
    if not error and not decided:
        return consent.page("Constant Contact", switches.client_id)
    if decided == "deny" and not error:
        error = "access_denied"
    back = {"error": error} if error else {"code": account.tokens.code(asked["scope"], redirect_uri)}
    return consent.sent_back(redirect_uri, back | {"state": asked.get("state", "")})


def _authorization_error(asked: dict[str, str]) -> str:
    scopes = asked.get("scope", "").split()
    if asked.keys() - AUTHORIZING or not asked.get("state"):
        return "invalid_request"
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if not scopes or set(scopes) - SCOPES:
        return "invalid_scope"
    return ""


def _token(account: Account, call: Call) -> Answer:
    content_type = call.headers.get("Content-Type", FORM).partition(";")[0].strip().lower()
    if call.body and content_type != FORM:
        return _okta(400, "E0000021", "Bad request. Accept and/or Content-Type headers are not supported here.")
    pairs = parse_qsl(call.query) + parse_qsl(call.body.decode("utf-8", "replace"))
    asked = dict(pairs)
    refused = _client_error(account, call, asked)
    if refused:
        return refused
    grant_type = asked.get("grant_type", "")
    if grant_type not in ASKING:
        code = "unsupported_grant_type" if grant_type else "invalid_request"
        return _error(400, code, "The grant_type is missing or not supported.")
    if asked.keys() - ASKING[grant_type] or len(pairs) != len(asked):
        return _error(400, "invalid_request", "The request has an unknown or repeated parameter.")
    return _issued(account, grant_type, asked)


def _client_error(account: Account, call: Call, asked: dict[str, str]) -> Answer | None:
    scheme, _, encoded = call.headers.get("Authorization", "").partition(" ")
    client_id, secret = asked.get("client_id", ""), asked.get("client_secret", "")
    if scheme.lower() == "basic":
        client_id, _, secret = _decoded(encoded).partition(":")
    if client_id != account.switches.client_id:
        return _okta(401, "invalid_client", "Invalid value for 'client_id' parameter.")
    if not secrets.compare_digest(secret.encode(), account.switches.client_secret.encode()):
        return _error(401, "invalid_client", "The client secret supplied for a confidential client is invalid.")
    return None


def _decoded(encoded: str) -> str:
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode()
    except ValueError:
        return ""


def _issued(account: Account, grant_type: str, asked: dict[str, str]) -> Answer:
    tokens = account.tokens
    try:
        if grant_type == "refresh_token":
            issued = tokens.refresh(asked.get("refresh_token", ""))
        else:
            issued = tokens.redeem(asked.get("code", ""), asked.get("redirect_uri", ""))
    except InvalidGrantError:
        return _error(400, "invalid_grant", REFUSED[grant_type])
    return _json(200, issued)


def _json(status: int, content: dict[str, Any]) -> Answer:
    headers = JSON | {"Cache-Control": "no-store", "Pragma": "no-cache"}
    return Answer(status, msgspec.json.encode(content), dict(headers))


def _error(status: int, error: str, description: str) -> Answer:
    return _json(status, {"error": error, "error_description": description})


def _okta(status: int, code: str, summary: str) -> Answer:
    cause = {"errorId": f"oae{secrets.token_urlsafe(16)}", "errorCauses": []}
    return _json(status, {"errorCode": code, "errorSummary": summary, "errorLink": code} | cause)
