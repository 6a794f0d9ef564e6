"""Connects an account by OAuth2: prints the address where a person allows it, and stores the token that comes of it.

`crm-sync connect PROVIDER` does it. The sync page, which already runs in a browser, calls
``begin`` and ``finish``.
"""

from __future__ import annotations

import secrets
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from crm_sync import providers
from crm_sync.errors import ConfigError, CrmSyncError
from crm_sync.oauth import flow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crm_sync.ledger.client_state import ClientState
    from crm_sync.oauth.flow import Application

_OFFLINE = "offline_access"
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})
_SECONDS_TO_ALLOW = 600.0
_PAGE = b"<!doctype html><title>CRM Sync</title><p>%s You may close this page.</p>"


def begin(application: Application) -> tuple[str, str]:
    """The address where a person allows the application, and the state that must come back from there."""
    state = secrets.token_urlsafe(32)
    return flow.authorization_url(application, state), state


def finish(application: Application, client_state: ClientState, state: str, answer: Mapping[str, str]) -> None:
    """Exchange the code that came back in ``answer``, the query of the redirect, and keep the token.

    A ConfigError where the answer is not to ``state`` ("" for none), nobody allowed it, or the permission would end
    with the day. Nothing is kept then.
    """
    if not state or not secrets.compare_digest(answer.get("state", "").encode(), state.encode()):
        raise ConfigError(
            f"the response belongs to another attempt to connect {application.title}, or comes too late; connect again"
        )
    if "error" in answer or not answer.get("code"):
        code = answer.get("error", "")
        said = code if code.isascii() and code.replace("_", "").isalpha() else "no code"
        raise ConfigError(f"{application.title} was not allowed ({said}); {application.remedy}")
    token = flow.exchanged(application, answer["code"])
    if application.renews and not token.get("refresh_token"):
        raise ConfigError(
            f"{application.title} gave no refresh token, without which it ends within a day: the permission"
            f" {_OFFLINE} is missing. Grant it to the application, then {application.remedy}"
        )
    with client_state.token() as slot:
        slot.store(token)


class Redirect(HTTPServer):
    """Hears the browser that comes back, on this machine alone."""

    def __init__(self, redirect_uri: str) -> None:
        parts = urlsplit(redirect_uri)
        if parts.scheme != "http" or parts.hostname not in _LOOPBACK or not parts.port:
            raise ConfigError(
                "the extra redirect_uri must be http://127.0.0.1:PORT/ for this machine to receive the response"
            )
        self.path = parts.path or "/"
        self.answer: dict[str, str] = {}
        try:
            super().__init__(("127.0.0.1", parts.port), _Handler)
        except OSError as error:
            raise ConfigError(f"port {parts.port} of redirect_uri cannot be used: {type(error).__name__}") from None

    def heard(self, seconds: float = _SECONDS_TO_ALLOW) -> dict[str, str]:
        """The query of the redirect; a ConfigError where nobody comes in time. Other calls are not found."""
        self.timeout = seconds
        while not self.answer:
            self.timed_out = False
            self.handle_request()
            if self.timed_out:
                raise ConfigError(f"nobody granted access within {seconds:.0f} seconds; try again")
        return self.answer

    def handle_timeout(self) -> None:
        """Nobody came."""
        self.timed_out = True


class _Handler(BaseHTTPRequestHandler):
    server: Redirect
    timeout = 10  # a browser that connects ahead of need and says nothing

    def do_GET(self) -> None:
        """The redirect, or something else that a browser asks for."""
        path, _, query = self.path.partition("?")
        is_redirect = path == self.server.path and query != ""
        if is_redirect:
            self.server.answer = dict(parse_qsl(query))
        body = _PAGE % (b"Thank you. The terminal says what came of it." if is_redirect else b"Nothing here.")
        self.send_response(200 if is_redirect else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the path holds the code."""


def connect(application: Application, client_state: ClientState, seconds: float = _SECONDS_TO_ALLOW) -> None:
    """The whole conversation with a person at a terminal."""
    with Redirect(application.redirect_uri) as redirect:
        url, state = begin(application)
        _tell(f"Open this address, sign in to {application.title} and allow it:\n\n  {url}\n")
        finish(application, client_state, state, redirect.heard(seconds))
    _tell(f"{application.title} is connected.")


def main(arguments: Sequence[str]) -> int:
    """Connect the provider that is named; 1 where a person must do something first."""
    import airflow  # noqa: F401  it asks this package for its connection types while it is loaded: not in the middle of them

    from crm_sync.hooks.accounts import account_hook
    from crm_sync.hooks.database import state_database

    try:
        provider = providers.get(arguments[0] if arguments else "")
        with state_database() as state:
            hook = account_hook(provider.name)()
            connect(flow.application_of(provider, hook.credentials()), hook.client_state(state))
    except CrmSyncError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _tell(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
