"""Reads a batch as people with their lists, and turns what became of each into one outcome for every operation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
import pandas as pd

from crm_sync.model import MEMBERSHIP_VERBS, Status, Verb

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass
class Person:
    """One person of a batch, with the lists that the batch has them join and leave, and those they are in already
    (ids there). ``verb`` is "" where there are only memberships."""

    subject: str
    address: str
    from_subject: str = ""
    remote_id: str = ""
    verb: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    joins: list[str] = field(default_factory=list)
    leaves: list[str] = field(default_factory=list)
    lists_there: list[str] = field(default_factory=list)


@dataclass
class Verdict:
    """What became of a person's operations; ``lists`` holds what became otherwise of single memberships."""

    status: str = Status.APPLIED.value
    reason: str = ""
    remote_id: str = ""
    ticket: str = ""
    lists: dict[str, Verdict] = field(default_factory=dict)


def refused(reason: str) -> Verdict:
    """The record, or the membership, will not be taken as it is."""
    return Verdict(Status.REFUSED.value, reason)


def deferred(reason: str) -> Verdict:
    """Nothing was said about the record: the next run tries again."""
    return Verdict(Status.DEFERRED.value, reason)


def sent(ticket: str) -> Verdict:
    """Work goes on there."""
    return Verdict(Status.SENT.value, ticket=ticket)


def people_of(batch: pd.DataFrame) -> list[Person]:
    """The people of a batch in its order."""
    people: dict[str, Person] = {}
    columns = ("verb", "subject", "address", "from_subject", "remote_id", "remote_list_id", "fields", "remote_lists")
    rows = batch.reindex(columns=list(columns)).astype(object)
    for verb, subject, address, from_subject, remote_id, list_id, fields, there in _plain(rows):
        person = people.setdefault(subject, Person(subject, address, lists_there=_array(there)))
        person.remote_id = person.remote_id or remote_id
        if verb == Verb.ADD_TO_LIST:
            person.joins.append(list_id)
        elif verb == Verb.REMOVE_FROM_LIST:
            person.leaves.append(list_id)
        else:
            person.verb, person.address, person.from_subject = verb, address, from_subject
            person.fields = msgspec.json.decode(fields, type=dict[str, str]) if fields else {}
    return list(people.values())


def _plain(rows: pd.DataFrame) -> Iterable[tuple[str, ...]]:
    return rows.where(rows.notna(), "").itertuples(index=False, name=None)


def _array(text: str) -> list[str]:
    inner = text.strip("{}")
    return inner.split(",") if inner else []


def frame(batch: pd.DataFrame, verdicts: Mapping[str, Verdict]) -> pd.DataFrame:
    """The outcomes of a batch, by subject. A membership ends as its person does, unless its own verdict says other."""
    rows = [
        _told(verb in MEMBERSHIP_VERBS, list_id, verdicts[subject])
        for verb, subject, list_id in batch[["verb", "subject", "remote_list_id"]].itertuples(index=False, name=None)
    ]
    told = pd.DataFrame(rows, columns=["status", "reason", "remote_id", "ticket"], index=batch.index, dtype="str")
    return told.assign(operation_id=batch["operation_id"])


def _told(is_membership: bool, list_id: str, verdict: Verdict) -> tuple[str, str, str, str]:
    if not is_membership:
        return verdict.status, verdict.reason, verdict.remote_id, verdict.ticket
    own = verdict.lists.get(list_id, verdict)
    # A remark on a person says nothing of its lists.
    reason = "" if own.status == Status.APPLIED else own.reason
    return own.status, reason, "", own.ticket
