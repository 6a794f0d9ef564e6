"""VoterVoice's verbs over HTTP: one call for each person, since there is no bulk call. Existing contacts
are found first."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET

from crm_sync.errors import ConfigError, about
from crm_sync.model import Status, Verb
from crm_sync.operations import Outcome, outcomes
from crm_sync.providers.votervoice import PROVIDER, answers, wire
from crm_sync.providers.votervoice.addresses import Addresses
from crm_sync.providers.votervoice.mappings import MappedFields, Mappings, complete
from crm_sync.transport.network import Network, service_at
from crm_sync.transport.session import KeyHeader, RetryPolicy, Transport, decoded

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from crm_sync.client import Send
    from crm_sync.contract import Credentials, Provider
    from crm_sync.ledger.client_state import ClientState
    from crm_sync.operations import Operation
    from crm_sync.settings import Settings
    from crm_sync.transport.answer import Response

    Write = Callable[[wire.Contact], str]  # why the record was refused, or ""

# documented: the API's address.
BASE_URL = "https://www.votervoice.net/api"
_OWN_HOSTS = ("www.votervoice.net", "votervoice.net")
DEFAULT_LIST = PROVIDER.default_list
LEFT_OUT, FIELDS_LEFT_OUT = "address_left_out", "fields_left_out"

_CONTACTS = "/contacts"
# The job of people who wait for an e-mail address of another contact until everyone else has been written.
_WAITS = "waits_for_address"


def connect(provider: Provider, credentials: Credentials, settings: Settings, client_state: ClientState) -> Client:
    """A client for the list of an association."""
    credentials.require(provider.connection_id, "API Key", "association")
    extras = credentials.extras
    association = str(extras["association"])
    transport = Transport(
        extras.get("base_url") or BASE_URL,
        KeyHeader("Authorization", credentials.key),
        RetryPolicy.of(provider, settings),
        classify=answers.classifier(association),
    ).through(Network.of(credentials))
    return Client(transport, client_state, association, str(extras.get("list_name") or DEFAULT_LIST))


_record = msgspec.json.Decoder(wire.Record).decode


class Client(MappedFields):
    """One list of one association. People are identified by the CRM's contact id; those without it get it."""

    def __init__(self, transport: Transport, client_state: ClientState, association: str, list_name: str) -> None:
        self._transport = transport
        self._client_state = client_state
        self._association = {"association": association}
        self._list = list_name
        self._mappings = Mappings(transport, self._association)
        self._without_fields: set[str] = set()  # contact ids
        self._has_taken = False  # whether anybody was added to the list or removed from one

    @property
    def verbs(self) -> Mapping[str, Send]:
        """See ``crm_sync.client``."""
        arrivals: dict[str, Send] = {Verb.CREATE: self.create, Verb.UPDATE: self.update, Verb.ENABLE: self.enable}
        return {**arrivals, Verb.SUPPRESS: self.suppress, Verb.ARCHIVE: self.archive}

    @property
    def host(self) -> str:
        """Host and port of the API."""
        return self._transport.host

    def account(self) -> dict[str, str]:
        """See ``crm_sync.client``; the contact information names the list. Reads nothing about people."""
        others = sorted(self._mappings.lists() - {self._list})
        beside = f" (field mappings also for {', '.join(others)})" if others else ""
        return {
            "organization": self._association["association"],
            "contact": f"list {self._list}{beside}",
            "host": self.host,
        }

    def identity(self) -> str:
        """The association and, inside it, the list of the connection; without a call. assumed: each host has its own
        associations; the case of their names does not matter."""
        service = service_at(self._transport.base_url, *_OWN_HOSTS)
        return f"{service}{self._association['association'].strip().casefold()}#{self._list.strip().casefold()}"

    def create(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Add people believed to be new. A contact with the same id, or with the same e-mail address and no id,
        is taken over."""
        known = self._client_state.known(each.subscriber_key for each in batch)
        return self._each(batch, partial(self._find_or_make, known=known))

    def update(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Replace records; people who were deleted by hand come back."""
        return self._each(batch, self._replace_or_make)

    def enable(self, batch: Sequence[Operation]) -> list[Outcome]:
        """The same as create: disabled people had been removed."""
        return self.create(batch)

    def archive(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Remove people from the list that they were put into. It does not matter if they are no longer in it."""
        self._mappings.lists()
        told = {each.subscriber_key: self._removed(each.subscriber_key, each.remote_id or self._list) for each in batch}
        of_this_list = [told[each.subscriber_key] for each in batch if each.remote_id in {"", self._list}]
        self._require_list(self._list, of_this_list)
        return outcomes(batch, refused={subscriber_key: reason for subscriber_key, reason in told.items() if reason})

    def suppress(self, batch: Sequence[Operation]) -> list[Outcome]:
        """The same as archive, for Do Not Contact: VoterVoice has no field for a refusal of mail."""
        return self.archive(batch)

    def collect(self, job: str, batch: Sequence[Operation]) -> list[Outcome] | None:
        """Write the people who waited for an address again, now that everyone else has been written."""
        return self._each(batch, self._replace_or_make, is_last=True) if job == _WAITS else None

    def _removed(self, contact_id: str, list_name: str) -> str:
        query = {**self._association, "contactId": contact_id, "groupList": list_name}
        with about(contact_id):
            reason = answers.reason_of(self._transport.call("DELETE", _CONTACTS, query=query))
        self._has_taken |= not reason
        return "" if reason == answers.NOT_FOUND else reason

    def _each(self, batch: Sequence[Operation], write: Write, *, is_last: bool = False) -> list[Outcome]:
        self._mappings.lists()
        people = [(each.subscriber_key, _record(each.fields)) for each in batch]
        homes = {subscriber_key: record.home_address for subscriber_key, record in people if record.home_address}
        addresses = Addresses(self._transport, self._client_state, homes.values())
        try:
            told = {subscriber_key: self._written(record, addresses, write) for subscriber_key, record in people}
            taken = [
                (subscriber_key, record) for subscriber_key, record in people if told[subscriber_key] == answers.TAKEN
            ]
            if taken and is_last:
                told |= self._released(taken, addresses, write)
            else:
                self._let_go(taken, addresses)
        finally:
            addresses.keep()
        self._require_list(self._list, told.values())
        addresses.keep_for(homes)
        return self._told(
            batch, told, {subscriber_key: addresses.checked(home) for subscriber_key, home in homes.items()}, is_last
        )

    def _told(
        self, batch: Sequence[Operation], told: dict[str, str], homes: Mapping[str, object], is_last: bool
    ) -> list[Outcome]:
        refused = {subscriber_key: reason for subscriber_key, reason in told.items() if reason}
        remarks = {
            subscriber_key: LEFT_OUT for subscriber_key in homes.keys() - refused.keys() if not homes[subscriber_key]
        }
        remarks |= dict.fromkeys(self._without_fields & told.keys() - refused.keys(), FIELDS_LEFT_OUT)
        put_into = dict.fromkeys(told.keys() - refused.keys(), self._list)
        answer = outcomes(batch, refused=refused, remarks=remarks, remote_ids=put_into)
        waits = [each.reason == answers.TAKEN and not is_last for each in answer]
        pairs = zip(answer, waits, strict=True)
        return [Outcome(one.operation, Status.SUBMITTED.value, job=_WAITS) if wait else one for one, wait in pairs]

    def _let_go(self, taken: list[tuple[str, wire.Record]], addresses: Addresses) -> None:
        """Remove the old address from people whose new one is taken: it is no longer theirs, and the other contact may
        wait for it."""
        for _, record in taken:
            self._written(msgspec.structs.replace(record, email_address=None), addresses, self._put)

    def _released(self, taken: list[tuple[str, wire.Record]], addresses: Addresses, write: Write) -> dict[str, str]:
        """Take addresses from people whom the pipeline archived, and write those who need them: removing people from
        the list does not free their addresses. Returns the reasons of the people written."""
        holders: dict[str, list[wire.Found]] = {}
        for subscriber_key, record in taken:
            holders[subscriber_key] = [
                each for each in self._found(email=record.email_address) if each.membership.contact_id
            ]
        ids = {str(each.membership.contact_id) for found in holders.values() for each in found}
        gone = self._client_state.archived(ids) - {subscriber_key for subscriber_key, _ in taken} if ids else set()
        freed = {
            subscriber_key
            for subscriber_key, found in holders.items()
            for each in found
            if each.membership.contact_id in gone and self._without_address(each) == ""
        }
        return {
            subscriber_key: self._written(record, addresses, write)
            for subscriber_key, record in taken
            if subscriber_key in freed
        }

    def _without_address(self, there: wire.Found) -> str:
        """Remove the e-mail address of a contact; it stays in its list."""
        response = self._write("PUT", {"contactId": there.membership.contact_id}, there.without_address())
        return answers.reason_of(response)

    def _written(self, record: wire.Record, addresses: Addresses, write: Write) -> str:
        """Why a record was refused, or "". All calls of a person are retried together: after a POST whose response was
        lost, the person is looked up before another POST."""
        self._without_fields.discard(str(record.membership.contact_id))
        contact = self._as_sent(record, addresses)
        reason = self._tried(contact, write)
        if reason == answers.REFUSED and addresses.forget(record.home_address):
            renewed = self._as_sent(record, addresses)
            if renewed != contact:
                contact, reason = renewed, self._tried(renewed, write)
        reason, sent = self._lessened(contact, write) if reason == answers.REFUSED else (reason, contact)
        if not reason and contact.home_address and not sent.home_address:
            addresses.give_up(record.home_address)
        if not reason and contact.custom_field_values and not sent.custom_field_values:
            self._without_fields.add(str(record.membership.contact_id))
        self._has_taken |= not reason
        return reason

    def _lessened(self, contact: wire.Contact, write: Write) -> tuple[str, wire.Contact]:
        """Why even the least that could be sent was refused, or ""; and what was sent last."""
        reason, sent = answers.REFUSED, contact
        for sent in contact.lesser():
            reason = self._tried(sent, write)
            if reason != answers.REFUSED:
                break
        return reason, sent

    def _tried(self, contact: wire.Contact, write: Write) -> str:
        with about(str(contact.membership.contact_id)):
            return self._transport.again(lambda: write(contact))

    def _as_sent(self, record: wire.Record, addresses: Addresses) -> wire.Contact:
        """The record with its list and its checked address. documented: null is the default list."""
        said = msgspec.structs.asdict(record)
        group_list = None if self._list == DEFAULT_LIST else self._list
        membership = wire.Membership(record.membership.contact_id, group_list)
        home = addresses.checked(record.home_address)
        values = self._mappings.values(said.pop("custom_fields"))
        return wire.Contact(**{**said, "membership": membership, "home_address": home, "custom_field_values": values})

    def _require_list(self, list_name: str, reasons: Collection[str]) -> None:
        """A ConfigError if all records were refused and nobody was ever accepted into the list. documented: only lists
        with a field mapping are reported, and a list that only the API fills may lack one."""
        known = self._mappings.lists()
        if set(reasons) != {answers.REFUSED} or not known or list_name in known | {DEFAULT_LIST}:
            return
        if not self._has_taken and not self._client_state.has_held(list_name):
            raise ConfigError(
                f"{self._transport.host} refuses records for list {list_name}, and reports only other lists;"
                " put the name of the list into the connection's extra list_name"
            )

    # -- one person

    def _find_or_make(self, contact: wire.Contact, known: Collection[str | None] = ()) -> str:
        """Look the person up before a POST: by the address if there is one, and by the id only for those ``known`` to
        have been sent, who may have another address at VoterVoice. Nobody else has got the id yet."""
        contact_id, address = contact.membership.contact_id, contact.email_address
        if (contact_id in known or not address) and self._found(contactId=contact_id):
            return self._put(contact)
        for each in self._found(email=address) if address else []:
            is_own = each.membership.contact_id == contact_id
            if is_own or (not each.membership.contact_id and self._adopt(each, contact_id)):
                return self._put(contact)
        response = self._write("POST", {}, complete(contact, ()))
        # Created by a call whose response was lost, or by another program that has the CRM's ids.
        if response.status_code == HTTPStatus.CONFLICT and self._found(contactId=contact_id):
            return self._put(contact)
        return answers.reason_of_new(response)

    def _replace_or_make(self, contact: wire.Contact) -> str:
        reason = self._put(contact)
        return self._find_or_make(contact) if reason == answers.NOT_FOUND else reason

    def _found(self, **named: str | None) -> list[wire.Found]:
        response = self._transport.once("GET", _CONTACTS, query={**self._association, **named})
        return decoded(response, list[wire.Found])

    def _adopt(self, there: wire.Found, contact_id: str | None) -> bool:
        """Give a contact without an id the CRM's. False if it has got one meanwhile, or its temporary id has
        expired."""
        body = {"membership": {"contactId": contact_id}}
        response = self._write("PATCH", {"temporaryContactId": there.temporary_contact_id}, body)
        return answers.reason_of(response) == ""

    def _put(self, contact: wire.Contact) -> str:
        contact_id = contact.membership.contact_id
        held = [] if contact.custom_field_values is UNSET else self._found(contactId=contact_id)
        there = [value for each in held for value in each.custom_field_values]
        return answers.reason_of(self._write("PUT", {"contactId": contact_id}, complete(contact, there)))

    def _write(self, method: str, named: dict[str, str | None], body: object) -> Response:
        query = {**self._association, **named}
        return self._transport.once(method, _CONTACTS, query=query, body=msgspec.json.encode(body))
