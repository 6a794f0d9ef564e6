"""Mailchimp's verbs over HTTP: each takes a batch, uses the bulk call where there is one, and answers for every
person."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
import pandas as pd

from crm_sync.errors import about
from crm_sync.providers.base import outcomes
from crm_sync.providers.mailchimp import access, answers, wire
from crm_sync.providers.mailchimp.tags import Person, Tags, people_of
from crm_sync.transport import parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crm_sync.memory import Memory
    from crm_sync.providers.base import Credentials, Provider
    from crm_sync.settings import Settings


def connect(provider: Provider, credentials: Credentials, settings: Settings, memory: Memory) -> Client:
    """A client for one audience of the account that a key, or a remembered token, opens."""
    return Client(access.opened(provider, credentials, settings, memory), str(credentials.extras["audience_id"]))


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
        return self._judge(batch, answer, answers.SUBSCRIBED)

    def suppress(self, batch: pd.DataFrame) -> pd.DataFrame:
        """Unsubscribe people for Do Not Contact, each by a call of its own.

        The bulk call would make a member of whoever is not there, and keep subscribed whoever lacks a field that the
        audience requires by now. Who is not there, bounces or was forgotten gets no mail either: as desired.
        """
        return outcomes(batch, refused=_each(people_of(batch), self._suppress))

    def _suppress(self, row: Person) -> str:
        response = self._of(row, "PATCH", b'{"status": "unsubscribed"}', query={"skip_merge_validation": "true"})
        if response.ok:
            return "still_subscribed" if self._decode(response, wire.Member).status == answers.SUBSCRIBED else ""
        reason = "" if response.status_code == HTTPStatus.NOT_FOUND else answers.reason_of(response)
        return "" if reason in {"compliance", "forgotten"} else reason

    def archive(self, batch: pd.DataFrame) -> pd.DataFrame:
        """Archive people; reversible, unlike an unsubscribe. Whoever is not there is as desired.

        documented: there is no bulk call but the asynchronous /batches. docs/decisions/ says why it is not used.
        """
        return outcomes(batch, refused=_each(people_of(batch), self._archive))

    def _archive(self, row: Person) -> str:
        """seen: 405 where somebody is archived, bounces or is pending; the last would be subscribed by confirming."""
        response = self._of(row, "DELETE")
        if response.status_code in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND}:
            return ""
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return answers.reason_of(response)
        member = self._look(row)
        if member is None or member.status in {"archived", "cleaned"}:
            return ""
        return answers.STATUS_REFUSES.get(member.status, f"{member.status}_there")

    def change_address(self, batch: pd.DataFrame) -> pd.DataFrame:
        """Move members to their new address, on the record of the old one, so that identity and history stay."""
        return outcomes(batch, refused=_each(people_of(batch), self._move))

    def _move(self, row: Person) -> str:
        entry = wire.Entry(row.address, merge_fields=_raw(row.fields))
        reason = answers.verdict(self._of(row, "PATCH", msgspec.json.encode(entry)))
        # seen: one name of the field stands for an address that is taken, and for one that is no good.
        is_taken = reason == answers.ADDRESS_REFUSED and self._is_known(row.subject)
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
            return self._judge(batch, answer)
        judged = self._judge(batch[~is_other], answer)
        return pd.concat([judged, verb(batch[is_other])])

    def _judge(self, batch: pd.DataFrame, answer: wire.BatchAnswer, status: str = "") -> pd.DataFrame:
        """An outcome for everyone: by the status answered; who was refused, passed over in silence, or made anew, is
        asked singly, since only the answer to a single call has a code for the reason. ``status`` as it was sent."""
        there, anew = answer.by_subject, self._made_anew(batch, answer)
        erred = {e.email_address.lower() for e in answer.errors}
        whose = list(zip(batch["subject"].tolist(), batch["address"].tolist(), strict=True))
        is_unclear = [subject in erred or subject not in there for subject, _ in whose]
        is_respelled = [answers.is_spelled_otherwise(there.get(subject), address) for subject, address in whose]
        said = {subject: answers.STATUS_REFUSES.get(member.status, "") for subject, member in there.items()}
        refused = {subject: reason for subject, reason in said.items() if reason}
        refused |= _each(people_of(batch, is_unclear), partial(self._put, status=status))
        refused |= _each(
            people_of(batch, [subject in anew for subject, _ in whose]), partial(self._by_id, status=status)
        )
        refused |= _each(people_of(batch, is_respelled), self._respell)
        learned = {subject: id_ for subject, id_ in _ids_learned(batch, there).items() if subject not in anew}
        return outcomes(batch, refused=refused, remote_ids=learned)

    def _made_anew(self, batch: pd.DataFrame, answer: wire.BatchAnswer) -> set[str]:
        """Who changed their own address a moment ago, so that the call made somebody under the old one: archived
        again at once. Whoever is not there by id either was deleted, and is new by right."""
        fresh = {member.subject for member in answer.new_members}
        is_fresh = [bool(id_) and each in fresh for each, id_ in batch[["subject", "remote_id"]].fillna("").to_numpy()]
        anew = {row.subject for row in people_of(batch, is_fresh) if self._is_known(row.remote_id, by_id=True)}
        for subject in anew:
            self._transport.call("DELETE", self._member(subject))
        return anew

    def _is_known(self, who: str, *, by_id: bool = False) -> bool:
        """Whether somebody has that address, or id, there."""
        path = f"{self._audience}/members/{who}" if by_id else self._member(who)
        response = self._transport.call("GET", path, query={"fields": "status"})
        return response.status_code != HTTPStatus.NOT_FOUND

    def _put(self, row: Person, status: str) -> str:
        """Whoever is known by id, and is not there by the address, has another one by now or was deleted; only who is
        not there by either may be new."""
        if row.remote_id and not self._is_known(row.subject) and self._is_known(row.remote_id, by_id=True):
            return self._by_id(row, status)
        entry = wire.Entry(row.address, merge_fields=_raw(row.fields), status=status, status_if_new=answers.SUBSCRIBED)
        response = self._transport.call("PUT", self._member(row.subject), body=msgspec.json.encode(entry))
        reason = answers.verdict(response)
        if reason or parsed(response, wire.Member).email_address == row.address:
            return reason
        return self._respell(row)

    def _by_id(self, row: Person, status: str) -> str:
        body = msgspec.json.encode(wire.Change(merge_fields=_raw(row.fields), status=status))
        return answers.verdict(self._of(row, "PATCH", body))

    def _respell(self, row: Person) -> str:
        """assumed: only a PATCH changes how a known address is written there; where others do, it is not called."""
        body = msgspec.json.encode(wire.Entry(row.address))
        return answers.verdict(self._transport.call("PATCH", self._member(row.subject), body=body))


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
