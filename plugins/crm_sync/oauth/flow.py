"""The authorization code flow of OAuth2: a person allows access, a code is exchanged for a token, the token is renewed.

oauthlib makes the bodies of the requests and parses the responses. The session of requests-oauthlib is not used: at
DEBUG it logs tokens and secrets.
"""

from __future__ import annotations

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
from requests.auth import HTTPBasicAuth

from crm_sync.errors import ConfigError, ContractError, DisconnectedError, TransientError
from crm_sync.transport import answer
from crm_sync.transport.network import DIRECT, Network, failure

if TYPE_CHECKING:
    from crm_sync.contract import Credentials, Provider

# Where `crm-sync connect` receives the redirected browser, unless the connection names another address.
REDIRECT_URI = "http://127.0.0.1:8765/"
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
_ON_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
_TRANSIENT_STATUSES = frozenset({408, 425, 429})  # and all 5xx

# Key, beside those of a token, of the base URL of the account's API.
API_ENDPOINT = "api_endpoint"

Token = dict[str, Any]


@dataclass(frozen=True)
class Application:
    """The pipeline as registered with an authorization server.

    ``connection_id``: the Airflow connection that holds id and secret. ``remedy``: how a person connects the account,
    or connects it again. ``metadata_url``: returns the base URL of a token's API; "" if that URL is fixed. The others
    are as in ``OAuth2``.
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
    metadata_url: str = ""
    renews: bool = True
    secret_in_body: bool = False
    timeout_seconds: float = 30
    network: Network = DIRECT

    def __post_init__(self) -> None:
        """Require TLS for every secret, except to a server on this machine."""
        for url in (self.authorize_url, self.token_url):
            if not _is_private(url):
                raise ConfigError(f"connection {self.connection_id}: {urlsplit(url).hostname} must be reached by https")


def remedy(provider: str) -> str:
    """How a person connects a provider."""
    return f"run crm-sync connect {provider}, or press Connect on the sync page"


def application_of(provider: Provider, credentials: Credentials, redirect_uri: str = "") -> Application:
    """The application of a provider, from its data sheet and Airflow connection. A ConfigError says what is missing.

    ``redirect_uri``: replaces that of the connection.
    """
    facts, where = provider.oauth, f"connection {provider.connection_id}"
    if facts is None or not provider.connects_by_oauth(credentials):
        raise ConfigError(f"{provider.title} is not connected in a browser; its key is in the Airflow {where}")
    if not credentials.login or not credentials.key:
        raise DisconnectedError(
            f"{where} needs the application's API key (client id) as login and its secret as password"
        )
    if not (credentials.login + credentials.key).isascii():
        raise DisconnectedError(
            f"{where}: the API key or secret contains a character that they never contain; paste both again"
        )
    url = str(credentials.extras.get("oauth_url") or facts.url).rstrip("/")
    return Application(
        title=provider.title,
        connection_id=provider.connection_id,
        client_id=credentials.login,
        client_secret=credentials.key,
        authorize_url=f"{url}/authorize",
        token_url=f"{url}/token",
        redirect_uri=redirect_uri or str(credentials.extras.get("redirect_uri") or REDIRECT_URI),
        scopes=facts.scopes,
        remedy=remedy(provider.name),
        metadata_url=f"{url}/metadata" if facts.names_host else "",
        renews=facts.renews,
        secret_in_body=facts.secret_in_body,
        timeout_seconds=provider.timeout_seconds,
        network=Network.of(credentials),
    )


def authorization_url(application: Application, state: str) -> str:
    """The page on which a person allows access. The redirect back contains ``state``."""
    asked = {
        "response_type": "code",
        "client_id": application.client_id,
        "redirect_uri": application.redirect_uri,
        "scope": " ".join(application.scopes),
        "state": state,
    }
    url: str = add_params_to_uri(application.authorize_url, [each for each in asked.items() if each[1]])
    return url


def exchanged(application: Application, code: str) -> Token:
    """Exchange a code for the first token, with the account's ``API_ENDPOINT`` if the server names one. A
    DisconnectedError if the code has expired or was used before."""
    client = WebApplicationClient(application.client_id)
    secret = {"client_secret": application.client_secret} if application.secret_in_body else {}
    body = client.prepare_request_body(
        code, application.redirect_uri, include_client_id=application.secret_in_body, **secret
    )
    token = _asked_for(application, client, body, "this code")
    return {**token, **_place(application, token)} if application.metadata_url else token


def renewed(application: Application, token: Token) -> Token:
    """A new token for an old one; the old refresh token is kept unless a new one came. A DisconnectedError if a person
    must allow access again."""
    client = WebApplicationClient(application.client_id)
    body = client.prepare_refresh_body(refresh_token=token["refresh_token"])
    return {**token, **_asked_for(application, client, body, "its permission")}


def _asked_for(application: Application, client: WebApplicationClient, body: str, what: str) -> Token:
    auth = None if application.secret_in_body else HTTPBasicAuth(application.client_id, application.client_secret)
    response = _sent(application, "POST", application.token_url, data=body, headers=_FORM, auth=auth)
    try:
        client.parse_request_body_response(response.text)
    except InvalidGrantError:
        raise DisconnectedError(f"{application.title} no longer accepts {what}; {application.remedy}") from None
    except (
        OAuth2Error,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
    ) as error:  # oauthlib expects an object without checking
        raise _refusal(application, response, error) from None
    return dict(client.token)


def _refusal(application: Application, response: requests.Response, error: Exception) -> Exception:
    host = _host(application)
    if isinstance(error, InvalidClientError) or response.status_code in {401, 403}:
        return DisconnectedError(
            f"{host} refused the application; put its valid API key and secret, as login and password, into the"
            f" Airflow connection {application.connection_id}"
        )
    return ContractError(f"{host} answered {response.status_code} to a request for a token ({type(error).__name__})")


def _place(application: Application, token: Token) -> Token:
    """The base URL of the token's API. It must use TLS, since the token is sent there."""
    headers = {"Authorization": f"OAuth {token['access_token']}", "Accept": "application/json"}
    response = _sent(application, "GET", application.metadata_url, headers=headers)
    try:
        told = str(response.json()[API_ENDPOINT]) if response.ok else ""
    except (ValueError, LookupError, TypeError):
        told = ""
    if not _is_private(told):
        raise ContractError(f"{_host(application)} does not say at which address the account of its token is")
    return {API_ENDPOINT: told.rstrip("/")}


def _sent(application: Application, method: str, url: str, **request: Any) -> requests.Response:
    """The response; a TransientError if the server failed or asks for a retry."""
    with requests.Session() as session:
        session.trust_env = False  # a .netrc of the worker must not replace the secret
        session.headers["Accept-Encoding"] = answer.ENCODING
        session.hooks["response"] = [answer.unpacked]
        options = {"timeout": application.timeout_seconds, **application.network.options(url)}
        try:
            response = session.request(method, url, allow_redirects=False, **options, **request)
        except (requests.RequestException, ValueError) as error:  # ValueError: a redirect to an invalid address
            raise failure(error, _host(application)) from None
    if response.status_code in _TRANSIENT_STATUSES or response.status_code >= 500:
        raise TransientError(f"{_host(application)} answered {response.status_code}")
    return response


def _host(application: Application) -> str:
    return urlsplit(application.token_url).netloc.rpartition("@")[2]


def _is_private(url: str) -> bool:
    """Whether nobody on the network can read what is sent to ``url``."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _ON_THIS_MACHINE)
