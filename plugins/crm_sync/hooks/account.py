"""From a provider's Airflow connection to its client, and what a person sees on pressing Test."""

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
# Of every provider, whether or not its form has a field for it.
_SWITCH: dict[str, dict[str, Any]] = {_ENABLED: {"schema": {"type": "boolean"}}}


# Of every provider: NETWORK_EXTRAS, as the form asks for them.
_NETWORK = {
    "proxy": forms.text(
        "Proxy",
        "The HTTP proxy through which the service is reached, such as http://proxy.example.org:3128; empty for"
        " HTTPS_PROXY of the workers, or none.",
    ),
    "ca_bundle": forms.text(
        "CA Bundle",
        "A file on the workers with the certificates to trust, in PEM form; empty for REQUESTS_CA_BUNDLE or"
        " SSL_CERT_FILE of the workers, or the usual ones.",
    ),
}


class AccountHook(BaseHook):
    """One account at a provider; ``hooks.accounts`` makes a subclass for each.

    ``connection_id``: of the Airflow connection; its password is the key, its extras are those the form asks for.
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
        """The fields of the form: the provider's own, and those of the way to it."""
        return {name: dict(each) for name, each in providers.get(cls.conn_type).form.fields.items()} | _NETWORK

    @property
    def is_enabled(self) -> bool:
        """What the connection's form says under Enabled; a connection that is still to be made is not switched off.

        A ConfigError where it says what is neither true nor false.
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
        """A client for the account, whose memory is in ``state``. A ConfigError where the connection is missing or not
        filled in as it must be."""
        settings = settings or configuration.read().settings.of(self.conn_type)
        return self.provider.connect(self.credentials(), settings, self.client_state(state))

    def credentials(self) -> Credentials:
        """What the connection says of the account; fields that were left empty are left out."""
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
        """What the account's client remembers, sealed with Airflow's key where it must be."""
        return ClientState(state, self.conn_type, AirflowCipher())

    @property
    def connects_by_oauth(self) -> bool:
        """Whether somebody must allow the account in a browser; not as long as there is no connection."""
        try:
            return self.provider.connects_by_oauth(self.credentials())
        except ConfigError:
            return False

    def who_answers(self, state: Database, settings: Settings | None = None) -> dict[str, str]:
        """``Client.account``: organization, contact and host; and as ``remark``, where nothing can be read back,
        whether the initial synchronization is complete. Sends nothing."""
        client = self.get_conn(state, settings)
        return {**client.account(), "remark": self._initial_synchronization(state, client)}

    def test_connection(self) -> tuple[bool, str]:
        """Whether the account answers, and who it says it is: host, organization and contact information; where nothing
        can be read back, whether the initial synchronization is complete."""
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
