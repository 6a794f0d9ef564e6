"""Mailchimp's verbs over HTTP: each takes a batch, uses the bulk call where there is one, and answers for every
person."""

from __future__ import annotations

import hashlib
import itertools
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

import msgspec
import pandas as pd

from crm_sync.errors import about
from crm_sync.model import Verb
from crm_sync.providers.base import outcomes
from crm_sync.providers.mailchimp import access, answers, wire
from crm_sync.providers.mailchimp.listening import Listening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from crm_sync.memory import Memory
    from crm_sync.providers.base import Credentials, Provider
    from crm_sync.settings import Settings


def connect(provider: Provider, credentials: Credentials, settings: Settings, memory: Memory) -> Client:
    """A client for one audience of the account that a key, or a remembered token, opens."""
    return Client(access.opened(provider, credentials, settings, memory), str(credentials.extras["audience_id"]))


def member_hash(subject: str) -> str:
    """documented: members are addressed by the MD5 of the lower-cased address."""
    return hashlib.md5(subject.encode(), usedforsecurity=False).hexdigest()


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
    """Why each of them was refused, or "", by calls about one person."""
    reasons = {}
    for person in people:
        with about(person.subject):
            reasons[person.subject] = ask(person)
    return reasons


class Client(Listening):
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
        """Unsubscribe people for Do Not Contact. Who bounces, or was forgotten, gets no mail either: as desired."""
        answer = self._subscribe(batch, status="unsubscribed", update_existing=True, with_fields=False)
        silenced = answers.having(answer, {"unsubscribed", "cleaned", "archived"})
        is_left = [subject not in silenced for subject in batch["subject"].tolist()]
        refused = _each(_people(batch, is_left), self._suppress_singly)
        return outcomes(batch, refused={subject: reason for subject, reason in refused.items() if reason})

    def archive(self, batch: pd.DataFrame) -> pd.DataFrame:
        """Archive people; reversible, unlike an unsubscribe. Whoever is not there is as desired.

        documented: there is no bulk call but the asynchronous /batches. docs/decisions/ says why it is not used.
        """
        refused = {}
        for subject in batch["subject"]:
            response = self._transport.call("DELETE", self._member(subject))
            # assumed: 404, or 405 as some have seen, for a member that is archived or absent.
            if response.status_code not in {204, 404, 405}:
                refused[subject] = answers.reason_of(response)
        return outcomes(batch, refused=refused)

    def change_address(self, batch: pd.DataFrame) -> pd.DataFrame:
        """Move members to their new address, on the record of the old one, so that identity and history stay."""
        refused = {}
        for row in _people(batch, [True] * len(batch)):
            entry = wire.Entry(row.address, merge_fields=_raw(row.fields))
            response = self._transport.call("PATCH", self._member(row.from_subject), body=msgspec.json.encode(entry))
            reason = answers.verdict(response)
            if reason:
                refused[row.subject] = reason
        return outcomes(batch, refused=refused)

    def _subscribe(
        self, batch: pd.DataFrame, *, status: str, update_existing: bool, with_fields: bool = True
    ) -> wire.BatchAnswer:
        if batch.empty:
            return wire.BatchAnswer([], [], [])
        no_fields = itertools.repeat(msgspec.UNSET, len(batch))
        fields: Iterable[msgspec.Raw | msgspec.UnsetType] = (
            map(_raw, batch["fields"].tolist()) if with_fields else no_fields
        )
        members = [
            wire.Entry(address, merge_fields=merge, status=status)
            for address, merge in zip(batch["address"].tolist(), fields, strict=True)
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
        refused = {subject: reason for subject, reason in refused.items() if reason}
        return outcomes(batch, refused=refused, remote_ids=_ids_learned(batch, there))

    def _enroll_singly(self, row: Person) -> str:
        return self._put(row, wire.Entry(row.address, merge_fields=_raw(row.fields), status_if_new=answers.SUBSCRIBED))

    def _enable_singly(self, row: Person) -> str:
        entry = wire.Entry(
            row.address, merge_fields=_raw(row.fields), status=answers.SUBSCRIBED, status_if_new=answers.SUBSCRIBED
        )
        return self._put(row, entry)

    def _put(self, row: Person, entry: wire.Entry) -> str:
        response = self._transport.call("PUT", self._member(row.subject), body=msgspec.json.encode(entry))
        reason = answers.verdict(response)
        if reason or msgspec.json.decode(response.content, type=wire.Member).email_address == row.address:
            return reason
        return self._respell(row)

    def _respell(self, row: Person) -> str:
        """assumed: only a PATCH changes how a known address is written there; where others do, it is not called."""
        body = msgspec.json.encode(wire.Entry(row.address))
        return answers.verdict(self._transport.call("PATCH", self._member(row.subject), body=body))

    def _suppress_singly(self, row: Person) -> str:
        response = self._transport.call("PATCH", self._member(row.subject), body=b'{"status": "unsubscribed"}')
        reason = "" if response.ok or response.status_code == HTTPStatus.NOT_FOUND else answers.reason_of(response)
        return "" if reason in {"compliance", "forgotten"} else reason

    # -- lists

    def change_membership(self, batch: pd.DataFrame) -> pd.DataFrame:
        """Put people into a list and take others out, in one call."""
        adds, removes = batch["verb"] == Verb.ADD_TO_LIST, batch["verb"] == Verb.REMOVE_FROM_LIST
        body = {
            "members_to_add": batch.loc[adds, "address"].tolist(),
            "members_to_remove": batch.loc[removes, "address"].tolist(),
        }
        path = f"{self._audience}/segments/{batch['remote_list_id'].iloc[0]}"
        response = self._transport.call("POST", path, body=msgspec.json.encode(body))
        if response.status_code == HTTPStatus.NOT_FOUND:
            return outcomes(batch, refused=dict.fromkeys(batch["subject"], "list_gone"))
        answer = self._decode(response, wire.SegmentAnswer)
        strangers = {address.lower() for error in answer.errors for address in error.email_addresses}
        if not strangers:
            return outcomes(batch)
        coming = set(batch.loc[adds, "subject"])
        return outcomes(batch, refused=dict.fromkeys(strangers & coming, "not_in_audience"))

    def create_list(self, batch: pd.DataFrame) -> pd.DataFrame:
        """Make a tag. One of its name that nobody is in is taken; one that has people is somebody else's."""
        row = batch.iloc[0]
        body = msgspec.json.encode({"name": row["list_name"], "static_segment": []})
        response = self._transport.call("POST", f"{self._audience}/segments", body=body)
        if response.ok:
            return _list_outcome(batch, remote_id=str(self._decode(response, wire.Segment).id))
        there = self.lists()
        same = there[there["name"].str.casefold() == row["list_name"].casefold()]
        if same.empty:
            return _list_outcome(batch, reason=answers.reason_of(response))
        is_empty = int(same["members"].iloc[0]) == 0
        return (
            _list_outcome(batch, remote_id=same["remote_id"].iloc[0])
            if is_empty
            else _list_outcome(batch, reason="list_name_taken")
        )

    def rename_list(self, batch: pd.DataFrame) -> pd.DataFrame:
        """Rename a tag; its people stay, since static_segment is left out."""
        row = batch.iloc[0]
        path = f"{self._audience}/segments/{row['remote_list_id']}"
        response = self._transport.call("PATCH", path, body=msgspec.json.encode({"name": row["list_name"]}))
        if response.status_code == HTTPStatus.NOT_FOUND:
            return _list_outcome(batch, reason="list_gone")
        return (
            _list_outcome(batch, remote_id=row["remote_list_id"])
            if response.ok
            else _list_outcome(batch, reason="list_name_taken")
        )

    def delete_list(self, batch: pd.DataFrame) -> pd.DataFrame:
        """Delete a tag; its people stay in the audience."""
        path = f"{self._audience}/segments/{batch['remote_list_id'].iloc[0]}"
        response = self._transport.call("DELETE", path)
        is_gone = response.status_code in {204, 404}
        return _list_outcome(batch, reason="" if is_gone else answers.reason_of(response))

    def _member(self, subject: str) -> str:
        return f"{self._audience}/members/{quote(member_hash(subject))}"


def _ids_learned(batch: pd.DataFrame, there: dict[str, wire.Enrolled]) -> dict[str, str]:
    """documented: the answer to a batch has each contact's id, which stays when the address changes."""
    known = dict(zip(batch["subject"].tolist(), batch["remote_id"].tolist(), strict=True))
    return {
        subject: member.contact_id
        for subject, member in there.items()
        if member.contact_id and known.get(subject) != member.contact_id
    }


def _list_outcome(batch: pd.DataFrame, *, remote_id: str = "", reason: str = "") -> pd.DataFrame:
    status = "refused" if reason else "applied"
    return batch[["operation_id"]].assign(status=status, reason=reason, remote_id=remote_id)


def _raw(fields: str) -> msgspec.Raw:
    return msgspec.Raw(fields.encode())
