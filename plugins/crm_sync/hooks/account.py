"""Makes a provider's client from its Airflow connection; also what the button Test shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk import BaseHook

from crm_sync import forms, providers
from crm_sync.contract import Credentials
from crm_sync.errors import ConfigError, CrmSyncError, DisconnectedError
from crm_sync.hooks import configuration
from crm_sync.hooks.cipher import AirflowCipher
from crm_sync.hooks.connections import find_connection
from crm_sync.hooks.database import state_database
from crm_sync.hooks.extras import read_extras
from crm_sync.ledger.client_state import ClientState

if TYPE_CHECKING:
    from airflow.sdk import Connection

    from crm_sync.client import Client
    from crm_sync.contract import Provider
    from crm_sync.ledger.database import Database
    from crm_sync.settings import Settings


_ENABLED = "enabled"
# Every provider has this extra, whether or not its form has a field for it.
_SWITCH: dict[str, dict[str, Any]] = {_ENABLED: {"schema": {"type": "boolean"}}}


# The fields of NETWORK_EXTRAS, which every provider has.
_NETWORK = {
    "proxy": forms.text(
        "Proxy",
        "The HTTP proxy for calls to the service, such as http://proxy.example.org:3128; empty for"
        " HTTPS_PROXY of the workers, or none.",
    ),
    "ca_bundle": forms.text(
        "CA Bundle",
        "A file on the workers with the certificates to trust, in PEM format; empty for REQUESTS_CA_BUNDLE or"
        " SSL_CERT_FILE of the workers, or the default ones.",
    ),
}


class AccountHook(BaseHook):
    """The account at a provider; ``hooks.accounts`` makes a subclass for each provider.

    ``connection_id``: the Airflow connection. Its password is the key, its extras are the fields of the form.
    """

    # The provider's name is its connection type.
    conn_type: ClassVar[str]
    hook_name: ClassVar[str]
    default_conn_name: ClassVar[str]
    conn_name_attr = "connection_id"

    def __init__(self, connection_id: str | None = None) -> None:
        super().__init__()
        self.connection_id = connection_id or self.provider.connection_id

    @property
    def provider(self) -> Provider:
        """The data sheet."""
        return providers.get(self.conn_type)

    @classmethod
    def fields(cls) -> dict[str, dict[str, Any]]:
        """The fields of the form: the provider's own, proxy and certificates."""
        return {name: dict(each) for name, each in providers.get(cls.conn_type).form.fields.items()} | _NETWORK

    @property
    def is_enabled(self) -> bool:
        """The switch Enabled of the connection; True if the connection does not exist yet.

        A ConfigError if its value is neither true nor false.
        """
        try:
            connection = self._connection()
        except DisconnectedError:
            return True
        return bool(self._extras(connection).get(_ENABLED, True))

    def _connection(self) -> Connection:
        return find_connection(self.connection_id, self.conn_type, f"the {self.provider.title} account")

    def _extras(self, connection: Connection) -> dict[str, Any]:
        return read_extras(connection.extra_dejson, {**_SWITCH, **self.fields()}, self.connection_id)

    def get_conn(self, state: Database, settings: Settings | None = None) -> Client:
        """A client for the account, which keeps its client state in ``state``. A ConfigError if the connection is
        missing or incomplete."""
        settings = settings or configuration.read().settings.of(self.conn_type)
        return self.provider.connect(self.credentials(), settings, self.client_state(state))

    def credentials(self) -> Credentials:
        """Key, login and extras of the connection, without empty fields."""
        connection = self._connection()
        extras = {name: value for name, value in self._extras(connection).items() if name != _ENABLED}
        return Credentials(connection.password or "", connection.login or "", extras)

    def sheet(self) -> Provider:
        """The data sheet with the connection's options. The unchanged sheet if the connection is missing or invalid:
        that error is raised on connecting, in a run that can fail because of it."""
        try:
            return self.provider.as_connected(self.credentials().extras)
        except ConfigError:
            return self.provider

    def client_state(self, state: Database) -> ClientState:
        """The client state of the account; tokens in it are encrypted with Airflow's key."""
        return ClientState(state, self.conn_type, AirflowCipher())

    @property
    def connects_by_oauth(self) -> bool:
        """Whether a person must authorize the account in a browser; False if there is no valid connection."""
        try:
            return self.provider.connects_by_oauth(self.credentials())
        except ConfigError:
            return False

    def who_answers(self, state: Database, settings: Settings | None = None) -> dict[str, str]:
        """``Client.account``: organization, contact and host. ``remark``: whether the initial synchronization is
        complete, if the provider cannot be read back. Changes nothing at the provider."""
        client = self.get_conn(state, settings)
        return {**client.account(), "remark": self._initial_synchronization(state, client)}

    def test_connection(self) -> tuple[bool, str]:
        """Whether a call succeeds, and the account as in ``who_answers``, for a person to read."""
        try:
            with state_database() as state:
                account = self.who_answers(state)
                parts = [account["organization"], account["contact"], account["remark"]]
        except CrmSyncError as error:
            return False, str(error)
        return True, f"{account['host']} answered: {', '.join(part for part in parts if part)}"

    def _initial_synchronization(self, state: Database, client: Client) -> str:
        from crm_sync.ledger import store  # loads psycopg

        if self.provider.reads_back:
            return ""
        with state.transaction() as transaction:
            is_complete = store.has_synchronized(transaction, self.conn_type, client.identity())
        return f"initial synchronization {'complete' if is_complete else 'not yet complete'}"
