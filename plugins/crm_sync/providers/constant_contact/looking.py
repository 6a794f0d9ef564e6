"""Looks at people after an activity, with as few calls as can be: who changed while it ran, then who is missing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from crm_sync.providers.constant_contact import wire
from crm_sync.providers.constant_contact.answers import moment
from crm_sync.providers.constant_contact.calls import WHOEVER

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from crm_sync.providers.constant_contact.calls import Calls
    from crm_sync.providers.constant_contact.verdicts import Person

# Calls spent on people whom no page showed; a day has 10,000.
MOST_SINGLY = 100
# assumed: the filters mean strictly after and before, in whole seconds.
_MARGIN = timedelta(seconds=2)
# assumed: the clocks of the vendor's machines agree to a minute.
_WIDE_MARGIN = timedelta(minutes=1)


class Looking:
    """Contacts of one account by address, whatever their status."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def at(self, people: list[Person], activity: wire.Activity) -> tuple[dict[str, wire.Contact], bool]:
        """The contacts of people, by subject, and whether whoever is not among them is not there at all."""
        there: dict[str, wire.Contact] = {}
        wanted = {person.subject for person in people}
        if len(wanted) > 1:
            there |= self._changed(wanted, activity, _MARGIN)
            if len(wanted - there.keys()) > MOST_SINGLY and not _is_explained(wanted - there.keys(), activity):
                there |= self._changed(wanted, activity, _WIDE_MARGIN, has_end=False)
        missing = [person for person in people if person.subject not in there]
        return there | self._singly(missing[:MOST_SINGLY]), len(missing) <= MOST_SINGLY

    def _changed(
        self, wanted: set[str], activity: wire.Activity, margin: timedelta, *, has_end: bool = True
    ) -> dict[str, wire.Contact]:
        """Those of ``wanted`` who changed while the activity ran. documented filters updated_after, updated_before."""
        begun, ended = moment(activity.started_at or activity.created_at), moment(activity.completed_at)
        bounds = {"updated_after": _written(begun - margin)} if begun else {}
        if ended and has_end:
            bounds["updated_before"] = _written(ended + margin)
        pages = self._calls.pages("/contacts", wire.Contacts, can_wait=False, **bounds, **WHOEVER)
        return _by_subject((each for page in pages for each in page.contacts), wanted)

    def _singly(self, people: list[Person]) -> dict[str, wire.Contact]:
        found = [self._calls.contact_at(person.address, can_wait=False) for person in people]
        return {person.subject: each for person, each in zip(people, found, strict=True) if each is not None}


def _by_subject(contacts: Iterable[wire.Contact], wanted: set[str]) -> dict[str, wire.Contact]:
    return {contact.subject: contact for contact in contacts if contact.subject in wanted}


def _is_explained(missing: set[str], activity: wire.Activity) -> bool:
    """Whether the counters of an activity say that so many were set aside."""
    return len(missing) <= activity.status.correctable_count + activity.status.error_count


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
