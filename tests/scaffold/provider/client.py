"""The verbs of Acme Mail over HTTP: a call a person, with the whole record."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from crm_sync.client import Client as BaseClient
from crm_sync.errors import ContractError, DisconnectedError, about
from crm_sync.model import Verb
from crm_sync.operations import outcomes
from crm_sync.transport import session
from crm_sync.transport.network import Network, service_at
from crm_sync.transport.session import KeyHeader, RetryPolicy, Transport
from scaffold.provider import wire

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from crm_sync.client import Send
    from crm_sync.contract import Credentials, Provider
    from crm_sync.ledger.client_state import ClientState
    from crm_sync.operations import Operation, Outcome
    from crm_sync.settings import Settings
    from crm_sync.transport.answer import Response

# assumed: the API's address.
BASE_URL = "https://api.example.org/v1"
# Why a record was refused. assumed.
REASONS = {HTTPStatus.UNPROCESSABLE_ENTITY: "record_refused"}


def connect(provider: Provider, credentials: Credentials, settings: Settings, _: ClientState) -> Client:
    """A client for the account that the connection names."""
    credentials.require(provider.connection_id, "API Key", "account_id")
    account_id = str(credentials.extras["account_id"])
    transport = Transport(
        credentials.extras.get("base_url") or BASE_URL,
        KeyHeader("X-Api-Key", credentials.key),
        RetryPolicy.of(provider, settings),
        classify=_classifier(account_id),
    ).through(Network.of(credentials))
    return Client(transport, account_id)


def _classifier(account_id: str) -> Callable[[Response], Exception | None]:
    """What a status means for the whole call: as everywhere, but for a key of another account. assumed: 403."""

    def classify(response: Response) -> Exception | None:
        if response.status_code == HTTPStatus.FORBIDDEN and session.is_json(response):
            return DisconnectedError(
                f"{urlsplit(response.url).hostname} refused the key for account {account_id} (403); put the key and the"
                " account_id that belong together into the Airflow connection"
            )
        return session.classify(response)

    return classify


class Client(BaseClient):
    """One account. A record that is sent again replaces itself, so every verb may be repeated."""

    def __init__(self, transport: Transport, account_id: str) -> None:
        self._transport = transport
        self._account_id = account_id
        self._path = f"/accounts/{quote(account_id, safe='')}"

    @property
    def verbs(self) -> Mapping[str, Send]:
        """Those of the data sheet."""
        return {
            Verb.CREATE: self.create,
            Verb.UPDATE: self.create,
            Verb.ENABLE: self.create,
            Verb.ARCHIVE: self.archive,
        }

    @property
    def host(self) -> str:
        """Host and port of the API."""
        return self._transport.host

    def account(self) -> dict[str, str]:
        """Who answers. Sends nothing."""
        answer = session.decoded(self._transport.call("GET", self._path), wire.Account)
        return {"organization": answer.name, "contact": answer.contact, "host": self.host}

    def identity(self) -> str:
        """The account of the connection; nobody is asked."""
        service = service_at(self._transport.base_url, urlsplit(BASE_URL).netloc)
        return f"{service}{self._account_id.strip().casefold()}"

    def create(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Send whole records, with the lists that they are in; somebody who is held already is replaced."""
        return self._each(batch, self._put)

    def archive(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Take people out. Somebody who is not held is as desired."""
        return self._each(batch, self._delete)

    def _each(self, batch: Sequence[Operation], call: Callable[[Operation], str]) -> list[Outcome]:
        """A call for each person. Memberships in the batch go with the record of their person."""
        refused: dict[str, str] = {}
        for operation in batch:
            if operation.is_own:
                with about(operation.subscriber_key):
                    if reason := call(operation):
                        refused[operation.subscriber_key] = reason
        return outcomes(batch, refused=refused)

    def _put(self, operation: Operation) -> str:
        """Why the record was refused, or ""."""
        response = self._transport.call("PUT", self._path_of(operation), body=operation.fields.encode())
        if response.status_code in REASONS:
            return REASONS[HTTPStatus(response.status_code)]
        if session.decoded(response, wire.Held).id != operation.subscriber_key:
            raise ContractError(f"{self.host} answered about another person than was asked")
        return ""

    def _delete(self, operation: Operation) -> str:
        response = self._transport.call("DELETE", self._path_of(operation))
        if not response.ok and response.status_code != HTTPStatus.NOT_FOUND:
            raise ContractError(f"{self.host} answered {response.status_code} to the removal of a person")
        return ""

    def _path_of(self, operation: Operation) -> str:
        return f"{self._path}/people/{quote(operation.subscriber_key, safe='')}"
