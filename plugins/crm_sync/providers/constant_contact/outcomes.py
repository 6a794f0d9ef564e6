"""Groups a batch into people with their lists, and turns what became of each into an outcome for every operation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from crm_sync.model import MEMBERSHIP_VERBS, Status, Verb
from crm_sync.operations import Outcome
from crm_sync.providers.constant_contact.custom_fields import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crm_sync.operations import Operation
    from crm_sync.providers.constant_contact.custom_fields import CustomFields, Filled

_fields = msgspec.json.Decoder(dict[str, str]).decode


@dataclass
class Person:
    """A person of a batch. ``joins``, ``leaves``, ``lists_there``: ids of the lists to join, to leave, and of the
    present ones. ``verb``: "" if the batch has only memberships of the person. ``fields``: names; ``custom``: values of
    custom fields."""

    subscriber_key: str
    address: str
    from_subscriber_key: str = ""
    remote_id: str = ""
    verb: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    custom: list[Filled] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)
    leaves: list[str] = field(default_factory=list)
    lists_there: list[str] = field(default_factory=list)


@dataclass
class PersonOutcome:
    """The outcome of a person's operations. ``lists``: id of a list → a different outcome of that membership."""

    status: str = Status.APPLIED.value
    reason: str = ""
    remote_id: str = ""
    job: str = ""
    lists: dict[str, PersonOutcome] = field(default_factory=dict)


def refused(reason: str) -> PersonOutcome:
    """The provider refused the record or the membership."""
    return PersonOutcome(Status.REFUSED.value, reason)


def deferred(reason: str) -> PersonOutcome:
    """The provider decided nothing about the record; the next run tries again."""
    return PersonOutcome(Status.DEFERRED.value, reason)


def submitted(job: str) -> PersonOutcome:
    """Constant Contact is working on it."""
    return PersonOutcome(Status.SUBMITTED.value, job=job)


def people_of(batch: Iterable[Operation], custom: CustomFields | None = None) -> list[Person]:
    """The people of a batch, in its order."""
    people: dict[str, Person] = {}
    for each in batch:
        person = people.get(each.subscriber_key)
        if person is None:
            person = people[each.subscriber_key] = Person(
                each.subscriber_key, each.address, lists_there=_array(each.remote_lists)
            )
        person.remote_id = person.remote_id or each.remote_id
        if each.verb == Verb.ADD_TO_LIST:
            person.joins.append(each.remote_list_id)
        elif each.verb == Verb.REMOVE_FROM_LIST:
            person.leaves.append(each.remote_list_id)
        else:
            person.verb, person.address, person.from_subscriber_key = each.verb, each.address, each.from_subscriber_key
            record = _fields(each.fields) if each.fields else {}
            person.fields = {name: value for name, value in record.items() if not name.startswith(PREFIX)}
            person.custom = custom.filled(record) if custom else []
    return list(people.values())


def _array(text: str) -> list[str]:
    inner = text.strip("{}")
    return inner.split(",") if inner else []


def answered(batch: Iterable[Operation], outcomes: Mapping[str, PersonOutcome]) -> list[Outcome]:
    """The outcomes of a batch, from those of its people by subscriber_key. A membership has its own, or that of its
    person."""
    return [_outcome(each, outcomes[each.subscriber_key]) for each in batch]


def answered_of_list(batch: Iterable[Operation], outcome: PersonOutcome) -> list[Outcome]:
    """The outcome of a batch with one operation on a list."""
    return answered(batch, {"": outcome})


def _outcome(asked: Operation, outcome: PersonOutcome) -> Outcome:
    if asked.verb not in MEMBERSHIP_VERBS:
        return Outcome(asked, outcome.status, outcome.reason, outcome.remote_id, outcome.job)
    own = outcome.lists.get(asked.remote_list_id, outcome)
    # A remark on a person does not apply to their lists.
    reason = "" if own.status == Status.APPLIED else own.reason
    return Outcome(asked, own.status, reason, job=own.job)
