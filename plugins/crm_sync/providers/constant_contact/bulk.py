"""Submits bulk jobs: imports, changes of memberships, deletions. A job is the id of its activity."""

from __future__ import annotations

import time
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from crm_sync.errors import ContractError
from crm_sync.providers.constant_contact import wire
from crm_sync.providers.constant_contact.answers import QueueFullError
from crm_sync.providers.constant_contact.imports import Import, imports
from crm_sync.providers.constant_contact.outcomes import PersonOutcome, deferred, refused, submitted
from crm_sync.transport.session import decoded

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_sync.providers.constant_contact.api import Api
    from crm_sync.providers.constant_contact.contacts import Contacts
    from crm_sync.providers.constant_contact.outcomes import Person
    from crm_sync.transport.answer import Response

# documented: 500 contact_ids and 50 list_ids a call. https://api.cc.email/v3/swagger.yaml
MOST_PEOPLE = 500
MOST_LISTS = 50
# The reason of operations that wait for a full queue, and for how long no further job is submitted.
_QUEUE_FULL = "activity_queue_full"
_SECONDS_FULL = 300.0
ADDITIONS, REMOVALS = "add_list_memberships", "remove_list_memberships"


class Bulk:
    """Bulk calls of one account."""

    def __init__(self, api: Api, contacts: Contacts) -> None:
        self._api = api
        self._contacts = contacts
        self._full_until = 0.0  # by time.monotonic()

    def enroll(self, people: list[Person]) -> dict[str, PersonOutcome]:
        """Import people. documented: an import subscribes nobody who left, and counts them in
        cannot_add_to_list_count."""
        outcomes: dict[str, PersonOutcome] = {}
        for part in imports(people):
            outcomes |= self._imported(part)
        return outcomes

    def _imported(self, part: Import) -> dict[str, PersonOutcome]:
        job, gone = self._submitted("contacts_json_import", part.lists, lambda lists: part._replace(lists=lists).body)
        told = {each: refused("list_gone") for each in gone}
        if job is None:
            return {person.subscriber_key: deferred(_QUEUE_FULL) for person in part.people}
        if job:
            return {person.subscriber_key: _with_lists(submitted(job), told) for person in part.people}
        # None of the lists exists any more, but an import needs one.
        return {person.subscriber_key: self._listless(person, told) for person in part.people}

    def _listless(self, person: Person, told: dict[str, PersonOutcome]) -> PersonOutcome:
        return _with_lists(self._contacts.enroll(replace(person, joins=[])), told)

    def change(self, people: list[Person], *, adds: bool) -> dict[str, dict[str, PersonOutcome]]:
        """Add people to lists, or remove them; subscriber_key → list → outcome. People with the same lists share a
        call."""
        groups: dict[tuple[str, ...], list[Person]] = {}
        for person in people:
            lists = person.joins if adds else person.leaves
            for start in range(0, len(lists), MOST_LISTS):
                groups.setdefault(tuple(sorted(lists)[start : start + MOST_LISTS]), []).append(person)
        outcomes: dict[str, dict[str, PersonOutcome]] = {}
        for lists_of_all, members in groups.items():
            for start in range(0, len(members), MOST_PEOPLE):
                some = members[start : start + MOST_PEOPLE]
                told = self._changed([person.remote_id for person in some], [*lists_of_all], adds=adds)
                for person in some:
                    outcomes.setdefault(person.subscriber_key, {}).update(told)
        return outcomes

    def _changed(self, contact_ids: list[str], lists: list[str], *, adds: bool) -> dict[str, PersonOutcome]:
        def body(lists: list[str]) -> bytes:
            return msgspec.json.encode({"source": {"contact_ids": contact_ids}, "list_ids": lists})

        job, gone = self._submitted(ADDITIONS if adds else REMOVALS, lists, body, can_wait=adds)
        # Nobody is in a list that is gone, so those who should leave it are done.
        told = {each: refused("list_gone") if adds else PersonOutcome() for each in gone}
        left = deferred(_QUEUE_FULL) if job is None else submitted(job)
        return {each: left for each in lists if each not in told} | told

    def delete(self, people: list[Person]) -> dict[str, PersonOutcome]:
        """Delete contacts that have a remote id, reversibly."""
        body = msgspec.json.encode({"contact_ids": [person.remote_id for person in people]})
        response = self._handed_over("contact_delete", body, can_wait=False)
        told = deferred(_QUEUE_FULL) if response is None else submitted(decoded(response, wire.Activity).activity_id)
        return {person.subscriber_key: replace(told) for person in people}

    def _handed_over(self, kind: str, body: bytes, *, can_wait: bool) -> Response | None:
        """Submit a job. None if the account's queue is full: this job, and all others of the next minutes, are left for
        the next run."""
        if time.monotonic() < self._full_until:
            return None
        try:
            return self._api.submit(kind, body, can_wait=can_wait)
        except QueueFullError:
            self._full_until = time.monotonic() + _SECONDS_FULL
            return None

    def _submitted(
        self, kind: str, lists: list[str], body: Callable[[list[str]], bytes], *, can_wait: bool = True
    ) -> tuple[str | None, list[str]]:
        """The job, and the lists that no longer exist. The job is "" if no list is left, and None if the queue is full.
        assumed: a list that does not exist fails the whole call (400)."""
        response = self._handed_over(kind, body(lists), can_wait=can_wait)
        if response is None:
            return None, []
        if response.status_code != HTTPStatus.BAD_REQUEST:
            return decoded(response, wire.Activity).activity_id, []
        gone = self._contacts.gone(lists)
        if not gone:
            raise ContractError(f"Constant Contact refused a whole {kind} (400), although all its lists exist")
        left = [each for each in lists if each not in gone]
        if not left:
            return "", gone
        job, more = self._submitted(kind, left, body, can_wait=can_wait)
        return job, [*gone, *more]


def _with_lists(outcome: PersonOutcome, told: dict[str, PersonOutcome]) -> PersonOutcome:
    outcome.lists |= told
    return outcome
