"""Looks people up after activities, with few calls: first all who changed meanwhile, then those who are missing."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from crm_sync.providers.constant_contact import wire
from crm_sync.providers.constant_contact.answers import moment
from crm_sync.providers.constant_contact.kept import Kept

if TYPE_CHECKING:
    from datetime import datetime

    from crm_sync.providers.constant_contact.api import Api
    from crm_sync.providers.constant_contact.outcomes import Person

# The most calls for people who were on no page; a day has 10,000.
MOST_SINGLY = 100
# assumed: the clocks of the vendor's machines agree to a minute. Activities of one load begin at about the same time,
# so one look that starts a little earlier serves several of them.
_LEAD = timedelta(minutes=5)


@dataclass
class _Look:
    """Contacts that changed since a time of the provider's clock. ``asked_at``: when they were read, by
    time.monotonic()."""

    since: datetime | None
    asked_at: float
    contacts: Kept

    def serves(self, begun: datetime | None, known_at: float) -> bool:
        """Whether it contains everyone changed by an activity that began at ``begun`` and had ended by ``known_at``."""
        is_early = self.since is None or (begun is not None and self.since <= begun - _LEAD / 2)
        return known_at <= self.asked_at and is_early


class Lookup:
    """Contacts of one account in any status, by id if it is known, else by address."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._last: _Look | None = None

    def at(
        self, people: list[Person], activity: wire.Activity, known_at: float
    ) -> tuple[dict[str, wire.Contact], bool]:
        """The contacts of people (subscriber_key → contact), and whether those missing do not exist at Constant
        Contact.

        ``known_at``: when the activity was known to have ended, by time.monotonic().
        """
        there: dict[str, wire.Contact] = {}
        if len(people) > 1:
            there = self._changed(people, activity, known_at)
        missing = [person for person in people if person.subscriber_key not in there]
        return there | self._singly(missing[:MOST_SINGLY]), len(missing) <= MOST_SINGLY

    def _changed(self, people: list[Person], activity: wire.Activity, known_at: float) -> dict[str, wire.Contact]:
        """The contacts of those ``people`` who changed since the activity began."""
        begun = moment(activity.started_at or activity.created_at)
        if self._last is None or not self._last.serves(begun, known_at):
            self._last = None  # frees it before the next one is read
            self._last = self._look(begun - _LEAD if begun else None)
        found = self._last.contacts.find([_key(person) for person in people])
        return {person.subscriber_key: found[_key(person)] for person in people if _key(person) in found}

    def _look(self, since: datetime | None) -> _Look:
        """Read the contacts that changed since a time. documented: the filter updated_after."""
        look = _Look(since, time.monotonic(), Kept())
        bounds = {"updated_after": _written(since)} if since else {}
        for page in self._api.pages("/contacts", wire.Contacts, can_wait=False, **bounds, **self._api.whoever):
            for contact in page.contacts:
                look.contacts.add(contact)
        return look

    def _singly(self, people: list[Person]) -> dict[str, wire.Contact]:
        found = [self._api.known(person.remote_id, person.address, can_wait=False) for person in people]
        return {person.subscriber_key: each for person, each in zip(people, found, strict=True) if each is not None}


def _key(person: Person) -> str:
    return person.remote_id or person.subscriber_key


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
