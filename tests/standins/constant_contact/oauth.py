"""Grants and their tokens: codes that work once, access tokens of a day, refresh tokens that rotate or stay."""

from __future__ import annotations

import base64
import secrets
from typing import Any

import msgspec

from standins.clock import Clock
from standins.switches import Switches

CODE_SECONDS = 5 * 60
ACCESS_SECONDS = 24 * 3600
UNUSED_SECONDS = 180 * 24 * 3600
SCOPES = frozenset(
    {"contact_data", "campaign_data", "account_read", "account_update", "billing_data", "offline_access"}
)
START_SCOPE = "contact_data account_read offline_access"


class InvalidGrantError(Exception):
    """The code or the refresh token is good for nothing."""


class Grant:
    """What a user once allowed the application. `refresh` is the only refresh token that works."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self.refresh = ""
        self.used = 0.0

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes as a set."""
        return frozenset(self.scope.split())


class Code(msgspec.Struct):
    """An authorization code, with what the token request must repeat."""

    grant: Grant
    redirect_uri: str
    issued: float


class Access(msgspec.Struct):
    """An access token stays good until its own end, whatever becomes of its grant's refresh token."""

    grant: Grant
    until: float


class Tokens:
    """All that was issued to the application."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        self._clock, self._switches = clock, switches
        self._codes: dict[str, Code] = {}
        self._access: dict[str, Access] = {}
        self._refresh: dict[str, Grant] = {}
        self.seed()

    def seed(self) -> None:
        """The grant that exists from the start, with the refresh token of the switch; none where that is empty."""
        if self._switches.refresh_token:
            self._renew(Grant(START_SCOPE), self._switches.refresh_token)

    def code(self, scope: str, redirect_uri: str) -> str:
        """A code for a grant just given."""
        value = secrets.token_urlsafe(32)
        self._codes[value] = Code(Grant(scope), redirect_uri, self._clock.now())
        return value

    def redeem(self, value: str, redirect_uri: str) -> dict[str, Any]:
        """The token answer for a code. Raises InvalidGrantError: unknown, used, late, or for another redirect_uri."""
        code = self._codes.pop(value, None)
        if code is None or code.redirect_uri != redirect_uri or self._clock.now() - code.issued > CODE_SECONDS:
            raise InvalidGrantError
        return self.issue(code.grant)

    def refresh(self, value: str) -> dict[str, Any]:
        """The token answer for a refresh token. Raises InvalidGrantError: unknown, replaced or long unused."""
        grant = self._refresh.get(value)
        if grant is None or self._clock.now() - grant.used > UNUSED_SECONDS:
            raise InvalidGrantError
        return self.issue(grant)

    def issue(self, grant: Grant) -> dict[str, Any]:
        """A new access token, and what the mode of refreshing makes of the refresh token."""
        now = self._clock.now()
        self._access = {token: access for token, access in self._access.items() if access.until > now}
        token = _jwt(grant.scope, int(now))
        self._access[token] = Access(grant, now + ACCESS_SECONDS)
        answer: dict[str, Any] = {
            "token_type": "Bearer",
            "expires_in": ACCESS_SECONDS,
            "access_token": token,
            "scope": grant.scope,
        }
        if "offline_access" in grant.scopes:
            stays = grant.refresh and self._switches.refresh_mode == "long_lived"
            self._renew(grant, grant.refresh if stays else secrets.token_urlsafe(32))
            answer["refresh_token"] = grant.refresh
        return answer

    def _renew(self, grant: Grant, token: str) -> None:
        self._refresh.pop(grant.refresh, None)
        self._refresh[token] = grant
        grant.refresh, grant.used = token, self._clock.now()

    def scopes_of(self, token: str) -> frozenset[str] | None:
        """What an access token allows; None where it is unknown or past its time."""
        access = self._access.get(token)
        return access.grant.scopes if access and access.until > self._clock.now() else None

    def expire_access(self) -> int:
        """All access tokens are past their time at once; how many there were."""
        ended = len(self._access)
        self._access.clear()
        return ended

    def revoke(self) -> int:
        """The user takes the application out: nothing issued so far works any more. How many grants there were."""
        ended = len(set(self._refresh.values()))
        for issued in (self._codes, self._access, self._refresh):
            issued.clear()
        return ended


def _jwt(scope: str, now: int) -> str:
    """Three parts of about a thousand characters, and no secret in them."""
    claims = {
        "ver": 1,
        "jti": f"AT.{secrets.token_urlsafe(32)}",
        "iss": "standin",
        "aud": "standin",
        "iat": now,
        "exp": now + ACCESS_SECONDS,
        "scp": scope.split(),
        "sub": secrets.token_hex(64),
    }
    parts = [msgspec.json.encode({"alg": "RS256", "kid": "standin"}), msgspec.json.encode(claims)]
    signature = secrets.token_bytes(512 - len(scope.split()) * 8)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (*parts, signature))
