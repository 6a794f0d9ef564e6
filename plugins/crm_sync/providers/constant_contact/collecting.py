"""Fetches what became of work that was handed over. Completed is not success: people are counted, or looked at."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from crm_sync.errors import QuotaExhaustedError
from crm_sync.model import SUBSCRIBER_VERBS, Verb
from crm_sync.providers.constant_contact import people as rules
from crm_sync.providers.constant_contact import wire
from crm_sync.providers.constant_contact.answers import decoded
from crm_sync.providers.constant_contact.calls import PAGE
from crm_sync.providers.constant_contact.verdicts import Person, Verdict, deferred, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_sync.providers.constant_contact.calls import Calls
    from crm_sync.providers.constant_contact.looking import Looking
    from crm_sync.providers.constant_contact.people import People

_UNDER_WAY = frozenset({"initialized", "processing"})
_COMPLETED = "completed"
_NOT_CONFIRMED = "not_confirmed"
# The engine's word for what waits for the next day's calls.
_NO_CALLS_LEFT = "daily_quota"


class Collecting:
    """Activities of one account, and the people they were about."""

    def __init__(self, calls: Calls, people: People, looking: Looking) -> None:
        self._calls = calls
        self._people = people
        self._looking = looking
        self._listed: dict[str, wire.Activity] = {}
        self._served: set[str] = set()
        self._known_at: dict[str, float] = {}

    def finished(self, ticket: str) -> wire.Activity | None:
        """The activity of a ticket once it is over; None while it goes on.

        documented: activities are forgotten after ten days (404); such a one counts as cancelled.
        """
        activity = self._look(ticket)
        return None if activity.state in _UNDER_WAY else activity

    def _look(self, ticket: str) -> wire.Activity:
        """All are read by one call, and again for a ticket that was asked for before."""
        if not self._listed or ticket in self._served:
            self._list()
        self._served.add(ticket)
        return self._listed.get(ticket) or self._alone(ticket)

    def _list(self) -> None:
        now = time.monotonic()
        page = decoded(self._calls.get("/activities", can_wait=False, limit=PAGE), wire.Activities)
        self._listed = {each.activity_id: each for each in page.activities}
        self._known_at = dict.fromkeys(self._listed, now)
        self._served.clear()

    def _alone(self, ticket: str) -> wire.Activity:
        self._known_at[ticket] = time.monotonic()
        response = self._calls.get(f"/activities/{ticket}", can_wait=False)
        if response.status_code == HTTPStatus.NOT_FOUND:
            return wire.Activity(ticket, "forgotten")
        return decoded(response, wire.Activity)

    def verdicts(self, activity: wire.Activity, people: list[Person]) -> dict[str, Verdict]:
        """What became of everybody. An activity that was not completed says nothing of a record: tried again."""
        if activity.state != _COMPLETED:
            return {person.subject: deferred(f"activity_{activity.state}") for person in people}
        verbs = {person.verb for person in people}
        if not verbs & set(SUBSCRIBER_VERBS):
            return self._of_memberships(activity, people)
        return self._of_deletion(activity, people) if verbs & {Verb.ARCHIVE} else self._of_import(activity, people)

    def _of_import(self, activity: wire.Activity, people: list[Person]) -> dict[str, Verdict]:
        """Everybody is looked at, for ids and lists; who is there otherwise than wanted is written singly."""
        there, is_complete = self._looked_at(people, activity)
        counted = activity.status.correctable_count + activity.status.error_count
        missing = sum(person.subject not in there for person in people)
        absent = refused("address_refused") if is_complete or counted >= missing else deferred(_NOT_CONFIRMED)
        return self._each(people, lambda person: self._enrolled(person, there.get(person.subject), absent))

    def _looked_at(self, people: list[Person], activity: wire.Activity) -> tuple[dict[str, wire.Contact], bool]:
        return self._looking.at(people, activity, self._known_at[activity.activity_id])

    def _enrolled(self, person: Person, contact: wire.Contact | None, absent: Verdict) -> Verdict:
        if contact is None:
            return absent
        told = rules.standing(person, contact)
        if told is not None:
            return told
        now = self._calls.contact(contact.contact_id, can_wait=False)
        return self._people.bring_up(person, now) if now is not None else deferred(_NOT_CONFIRMED)

    def _each(self, people: list[Person], verdict_of: Callable[[Person], Verdict]) -> dict[str, Verdict]:
        """A verdict on everybody; where the calls of the day end, the others wait for the next."""
        verdicts: dict[str, Verdict] = {}
        for person in people:
            try:
                verdicts[person.subject] = verdict_of(person)
            except QuotaExhaustedError:
                left = [each.subject for each in people if each.subject not in verdicts]
                return verdicts | {subject: deferred(_NO_CALLS_LEFT) for subject in left}
        return verdicts

    def _of_memberships(self, activity: wire.Activity, people: list[Person]) -> dict[str, Verdict]:
        if _is_clean(activity, len(people)):
            return {person.subject: Verdict() for person in people}
        there, is_complete = self._looked_at(people, activity)
        absent = refused("not_in_account") if is_complete else deferred(_NOT_CONFIRMED)
        return {person.subject: _membership(person, there.get(person.subject), absent) for person in people}

    def _of_deletion(self, activity: wire.Activity, people: list[Person]) -> dict[str, Verdict]:
        if _is_clean(activity, len(people)):
            return {person.subject: Verdict() for person in people}
        there, is_complete = self._looked_at(people, activity)
        return {person.subject: _deletion(there.get(person.subject), is_complete) for person in people}


def _deletion(contact: wire.Contact | None, is_complete: bool) -> Verdict:
    is_gone = is_complete if contact is None else contact.deleted_at != ""
    return Verdict() if is_gone else deferred(_NOT_CONFIRMED)


def _is_clean(activity: wire.Activity, people: int) -> bool:
    """Whether the counters say that everybody was dealt with, and nothing was passed over."""
    counted = activity.status.items_completed_count
    return counted == activity.status.items_total_count == people and not activity.activity_errors


def _membership(person: Person, contact: wire.Contact | None, absent: Verdict) -> Verdict:
    """By the lists that a contact is in now; of somebody who is not there, every list is left."""
    told = Verdict()
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


def _not_joined(contact: wire.Contact | None, absent: Verdict) -> Verdict:
    if contact is None:
        return absent
    if contact.has_left:
        return refused("opted_out")
    if len(contact.list_memberships) >= rules.MOST_LISTS:
        return refused("too_many_lists")
    return deferred(_NOT_CONFIRMED)
