"""Keeps one token for many workers: put into each call, renewed once, stored before it is used."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from crm_sync.errors import DisconnectedError
from crm_sync.oauth.flow import API_ENDPOINT, renewed

if TYPE_CHECKING:
    from crm_sync.ledger.client_state import ClientState
    from crm_sync.oauth.flow import Application, Token
    from crm_sync.transport.answer import Request


class TokenKeeper:
    """Puts the access token into each call, and renews it when it was refused, one worker at a time.

    Not this machine's clock but the service's refusal (401) says that a token is past its time. A new token is stored
    before it is used: one that rotates is lost with the worker otherwise. Where none is renewed, a refusal says that
    the permission was taken back.
    """

    def __init__(self, application: Application, client_state: ClientState) -> None:
        self._application = application
        self._client_state = client_state
        self._in_this_process = threading.Lock()
        self._token: Token | None = None

    def __call__(self, request: Request) -> Request:
        """Put it into a call."""
        request.headers["Authorization"] = f"Bearer {self._access_token()}"
        return request

    def renew(self, refused: str) -> bool:
        """Whether there is another access token than the refused one: another worker's, or one asked for now."""
        with self._in_this_process, self._client_state.token() as slot:
            token = self._connected(slot.value)
            if not _is_usable(token) or f"Bearer {token['access_token']}" == refused:
                token = self._renewed(token)
                slot.store(token)
        self._token = token
        return True

    @property
    def api_endpoint(self) -> str:
        """Where the API of the token's account is, as the authorization server said; without a slash at its end."""
        return str(self._known()[API_ENDPOINT])

    def _access_token(self) -> str:
        return str(self._known()["access_token"])

    def _known(self) -> Token:
        if self._token is None:
            self.renew("")
        return self._token or {}

    def _renewed(self, token: Token) -> Token:
        if self._application.renews:
            return renewed(self._application, token)
        raise DisconnectedError(
            f"{self._application.title} no longer accepts its permission; {self._application.remedy}"
        )

    def _connected(self, token: Token | None) -> Token:
        lasting = "refresh_token" if self._application.renews else "access_token"
        if not token or not token.get(lasting):
            raise DisconnectedError(f"{self._application.title} is not connected; {self._application.remedy}")
        return token


def _is_usable(token: Token) -> bool:
    return bool(token.get("access_token"))
