"""How the pipeline is known to Constant Contact's authorization server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_sync.errors import ConfigError
from crm_sync.oauth import Application

if TYPE_CHECKING:
    from crm_sync.providers.base import Credentials, Provider

# documented: https://developer.constantcontact.com/api_guide/server_flow
OAUTH_URL = "https://authz.constantcontact.com/oauth2/default/v1"
# Must be among the application's redirect addresses there.
REDIRECT_URI = "http://127.0.0.1:8765/"
# documented: contact_data reads and writes contacts and lists, account_read says who the account is, and without
# offline_access there is no refresh token. https://developer.constantcontact.com/api_guide/scopes
SCOPES = ("contact_data", "account_read", "offline_access")
REMEDY = "run make connect PROVIDER=constant_contact, or press Connect on the sync page"


def application(provider: Provider, credentials: Credentials) -> Application:
    """By the Airflow connection; a ConfigError that says what is missing there."""
    where = f"connection {provider.connection_id}"
    if not credentials.login or not credentials.key:
        raise ConfigError(f"{where} needs the application's API key as login and its secret as password")
    if not (credentials.login + credentials.key).isascii():
        raise ConfigError(f"{where}: API key or secret hold a character that none has; paste them again")
    url = str(credentials.extras.get("oauth_url") or OAUTH_URL).rstrip("/")
    return Application(
        title=provider.title,
        connection_id=provider.connection_id,
        client_id=credentials.login,
        client_secret=credentials.key,
        authorize_url=f"{url}/authorize",
        token_url=f"{url}/token",
        redirect_uri=str(credentials.extras.get("redirect_uri") or REDIRECT_URI),
        scopes=SCOPES,
        remedy=REMEDY,
        timeout_seconds=provider.timeout_seconds,
    )
