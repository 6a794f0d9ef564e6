"""What OAuth2 asks of everybody: a person who allows, a code that works once, tokens that only one worker renews.

oauthlib makes the requests' bodies and reads the answers. The session of requests-oauthlib is not used: at DEBUG it
writes tokens and secrets to the log.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from oauthlib.common import add_params_to_uri  # type: ignore[import-untyped]
from oauthlib.oauth2 import (  # type: ignore[import-untyped]
    InvalidClientError,
    InvalidGrantError,
    OAuth2Error,
    WebApplicationClient,
)
from requests.auth import AuthBase, HTTPBasicAuth

from crm_sync.errors import ConfigError, ContractError, TransientError

if TYPE_CHECKING:
    from crm_sync.memory import Memory

_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
_ON_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
_TRANSIENT_STATUSES = frozenset({408, 425, 429})  # and whatever is the server's own trouble

Token = dict[str, Any]


@dataclass(frozen=True)
class Application:
    """The pipeline as an authorization server knows it.

    ``connection_id``: the Airflow connection that holds id and secret. ``remedy``: what a person does to connect, once
    more too.
    """

    title: str
    connection_id: str
    client_id: str
    client_secret: str = field(repr=False)
    authorize_url: str
    token_url: str
    redirect_uri: str
    scopes: tuple[str, ...]
    remedy: str
    timeout_seconds: float = 30

    def __post_init__(self) -> None:
        """No secret leaves without TLS, but to a server on this machine."""
        for url in (self.authorize_url, self.token_url):
            parts = urlsplit(url)
            if parts.scheme != "https" and parts.hostname not in _ON_THIS_MACHINE:
                raise ConfigError(f"connection {self.connection_id}: {parts.hostname} must be reached by https")


def authorization_url(application: Application, state: str) -> str:
    """Where a person allows the application; ``state`` comes back with the answer."""
    asked = {
        "response_type": "code",
        "client_id": application.client_id,
        "redirect_uri": application.redirect_uri,
        "scope": " ".join(application.scopes),
        "state": state,
    }
    url: str = add_params_to_uri(application.authorize_url, list(asked.items()))
    return url


def exchanged(application: Application, code: str) -> Token:
    """The first token, for the code that came back. A ConfigError where the code is late, or was used before."""
    client = WebApplicationClient(application.client_id)
    body = client.prepare_request_body(code, application.redirect_uri, include_client_id=False)
    return _asked_for(application, client, body)


def renewed(application: Application, token: Token) -> Token:
    """A new token for an old one; a refresh token that stays is kept. A ConfigError where a person must allow again."""
    client = WebApplicationClient(application.client_id)
    body = client.prepare_refresh_body(refresh_token=token["refresh_token"])
    return {**token, **_asked_for(application, client, body)}


def _asked_for(application: Application, client: WebApplicationClient, body: str) -> Token:
    response = _posted(application, body)
    if response.status_code in _TRANSIENT_STATUSES or response.status_code >= 500:
        raise TransientError(f"{_host(application)} answered {response.status_code}")
    try:
        client.parse_request_body_response(response.text)
    except InvalidGrantError:
        raise ConfigError(f"{application.title} does not know its permission any more; {application.remedy}") from None
    except (OAuth2Error, ValueError) as error:
        raise _refusal(application, response, error) from None
    return dict(client.token)


def _refusal(application: Application, response: requests.Response, error: Exception) -> Exception:
    host = _host(application)
    if isinstance(error, InvalidClientError) or response.status_code in {401, 403}:
        return ConfigError(
            f"{host} refused the application; put its valid API key and secret, as login and password, into the"
            f" Airflow connection {application.connection_id}"
        )
    return ContractError(f"{host} answered {response.status_code} to a request for a token ({type(error).__name__})")


def _posted(application: Application, body: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False  # a proxy or a .netrc of the worker must not see the secret
        try:
            return session.post(
                application.token_url,
                data=body,
                headers=_FORM,
                auth=HTTPBasicAuth(application.client_id, application.client_secret),
                timeout=application.timeout_seconds,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise TransientError(f"{_host(application)}: {type(error).__name__}") from None


def _host(application: Application) -> str:
    return urlsplit(application.token_url).netloc.rpartition("@")[2]


class TokenKeeper(AuthBase):
    """Puts the access token into each call, and renews it when it was refused, one worker at a time.

    Not this machine's clock but the service's refusal (401) says that a token is past its time. A new token is stored
    before it is used: one that rotates is lost with the worker otherwise.
    """

    def __init__(self, application: Application, memory: Memory) -> None:
        self._application = application
        self._memory = memory
        self._in_this_process = threading.Lock()
        self._token: Token | None = None

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """What requests calls for each call."""
        request.headers["Authorization"] = f"Bearer {self._access_token()}"
        return request

    def renew(self, refused: str) -> bool:
        """Whether there is another access token than the refused one: another worker's, or one asked for now."""
        with self._in_this_process, self._memory.token() as slot:
            token = self._connected(slot.value)
            if not _is_usable(token) or f"Bearer {token['access_token']}" == refused:
                token = renewed(self._application, token)
                slot.store(token)
        self._token = token
        return True

    def _access_token(self) -> str:
        if self._token is None:
            self.renew("")
        return str((self._token or {})["access_token"])

    def _connected(self, token: Token | None) -> Token:
        if not token or not token.get("refresh_token"):
            raise ConfigError(f"{self._application.title} is not connected; {self._application.remedy}")
        return token


def _is_usable(token: Token) -> bool:
    return bool(token.get("access_token"))
