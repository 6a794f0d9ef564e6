"""Mailchimp's verbs over HTTP: each takes a batch, uses the bulk call where there is one, and answers for every
person."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import pandas as pd

from crm_sync.errors import about
from crm_sync.providers.base import outcomes
from crm_sync.providers.mailchimp import access, answers, wire
from crm_sync.providers.mailchimp.tags import Tags
from crm_sync.transport import parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import requests

    from crm_sync.memory import Memory
    from crm_sync.providers.base import Credentials, Provider
    from crm_sync.settings import Settings


def connect(provider: Provider, credentials: Credentials, settings: Settings, memory: Memory) -> Client:
    """A client for one audience of the account that a key, or a remembered token, opens."""
    return Client(access.opened(provider, credentials, settings, memory), str(credentials.extras["audience_id"]))


class Person(NamedTuple):
    """One row of a batch, for the calls that take one person."""

    subject: str
    address: str
    from_subject: str
    fields: str


def _people(batch: pd.DataFrame, chosen: list[bool]) -> Iterator[Person]:
    """Those of a batch who are chosen, mostly nobody."""
    rows = batch.loc[chosen, list(Person._fields)] if any(chosen) else batch[:0]
    return map(Person._make, rows.itertuples(index=False, name=None))


def _each(people: Iterator[Person], ask: Callable[[Person], str]) -> dict[str, str]:
    """Why some of them were refused, by calls about one person."""
    reasons = {}
    for person in people:
        with about(person.subject):
            reasons[person.subject] = ask(person)
    return {subject: reason for subject, reason in reasons.items() if reason}


class Client(Tags):
    """One audience of one account. Every verb may be repeated: what is there already is found, not made twice."""

    # -- people

    def create(self, batch: pd.DataFrame) -> pd.DataFrame:
        """Subscribe people believed to be new. Whoever is there already is never overruled, only updated."""
        answer = self._subscribe(batch, status=answers.SUBSCRIBED, update_existing=False)
        exists = {e.email_address.lower() for e in answer.errors if e.error_code == "ERROR_CONTACT_EXISTS"}
        return self._judge_but(batch, answer, exists, self.update)

    def update(self, batch: pd.DataFrame) -> pd.DataFrame:
        """Update names and spelling of addresses without touching anybody's status, then bring back who was archived.

        assumed: an entry without status leaves the status as it is. Where that is not so, compliance still protects
        whoever left by themselves, and refused entries are asked again singly by PUT, which is documented to keep it.
        """
        answer = self._subscribe(batch, status="", update_existing=True)
        archived = answers.having(answer, {"archived", "transactional"})
        return self._judge_but(batch, answer, archived, self.enable)

    def enable(self, batch: pd.DataFrame) -> pd.DataFrame:
        """Subscribe again people whom the pipeline had disabled; whoever left by themselves is refused by Mailchimp."""
        answer = self._subscribe(batch, status=answers.SUBSCRIBED, update_existing=True)
        return self._judge(batch, answer, self._enable_singly)

    def suppress(self, batch: pd.DataFrame) -> pd.DataFrame:
        """Unsubscribe people for Do Not Contact, each by a call of its own.

        The bulk call would make a member of whoever is not there, and keep subscribed whoever lacks a field that the
        audience requires by now. Who is not there, bounces or was forgotten gets no mail either: as desired.
        """
        return outcomes(batch, refused=_each(_people(batch, [True] * len(batch)), self._suppress))

    def _suppress(self, row: Person) -> str:
        response = self._write("PATCH", row.subject, b'{"status": "unsubscribed"}', skip_merge_validation="true")
        reason = "" if response.ok or response.status_code == HTTPStatus.NOT_FOUND else answers.reason_of(response)
        return "" if reason in {"compliance", "forgotten"} else reason

    def archive(self, batch: pd.DataFrame) -> pd.DataFrame:
        """Archive people; reversible, unlike an unsubscribe. Whoever is not there is as desired.

        documented: there is no bulk call but the asynchronous /batches. docs/decisions/ says why it is not used.
        """
        return outcomes(batch, refused=_each(_people(batch, [True] * len(batch)), self._archive))

    def _archive(self, row: Person) -> str:
        """seen: 405 where somebody is archived, bounces or is pending; the last would be subscribed by confirming."""
        response = self._write("DELETE", row.subject)
        if response.status_code in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND}:
            return ""
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return answers.reason_of(response)
        member = self._look(row.subject)
        if member is None or member.status in {"archived", "cleaned"}:
            return ""
        return answers.STATUS_REFUSES.get(member.status, f"{member.status}_there")

    def change_address(self, batch: pd.DataFrame) -> pd.DataFrame:
        """Move members to their new address, on the record of the old one, so that identity and history stay."""
        return outcomes(batch, refused=_each(_people(batch, [True] * len(batch)), self._move))

    def _move(self, row: Person) -> str:
        entry = wire.Entry(row.address, merge_fields=_raw(row.fields))
        reason = answers.verdict(self._write("PATCH", row.from_subject, msgspec.json.encode(entry)))
        # seen: one name of the field stands for an address that is taken, and for one that is no good.
        is_taken = reason == answers.ADDRESS_REFUSED and self._look(row.subject) is not None
        return answers.ADDRESS_TAKEN if is_taken else reason

    def _subscribe(self, batch: pd.DataFrame, *, status: str, update_existing: bool) -> wire.BatchAnswer:
        if batch.empty:
            return wire.BatchAnswer([], [], [])
        members = [
            wire.Entry(address, merge_fields=_raw(fields), status=status)
            for address, fields in zip(batch["address"].tolist(), batch["fields"].tolist(), strict=True)
        ]
        body = msgspec.json.encode(wire.Batch(members, update_existing))
        response = self._transport.call("POST", self._audience, body=body)
        return self._decode(response, wire.BatchAnswer)

    def _judge_but(
        self,
        batch: pd.DataFrame,
        answer: wire.BatchAnswer,
        others: set[str],
        verb: Callable[[pd.DataFrame], pd.DataFrame],
    ) -> pd.DataFrame:
        """Judge a batch but for those of ``others``, whose outcome another verb finds out."""
        is_other = batch["subject"].isin(others)
        if not is_other.any():
            return self._judge(batch, answer, self._enroll_singly)
        judged = self._judge(batch[~is_other], answer, self._enroll_singly)
        return pd.concat([judged, verb(batch[is_other])])

    def _judge(self, batch: pd.DataFrame, answer: wire.BatchAnswer, singly: Callable[[Person], str]) -> pd.DataFrame:
        """An outcome for everyone: by the status answered; who was refused, or passed over in silence, is asked singly,
        since only the answer to a single call has a code for the reason."""
        there = answer.by_subject
        erred = {e.email_address.lower() for e in answer.errors}
        whose = list(zip(batch["subject"].tolist(), batch["address"].tolist(), strict=True))
        is_unclear = [subject in erred or subject not in there for subject, _ in whose]
        is_respelled = [answers.is_spelled_otherwise(there.get(subject), address) for subject, address in whose]
        said = {subject: answers.STATUS_REFUSES.get(member.status, "") for subject, member in there.items()}
        refused = {subject: reason for subject, reason in said.items() if reason}
        refused |= _each(_people(batch, is_unclear), singly)
        refused |= _each(_people(batch, is_respelled), self._respell)
        return outcomes(batch, refused=refused, remote_ids=_ids_learned(batch, there))

    def _enroll_singly(self, row: Person) -> str:
        return self._put(row, wire.Entry(row.address, merge_fields=_raw(row.fields), status_if_new=answers.SUBSCRIBED))

    def _enable_singly(self, row: Person) -> str:
        entry = wire.Entry(
            row.address, merge_fields=_raw(row.fields), status=answers.SUBSCRIBED, status_if_new=answers.SUBSCRIBED
        )
        return self._put(row, entry)

    def _put(self, row: Person, entry: wire.Entry) -> str:
        response = self._write("PUT", row.subject, msgspec.json.encode(entry))
        reason = answers.verdict(response)
        if reason or parsed(response, wire.Member).email_address == row.address:
            return reason
        return self._respell(row)

    def _respell(self, row: Person) -> str:
        """assumed: only a PATCH changes how a known address is written there; where others do, it is not called."""
        return answers.verdict(self._write("PATCH", row.subject, msgspec.json.encode(wire.Entry(row.address))))

    def _write(self, method: str, subject: str, body: bytes | None = None, **query: str) -> requests.Response:
        """A call about one person."""
        return self._transport.call(method, self._member(subject), body=body, query=query or None)


def _ids_learned(batch: pd.DataFrame, there: dict[str, wire.Enrolled]) -> dict[str, str]:
    """documented: the answer to a batch has each contact's id, which stays when the address changes."""
    known = dict(zip(batch["subject"].tolist(), batch["remote_id"].tolist(), strict=True))
    return {
        subject: member.contact_id
        for subject, member in there.items()
        if member.contact_id and known.get(subject) != member.contact_id
    }


def _raw(fields: str) -> msgspec.Raw:
    return msgspec.Raw(fields.encode())
