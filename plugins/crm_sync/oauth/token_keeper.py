"""Shares one token among workers: added to each call, renewed by one worker at a time, stored before it is used."""

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
    """Adds the access token to each call and renews it after a refusal, one worker at a time.

    A token counts as expired when the service refuses it (401); this machine's clock does not matter. A new token is
    stored before it is used, because a rotating refresh token would be lost if the worker died. If the provider does
    not renew tokens, a refusal means that the permission was withdrawn.
    """

    def __init__(self, application: Application, client_state: ClientState) -> None:
        self._application = application
        self._client_state = client_state
        self._in_this_process = threading.Lock()
        self._token: Token | None = None

    def __call__(self, request: Request) -> Request:
        """Add the token to a request."""
        request.headers["Authorization"] = f"Bearer {self._access_token()}"
        return request

    def renew(self, refused: str) -> bool:
        """Get another access token than the refused one: another worker's, or a renewed one. Always True; a
        DisconnectedError if there is none."""
        with self._in_this_process, self._client_state.token() as slot:
            token = self._connected(slot.value)
            if not _is_usable(token) or f"Bearer {token['access_token']}" == refused:
                token = self._renewed(token)
                slot.store(token)
        self._token = token
        return True

    @property
    def api_endpoint(self) -> str:
        """The base URL of the account's API, as named by the authorization server; without a trailing slash."""
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
