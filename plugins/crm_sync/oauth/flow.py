"""What OAuth2 asks of everybody: a person who allows, a code that works once, a token and how it is renewed.

oauthlib makes the requests' bodies and reads the answers. The session of requests-oauthlib is not used: at DEBUG it
writes tokens and secrets to the log.
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

# Where `make connect` hears the browser that comes back, unless the connection says otherwise.
REDIRECT_URI = "http://127.0.0.1:8765/"
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
_ON_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
_TRANSIENT_STATUSES = frozenset({408, 425, 429})  # and whatever is the server's own trouble

# Beside a token, where the API of its account is.
API_ENDPOINT = "api_endpoint"

Token = dict[str, Any]


@dataclass(frozen=True)
class Application:
    """The pipeline as an authorization server knows it.

    ``connection_id``: the Airflow connection that holds id and secret. ``remedy``: what a person does to connect,
    once more too. ``metadata_url``: where the address of a token's API is found; "" if it is fixed. The others are
    as in ``OAuth2``.
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
        """No secret leaves without TLS, but to a server on this machine."""
        for url in (self.authorize_url, self.token_url):
            if not _is_private(url):
                raise ConfigError(f"connection {self.connection_id}: {urlsplit(url).hostname} must be reached by https")


def remedy(provider: str) -> str:
    """What a person does to connect a provider."""
    return f"run make connect PROVIDER={provider}, or press Connect on the sync page"


def application_of(provider: Provider, credentials: Credentials, redirect_uri: str = "") -> Application:
    """By the data sheet and the Airflow connection; a ConfigError that says what is missing there.

    ``redirect_uri``: where the browser is sent back to, instead of where the connection says.
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
    """Where a person allows the application; ``state`` comes back with the answer."""
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
    """The first token, for the code that came back, and where the account is, if the server says so. A ConfigError
    where the code is late, or was used before."""
    client = WebApplicationClient(application.client_id)
    secret = {"client_secret": application.client_secret} if application.secret_in_body else {}
    body = client.prepare_request_body(
        code, application.redirect_uri, include_client_id=application.secret_in_body, **secret
    )
    token = _asked_for(application, client, body, "this code")
    return {**token, **_place(application, token)} if application.metadata_url else token


def renewed(application: Application, token: Token) -> Token:
    """A new token for an old one; a refresh token that stays is kept. A ConfigError where a person must allow again."""
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
    ) as error:  # oauthlib takes an object for granted
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
    """The address that the token is for; it must not be shown to a host without TLS."""
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
    """The answer; a TransientError where the server has troubles of its own."""
    with requests.Session() as session:
        session.trust_env = False  # a .netrc of the worker must not replace the secret
        session.headers["Accept-Encoding"] = answer.ENCODING
        session.hooks["response"] = [answer.unpacked]
        options = {"timeout": application.timeout_seconds, **application.network.options(url)}
        try:
            response = session.request(method, url, allow_redirects=False, **options, **request)
        except (requests.RequestException, ValueError) as error:  # the second: a redirect to what is no address
            raise failure(error, _host(application)) from None
    if response.status_code in _TRANSIENT_STATUSES or response.status_code >= 500:
        raise TransientError(f"{_host(application)} answered {response.status_code}")
    return response


def _host(application: Application) -> str:
    return urlsplit(application.token_url).netloc.rpartition("@")[2]


def _is_private(url: str) -> bool:
    """Whether nobody on the way can read what is sent there."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _ON_THIS_MACHINE)
