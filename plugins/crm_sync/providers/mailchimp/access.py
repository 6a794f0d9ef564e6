"""Access to a Mailchimp account: by an API key, or by the token of a person who granted it in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_sync.errors import DisconnectedError
from crm_sync.oauth.flow import application_of
from crm_sync.oauth.token_keeper import TokenKeeper
from crm_sync.providers.mailchimp.answers import classify
from crm_sync.transport.network import Network
from crm_sync.transport.session import RetryPolicy, Transport

if TYPE_CHECKING:
    from crm_sync.contract import Credentials, Provider
    from crm_sync.ledger.client_state import ClientState
    from crm_sync.settings import Settings

_VERSION = "/3.0"


def opened(provider: Provider, credentials: Credentials, settings: Settings, client_state: ClientState) -> Transport:
    """A transport to the account's data centre, or to the connection's base_url. A ConfigError says what is missing."""
    by_oauth = provider.connects_by_oauth(credentials)
    if not credentials.extras.get("audience_id") or not (by_oauth or credentials.key):
        raise DisconnectedError(
            f"connection {provider.connection_id} needs an API key as password and the extra audience_id"
        )
    base_url, retry_policy = str(credentials.extras.get("base_url") or ""), RetryPolicy.of(provider, settings)
    network = Network.of(credentials)
    if by_oauth:
        keeper = TokenKeeper(application_of(provider, credentials), client_state)
        url = base_url or keeper.api_endpoint + _VERSION
        return Transport(url, keeper, retry_policy, classify=classify, renew=keeper.renew).through(network)
    key = credentials.key
    if not key.isascii():
        raise DisconnectedError(
            f"connection {provider.connection_id}: the API key contains a character that no key has; paste it again"
        )
    url = base_url or _of_key(provider, key)
    return Transport(url, ("crm-sync", key), retry_policy, classify=classify).through(network)


def _of_key(provider: Provider, key: str) -> str:
    """The base URL for a key. documented: the data centre follows the key's dash."""
    _, dash, data_centre = key.rpartition("-")
    if not dash or not data_centre.isalnum():
        raise DisconnectedError(
            f"connection {provider.connection_id}: an API key ends in a dash and its data centre, such as -us14"
        )
    return f"https://{data_centre}.api.mailchimp.com{_VERSION}"
