"""Higher Logic's verbs over HTTP. Each pushes complete records; if a push fails, it finds the records at fault."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from crm_sync.client import Client as BaseClient
from crm_sync.client import FieldThere
from crm_sync.errors import ConfigError, ContractError, DisconnectedError
from crm_sync.model import MEMBERSHIP_VERBS, Verb
from crm_sync.operations import outcomes
from crm_sync.providers.higher_logic import answers
from crm_sync.providers.higher_logic.leaving import deleted, ended
from crm_sync.providers.higher_logic.push_version import DATE, DEMOGRAPHIC, TEXT, version_of
from crm_sync.transport.network import Network, service_at
from crm_sync.transport.session import KeyHeader, RetryPolicy, Transport

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crm_sync.client import Send
    from crm_sync.contract import Credentials, Provider
    from crm_sync.ledger.client_state import ClientState
    from crm_sync.operations import Operation, Outcome
    from crm_sync.providers.higher_logic.push_version import PushVersion
    from crm_sync.providers.higher_logic.wire import Answer
    from crm_sync.settings import FieldOf, Settings

REFUSED = "record_refused"  # the push failed for this record alone
SKIPPED = "record_skipped"  # the push succeeded but did not count it
# The plan's cause for archiving a person who is no longer in the CRM.
GONE = "gone_from_crm"
# If an account refuses this many records in a row and has accepted none, the records are not at fault.
_REFUSALS_THAT_TELL = 100

Records = list[tuple[str, msgspec.Raw]]


def connect(provider: Provider, credentials: Credentials, settings: Settings, _: ClientState) -> Client:
    """A client for the site that the key identifies, in version 1 together with the tenant code."""
    version = version_of(credentials.extras)
    credentials.require(provider.connection_id, version.key_title, *version.required)
    base_url = credentials.extras.get("base_url") or version.base_url
    transport = Transport(
        base_url,
        KeyHeader(version.key_header, credentials.key),
        RetryPolicy.of(provider, settings),
        classify=answers.classifier(version),
    ).through(Network.of(credentials))
    if not version.reads_answer:
        transport.taking(answers.require_taken)
    return Client(
        transport,
        str(credentials.extras.get("tenant_code") or ""),
        version,
        deletes=bool(credentials.extras.get("delete_gone")),
        fields=settings.own(provider.name).fields,
    )


class Client(BaseClient):
    """One site. A record that is pushed again replaces itself, so every verb is safe to repeat.

    ``deletes``: whether people who are gone from the CRM are deleted at Higher Logic, if the version can do that.
    ``fields``: those that the settings fill.
    """

    def __init__(
        self,
        transport: Transport,
        tenant_code: str,
        version: PushVersion,
        *,
        deletes: bool = False,
        fields: Mapping[str, FieldOf] | None = None,
    ) -> None:
        self._transport = transport
        self._tenant_code = tenant_code
        self._version = version
        self._deletes = deletes and version.can_delete
        self._fields = fields or {}
        self._is_known = False
        self._refusals = 0

    @property
    def verbs(self) -> Mapping[str, Send]:
        """See ``crm_sync.client``."""
        return {
            Verb.CREATE: self.create,
            Verb.UPDATE: self.update,
            Verb.ENABLE: self.enable,
            Verb.ARCHIVE: self.archive,
        }

    @property
    def host(self) -> str:
        """Host and port of the API."""
        return self._transport.host

    def account(self) -> dict[str, str]:
        """See ``crm_sync.client``. The API reads nothing, so an empty push shows whether key and tenant code are
        right."""
        if self._version.takes_empty_push:
            self._require_tenant()
        else:
            self._push([])
        organization = self._tenant_code or "the site of this key"
        return {"organization": organization, "contact": "", "host": self.host}

    def identity(self) -> str:
        """The tenant code of the connection, without a call; only the host if the key alone identifies the site.

        documented: version 1 has one host for all customers, version 2 has another for Canada; each host has tenants of
        its own.
        """
        service = service_at(self._transport.base_url, urlsplit(self._version.base_url).netloc)
        return f"{service}{self._tenant_code.strip().casefold()}"

    def create(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Push the records. A member who exists is replaced, with the communities that the record names."""
        records = [(each.subscriber_key, _raw(each.fields)) for each in _of_people(batch)]
        return outcomes(batch, refused=self._refused(records))

    def update(self, batch: Sequence[Operation]) -> list[Outcome]:
        """The same push."""
        return self.create(batch)

    def enable(self, batch: Sequence[Operation]) -> list[Outcome]:
        """The same push; a record says that its member is active."""
        return self.create(batch)

    def archive(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Push the last record again, neither active nor a member, and without communities and security groups, since
        these alone give access. Nobody is deleted, unless the connection asks for that and the person is gone from the
        CRM.

        If the record is refused, it is pushed again with its key alone, so that the person leaves all the same.
        """
        refused = self._refused([(each.subscriber_key, self._last_record(each)) for each in _of_people(batch)])
        bare = [(subscriber_key, ended(self._version, subscriber_key, "")) for subscriber_key in refused]
        return outcomes(batch, refused=self._refused(bare) if bare else {})

    def fields(self) -> list[FieldThere]:
        """See ``crm_sync.client``; without a call, since Higher Logic cannot be asked: a member has the fields that the
        version knows, and a push brings the demographics that it names."""
        named = [(name, each.type) for name, each in self._fields.items() if each.type == DEMOGRAPHIC]
        known = [
            *((name, TEXT) for name in self._version.texts),
            *((name, DATE) for name in self._version.days),
            *named,
        ]
        return [FieldThere(name, (kind,), False) for name, kind in known if self._version.has_field(name, kind)]

    def create_field(self, name: str, kind: str) -> FieldThere:
        """See ``crm_sync.client``. Always a ConfigError."""
        known = ", ".join(sorted(self._version.texts | self._version.days))
        others = "; a field of another name takes the type demographic" if self._version.has_demographics else ""
        raise ConfigError(f"Higher Logic has no field {name} of the type {kind}; it has {known}{others}")

    def _last_record(self, leaver: Operation) -> msgspec.Raw:
        if self._deletes and leaver.cause == GONE:
            return deleted(leaver.subscriber_key)
        return ended(self._version, leaver.subscriber_key, leaver.fields)

    def _refused(self, records: Records) -> dict[str, str]:
        """Push records, and halve a push that fails until the records at fault are isolated; subscriber_key →
        reason."""
        answer = self._push([record for _, record in records])
        if answer.success and not self._misses_some(answer, len(records)):
            self._is_known = True
            return {}
        self._require_tenant()
        if len(records) == 1:
            self._count_refusal()
            return {records[0][0]: SKIPPED if answer.success else REFUSED}
        middle = len(records) // 2
        return self._refused(records[:middle]) | self._refused(records[middle:])

    def _misses_some(self, answer: Answer, sent: int) -> bool:
        return self._version.counts_records and answer.count is not None and answer.count < sent

    def _count_refusal(self) -> None:
        self._refusals += 1
        if not self._is_known and self._refusals >= _REFUSALS_THAT_TELL:
            raise ConfigError(
                f"{self.host} takes the key and refuses every record; ask Higher Logic whether the site has version"
                f" {self._version.number} of the Push API, and put the right one into the Airflow connection"
            )

    def _require_tenant(self) -> None:
        """A DisconnectedError if the account is refused rather than a record: an empty push fails then as well."""
        if self._is_known or not self._version.takes_empty_push:
            return
        if not self._push([]).success:
            raise DisconnectedError(
                f"{self._transport.host} refuses every push for tenant code {self._tenant_code}, even an empty one; put"
                " an API Gateway Key and the tenant_code that belongs to it into the Airflow connection"
            )
        self._is_known = True

    def _push(self, records: list[msgspec.Raw]) -> Answer:
        version = self._version
        tenant = {version.tenant_field: self._tenant_code} if version.tenant_field else {}
        body = {**tenant, version.items_field: records} if version.items_field else records
        response = self._transport.call("POST", version.members_path, body=msgspec.json.encode(body))
        if response.status_code == HTTPStatus.NOT_FOUND:
            raise ConfigError(f"{self._transport.host} has no such path; look at the connection's base URL")
        return answers.answer_of(version, response)


def _of_people(batch: Sequence[Operation]) -> list[Operation]:
    """The operations on records; the memberships in a batch are part of these."""
    return [each for each in batch if each.verb not in MEMBERSHIP_VERBS]


def _raw(fields: str) -> msgspec.Raw:
    if not fields:
        raise ContractError("a record to push is empty")
    return msgspec.Raw(fields.encode())
