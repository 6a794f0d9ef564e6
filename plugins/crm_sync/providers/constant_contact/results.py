"""Reads the results of jobs. Completed is not success, so people are counted or looked up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crm_sync.errors import QuotaExhaustedError, about
from crm_sync.model import SUBSCRIBER_VERBS, Verb
from crm_sync.providers.constant_contact import contacts as rules
from crm_sync.providers.constant_contact.activities import COMPLETED
from crm_sync.providers.constant_contact.answers import moment
from crm_sync.providers.constant_contact.outcomes import Person, PersonOutcome, deferred, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_sync.providers.constant_contact import wire
    from crm_sync.providers.constant_contact.activities import ActivityLog
    from crm_sync.providers.constant_contact.api import Api
    from crm_sync.providers.constant_contact.bulk import Bulk
    from crm_sync.providers.constant_contact.contacts import Contacts
    from crm_sync.providers.constant_contact.lookup import Lookup

_NOT_CONFIRMED, _ADDRESS_REFUSED = "not_confirmed", "address_refused"
_LEFT = deferred(_NOT_CONFIRMED)
# The engine's reason for operations that wait for the next day's calls.
_NO_CALLS_LEFT = "daily_quota"


class Results:
    """The outcomes for the people of activities, in one account."""

    def __init__(self, api: Api, activities: ActivityLog, contacts: Contacts, bulk: Bulk, lookup: Lookup) -> None:
        self._api = api
        self._activities = activities
        self._contacts = contacts
        self._bulk = bulk
        self._lookup = lookup

    def outcomes(self, activity: wire.Activity, people: list[Person]) -> dict[str, PersonOutcome]:
        """The outcome for each person. An activity that was not completed decides nothing about them; they are
        retried."""
        if activity.state != COMPLETED:
            return {person.subscriber_key: deferred(f"activity_{activity.state}") for person in people}
        verbs = {person.verb for person in people}
        if not verbs & set(SUBSCRIBER_VERBS):
            return self._of_memberships(activity, people)
        return self._of_deletion(activity, people) if verbs & {Verb.ARCHIVE} else self._of_import(activity, people)

    def _of_import(self, activity: wire.Activity, people: list[Person]) -> dict[str, PersonOutcome]:
        """Look everyone up, for ids and lists; contacts that differ from what is wanted are written one by one."""
        there, is_complete = self._looked_at(people, activity)
        counted = activity.status.correctable_count + activity.status.error_count
        missing = sum(person.subscriber_key not in there for person in people)
        absent = refused(_ADDRESS_REFUSED) if is_complete or counted >= missing else deferred(_NOT_CONFIRMED)

        def told(person: Person) -> PersonOutcome:
            contact = there.get(person.subscriber_key)
            if contact is not None and contact.subscriber_key != person.subscriber_key:
                self._unmake(person, contact, activity)
            return self._enrolled(person, contact, absent)

        return self._each(people, told)

    def _looked_at(self, people: list[Person], activity: wire.Activity) -> tuple[dict[str, wire.Contact], bool]:
        return self._lookup.at(people, activity, self._activities.known_at(activity))

    def _unmake(self, person: Person, contact: wire.Contact, activity: wire.Activity) -> None:
        """Delete the contact that an import created under the old address of a person who had just changed it; they are
        found by id."""
        made = self._api.contact_at(person.address, can_wait=False)
        if made is None or made.contact_id == contact.contact_id or made.deleted_at:
            return
        created, begun = moment(made.created_at), moment(activity.created_at)
        if created is not None and begun is not None and created >= begun:
            self._api.delete_contact(made.contact_id)

    def _enrolled(self, person: Person, contact: wire.Contact | None, absent: PersonOutcome) -> PersonOutcome:
        if contact is None:
            return absent
        told = rules.standing(person, contact)
        if told is not None:
            return told
        now = self._api.contact(contact.contact_id, can_wait=False)
        if now is None:
            return deferred(_NOT_CONFIRMED)
        told = self._contacts.bring_up(person, now)
        # Refused by the import and by the single call: the address is invalid, or there were too many attempts.
        is_set_aside = told.reason == rules.REFUSED and (now.deleted_at != "" or now.has_left)
        return refused(_ADDRESS_REFUSED) if is_set_aside else told

    def _each(self, people: list[Person], outcome_of: Callable[[Person], PersonOutcome]) -> dict[str, PersonOutcome]:
        """An outcome for each person. If the day's calls run out midway, the others are deferred."""
        outcomes: dict[str, PersonOutcome] = {}
        for person in people:
            try:
                with about(person.subscriber_key):
                    outcomes[person.subscriber_key] = outcome_of(person)
            except QuotaExhaustedError:
                left = [each.subscriber_key for each in people if each.subscriber_key not in outcomes]
                return outcomes | {subscriber_key: deferred(_NO_CALLS_LEFT) for subscriber_key in left}
        return outcomes

    def _of_memberships(self, activity: wire.Activity, people: list[Person]) -> dict[str, PersonOutcome]:
        if self._is_clean(activity, len(people)):
            return {person.subscriber_key: PersonOutcome() for person in people}
        there, is_complete = self._looked_at(people, activity)
        absent = refused("not_in_account") if is_complete else deferred(_NOT_CONFIRMED)
        outcomes = {
            person.subscriber_key: _membership(person, there.get(person.subscriber_key), absent) for person in people
        }
        return self._once_more(people, outcomes) if self._activities.was_crossed(activity) else outcomes

    def _once_more(self, people: list[Person], outcomes: dict[str, PersonOutcome]) -> dict[str, PersonOutcome]:
        """Submit again what another activity has undone, as a job of its own; no earlier one is left now."""
        undone = {
            subscriber_key: {each for each, told in outcome.lists.items() if told == _LEFT}
            for subscriber_key, outcome in outcomes.items()
        }
        for adds in (True, False):
            some = [_only(person, undone[person.subscriber_key], adds=adds) for person in people]
            told = self._bulk.change([person for person in some if person.joins or person.leaves], adds=adds)
            for subscriber_key, lists in told.items():
                outcomes[subscriber_key].lists |= lists
        return outcomes

    def _is_clean(self, activity: wire.Activity, people: int) -> bool:
        """Whether the counters show that everyone was processed, and no earlier job came in between."""
        counted, total = activity.status.items_completed_count, activity.status.items_total_count
        return (
            counted == total == people and not activity.activity_errors and not self._activities.was_crossed(activity)
        )

    def _of_deletion(self, activity: wire.Activity, people: list[Person]) -> dict[str, PersonOutcome]:
        if self._is_clean(activity, len(people)):
            return {person.subscriber_key: PersonOutcome() for person in people}
        there, is_complete = self._looked_at(people, activity)
        return {person.subscriber_key: _deletion(there.get(person.subscriber_key), is_complete) for person in people}


def _only(person: Person, lists: set[str], *, adds: bool) -> Person:
    """The person with those of its changes that concern ``lists``, of one direction."""
    joins, leaves = (
        [each for each in wanted if each in lists and is_asked]
        for wanted, is_asked in ((person.joins, adds), (person.leaves, not adds))
    )
    return replace(person, joins=joins, leaves=leaves)


def _deletion(contact: wire.Contact | None, is_complete: bool) -> PersonOutcome:
    is_gone = is_complete if contact is None else contact.deleted_at != ""
    return PersonOutcome() if is_gone else deferred(_NOT_CONFIRMED)


def _membership(person: Person, contact: wire.Contact | None, absent: PersonOutcome) -> PersonOutcome:
    """The outcome by the lists that a contact is in now; a person who does not exist is in none."""
    told = PersonOutcome()
    is_there = contact is not None and not contact.deleted_at
    held = set(contact.list_memberships) if contact is not None and is_there else set()
    for each in person.joins:
        if each not in held:
            told.lists[each] = _not_joined(contact, absent) if is_there else absent
    for each in person.leaves:
        if each in held:
            told.lists[each] = deferred(_NOT_CONFIRMED)
        elif not is_there and absent.status == "deferred":
            told.lists[each] = absent
    return told


def _not_joined(contact: wire.Contact | None, absent: PersonOutcome) -> PersonOutcome:
    if contact is None:
        return absent
    if contact.has_left:
        return refused("opted_out")
    if len(contact.list_memberships) >= rules.MOST_LISTS:
        return refused("too_many_lists")
    return deferred(_NOT_CONFIRMED)
