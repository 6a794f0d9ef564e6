"""Constant Contact's verbs over HTTP: bulk calls where possible, single calls for the rest."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from crm_sync.client import Client as BaseClient
from crm_sync.errors import ContractError, QuotaExhaustedError, TransientError, about
from crm_sync.model import MEMBERSHIPS, Status, Verb
from crm_sync.oauth.flow import application_of
from crm_sync.oauth.token_keeper import TokenKeeper
from crm_sync.providers.constant_contact import answers, wire
from crm_sync.providers.constant_contact.activities import COMPLETED, WORK_GOES_ON, ActivityLog
from crm_sync.providers.constant_contact.api import BASE_URL, Api
from crm_sync.providers.constant_contact.bulk import Bulk
from crm_sync.providers.constant_contact.contacts import Contacts
from crm_sync.providers.constant_contact.custom_fields import CustomFields
from crm_sync.providers.constant_contact.imports import fits
from crm_sync.providers.constant_contact.lookup import Lookup
from crm_sync.providers.constant_contact.outcomes import (
    Person,
    PersonOutcome,
    answered,
    answered_of_list,
    deferred,
    people_of,
    refused,
    submitted,
)
from crm_sync.providers.constant_contact.reader import Reader
from crm_sync.providers.constant_contact.results import Results
from crm_sync.transport.budget import Budget
from crm_sync.transport.network import Network
from crm_sync.transport.session import RetryPolicy, Transport, decoded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from crm_sync.client import FieldThere, Send
    from crm_sync.contract import Credentials, Provider
    from crm_sync.ledger.client_state import ClientState
    from crm_sync.operations import Operation, Outcome
    from crm_sync.settings import Settings

# documented: an account has at most 1,000 lists. https://developer.constantcontact.com/api_guide/lists_overview
_MOST_LISTS_THERE = 1000


def connect(provider: Provider, credentials: Credentials, settings: Settings, client_state: ClientState) -> Client:
    """A client for the account whose token is stored; the connection contains the application's key and secret."""
    keeper = TokenKeeper(application_of(provider, credentials), client_state)
    transport = Transport(
        str(credentials.extras.get("base_url") or BASE_URL),
        keeper,
        RetryPolicy.of(provider, settings),
        classify=answers.classify,
        renew=keeper.renew,
        budget=Budget(provider, client_state),
    ).through(Network.of(credentials))
    fields = settings.own(provider.name).fields
    api = Api(transport, reads_fields=bool(fields))
    return Client(api, CustomFields(api, fields))


class Client(Reader, BaseClient):
    """One account. Every verb is safe to repeat: existing records are found, not created twice."""

    def __init__(self, api: Api, custom: CustomFields) -> None:
        super().__init__(api, custom)
        self._activities = ActivityLog(api)
        self._contacts = Contacts(api, self._activities)
        self._bulk = Bulk(api, self._contacts)
        self._results = Results(api, self._activities, self._contacts, self._bulk, Lookup(api))

    # -- people

    @property
    def verbs(self) -> Mapping[str, Send]:
        """See ``crm_sync.client``."""
        return {
            Verb.CREATE: self.create,
            Verb.UPDATE: self.update,
            Verb.CHANGE_ADDRESS: self.change_address,
            Verb.ENABLE: self.enable,
            Verb.SUPPRESS: self.suppress,
            Verb.ARCHIVE: self.archive,
            MEMBERSHIPS: self.change_membership,
            Verb.CREATE_LIST: self.create_list,
            Verb.RENAME_LIST: self.rename_list,
            Verb.DELETE_LIST: self.delete_list,
        }

    def create(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Import people with the lists of the batch. People whom an import cannot take are written one by one. Neither
        subscribes anybody who left."""
        people = people_of(batch, self._custom)
        outcomes = self._bulk.enroll([person for person in people if fits(person)])
        others = [person for person in people if not fits(person)]
        return answered(batch, outcomes | _each(others, self._contacts.enroll))

    def update(self, batch: Sequence[Operation]) -> list[Outcome]:
        """As ``create``: an import changes what is sent and adds lists. The rest is written when the job is
        collected."""
        return self.create(batch)

    def enable(self, batch: Sequence[Operation]) -> list[Outcome]:
        """As ``create``; people whom the account itself had unsubscribed are subscribed when the job is collected."""
        return self.create(batch)

    def change_address(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Give contacts their new address."""
        return answered(batch, _each(people_of(batch, self._custom), self._contacts.move))

    def suppress(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Unsubscribe people for Do Not Contact, and remove them from the lists of the batch."""
        outcomes: dict[str, PersonOutcome] = {}
        staying: list[Person] = []
        for person in people_of(batch, self._custom):
            outcome, lists = self._contacts.suppress(person)
            outcomes[person.subscriber_key] = outcome
            if lists:
                staying.append(Person(person.subscriber_key, person.address, remote_id=outcome.remote_id, leaves=lists))
        for subscriber_key, told in self._bulk.change(staying, adds=False).items():
            outcomes[subscriber_key].lists = told
        return answered(batch, outcomes)

    def archive(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Delete people, reversibly; that removes them from all lists. A person who does not exist counts as done,
        unless a running job may yet create them."""
        people = self._identified(people_of(batch, self._custom))
        there = [person for person in people if person.remote_id]
        outcomes = self._bulk.delete(there) if there else {}
        absent = {person.subscriber_key: self._contacts.absence() for person in people if not person.remote_id}
        return answered(batch, absent | outcomes)

    def change_membership(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Add people to lists and remove others: one call for people with the same lists, in each direction."""
        people = self._identified(people_of(batch, self._custom))
        there = [person for person in people if person.remote_id]
        outcomes = {
            person.subscriber_key: PersonOutcome() if person.remote_id else self._nobody(person) for person in people
        }
        for adds in (True, False):
            for subscriber_key, told in self._bulk.change(there, adds=adds).items():
                outcomes[subscriber_key].lists |= told
        return answered(batch, outcomes)

    def _identified(self, people: list[Person]) -> list[Person]:
        """Fill in the ids that bulk calls need; "" for a person who does not exist or is deleted."""
        for person in people:
            if not person.remote_id:
                with about(person.subscriber_key):
                    contact = self._contacts.held(person)
                person.remote_id = contact.contact_id if contact is not None else ""
        return people

    def _nobody(self, person: Person) -> PersonOutcome:
        """The outcome on the memberships of a person who does not exist."""
        absence = self._contacts.absence()
        joined = refused("not_in_account") if absence.status == Status.APPLIED else absence
        return PersonOutcome(lists=dict.fromkeys(person.leaves, absence) | dict.fromkeys(person.joins, joined))

    # -- fields

    def fields(self) -> list[FieldThere]:
        """See ``crm_sync.client``: the custom fields."""
        return self._custom.all()

    def create_field(self, name: str, kind: str) -> FieldThere:
        """See ``crm_sync.client``."""
        return self._custom.create(name, kind)

    # -- lists

    def create_list(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Create a list. An existing list of that name is used if it is empty; one with people belongs to somebody
        else."""
        name = batch[0].list_name
        response = self._api.post_list(name)
        if response.ok:
            return answered_of_list(batch, PersonOutcome(remote_id=decoded(response, wire.ContactList).list_id))
        if response.status_code not in {HTTPStatus.BAD_REQUEST, HTTPStatus.CONFLICT}:
            raise ContractError(f"Constant Contact answered {response.status_code} to a new list")
        there = self.lists()
        if response.status_code == HTTPStatus.BAD_REQUEST:
            is_full = len(there) >= _MOST_LISTS_THERE
            return answered_of_list(batch, refused("too_many_lists_in_account" if is_full else "list_name_refused"))
        same = there[there["name"].str.casefold() == name.casefold()]
        if len(same) and self._activities.goes_on:
            raise TransientError("a list of that name exists, and a job that may delete it is still running")
        if len(same) and int(same["members"].iloc[0]) == 0:
            return answered_of_list(batch, PersonOutcome(remote_id=same["remote_id"].iloc[0]))
        return answered_of_list(batch, refused("list_name_taken"))

    def rename_list(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Rename a list; its people and description stay. Deferred while a job is running that may delete it."""
        asked = batch[0]
        if self._activities.goes_on:
            return answered_of_list(batch, deferred(WORK_GOES_ON))
        held = self._api.get_list(asked.remote_list_id)
        if held is None:
            return answered_of_list(batch, refused("list_gone"))
        response = self._api.put_list(held, asked.list_name)
        if response.status_code == HTTPStatus.NOT_FOUND:
            return answered_of_list(batch, refused("list_gone"))
        if response.ok:
            return answered_of_list(batch, PersonOutcome(remote_id=decoded(response, wire.ContactList).list_id))
        return answered_of_list(batch, refused("list_name_taken"))

    def delete_list(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Submit the deletion of a list; its people stay in the account."""
        response = self._api.delete_list(batch[0].remote_list_id)
        if response.status_code == HTTPStatus.NOT_FOUND:
            return answered_of_list(batch, PersonOutcome())
        return answered_of_list(batch, submitted(decoded(response, wire.Activity).activity_id))

    def collect(self, job: str, batch: Sequence[Operation]) -> list[Outcome] | None:
        """See ``crm_sync.client``: the outcomes of an activity, when it has ended."""
        activity = self._activities.finished(job)
        if activity is None:
            return None
        if batch[0].verb == Verb.DELETE_LIST:
            is_done = activity.state == COMPLETED
            return answered_of_list(batch, PersonOutcome() if is_done else deferred(f"activity_{activity.state}"))
        return answered(batch, self._results.outcomes(activity, people_of(batch, self._custom)))


def _each(people: list[Person], write: Callable[[Person], PersonOutcome]) -> dict[str, PersonOutcome]:
    """An outcome for each person. If the day's calls run out midway, the others are deferred."""
    outcomes: dict[str, PersonOutcome] = {}
    for person in people:
        try:
            with about(person.subscriber_key):
                outcomes[person.subscriber_key] = write(person)
        except QuotaExhaustedError:
            if not outcomes:
                raise
            left = {each.subscriber_key for each in people} - outcomes.keys()
            return outcomes | {subscriber_key: deferred("daily_quota") for subscriber_key in left}
    return outcomes
