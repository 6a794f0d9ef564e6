"""Mailchimp's verbs over HTTP. Each takes a batch, uses the bulk call if there is one, and returns an outcome for every
person."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from crm_sync.client import Client as BaseClient
from crm_sync.errors import about
from crm_sync.model import MEMBERSHIPS, Verb
from crm_sync.operations import outcomes
from crm_sync.providers.mailchimp import access, answers, wire
from crm_sync.providers.mailchimp.tags import Tags
from crm_sync.transport.session import parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from crm_sync.client import Send
    from crm_sync.contract import Credentials, Provider
    from crm_sync.ledger.client_state import ClientState
    from crm_sync.operations import Operation, Outcome
    from crm_sync.settings import Settings


def connect(provider: Provider, credentials: Credentials, settings: Settings, client_state: ClientState) -> Client:
    """A client for one audience of the account that a key or a stored token gives access to."""
    transport = access.opened(provider, credentials, settings, client_state)
    return Client(transport, str(credentials.extras["audience_id"]), settings.own(provider.name).fields)


def _each(people: Iterable[Operation], ask: Callable[[Operation], str]) -> dict[str, str]:
    """Make a call for each person; subscriber_key → reason, of those who were refused."""
    reasons = {}
    for person in people:
        with about(person.subscriber_key):
            reasons[person.subscriber_key] = ask(person)
    return {subscriber_key: reason for subscriber_key, reason in reasons.items() if reason}


class Client(Tags, BaseClient):
    """One audience of one account. Every verb is safe to repeat: existing records are found, not created twice."""

    # -- people

    @property
    def verbs(self) -> Mapping[str, Send]:
        """See ``crm_sync.client``."""
        return {
            Verb.CREATE: self.create,
            Verb.UPDATE: self.update,
            Verb.CHANGE_ADDRESS: self.change_address,
            Verb.ENABLE: self.enable,
            Verb.SUPPRESS: self.suppress,
            Verb.ARCHIVE: self.archive,
            MEMBERSHIPS: self.change_membership,
            Verb.CREATE_LIST: self.create_list,
            Verb.RENAME_LIST: self.rename_list,
            Verb.DELETE_LIST: self.delete_list,
        }

    def create(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Subscribe people believed to be new. People who are members already are updated without a change of their
        status."""
        answer = self._subscribe(batch, status=answers.SUBSCRIBED, update_existing=False)
        exists = {e.email_address.lower() for e in answer.errors if e.error_code == "ERROR_CONTACT_EXISTS"}
        return self._judge_but(batch, answer, exists, self.update)

    def update(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Update names and the spelling of addresses without a change of anybody's status, then restore archived
        people.

        seen: an entry with status_if_new alone is accepted. assumed: it does not change the status of existing members.
        If that is wrong, compliance still protects people who left by themselves, and refused entries are sent again
        one by one by PUT, which is documented to keep the status.
        """
        answer = self._subscribe(batch, status_if_new=answers.SUBSCRIBED, update_existing=True)
        archived = answers.having(answer, {"archived", "transactional"})
        return self._judge_but(batch, answer, archived, self.enable)

    def enable(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Subscribe people again whom the pipeline had disabled; Mailchimp refuses those who left by themselves."""
        answer = self._subscribe(batch, status=answers.SUBSCRIBED, update_existing=True)
        return self._judge(batch, answer, answers.SUBSCRIBED)

    def suppress(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Unsubscribe people for Do Not Contact, with a call for each.

        The bulk call would create people who are not members, and would leave people subscribed who lack a field that
        the audience now requires. People who are not in the audience, bounce or were forgotten get no mail either, so
        they count as done.
        """
        return outcomes(batch, refused=_each(batch, self._suppress))

    def _suppress(self, row: Operation) -> str:
        response = self._of(row, "PATCH", b'{"status": "unsubscribed"}', query={"skip_merge_validation": "true"})
        if response.ok:
            return "still_subscribed" if self._decode(response, wire.Member).status == answers.SUBSCRIBED else ""
        reason = "" if response.status_code == HTTPStatus.NOT_FOUND else answers.reason_of(response)
        return "" if reason in {"compliance", "forgotten"} else reason

    def archive(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Archive people; unlike an unsubscribe, this is reversible. A person who is not a member counts as done.

        documented: the only bulk call is the asynchronous /batches. docs/decisions/ says why it is not used.
        """
        return outcomes(batch, refused=_each(batch, self._archive))

    def _archive(self, row: Operation) -> str:
        """seen: 405 for a person who is archived, bounces or is pending; a pending one would be subscribed by
        confirming."""
        response = self._of(row, "DELETE")
        if response.status_code in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND}:
            return ""
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return answers.reason_of(response)
        member = self._look(row)
        if member is None or member.status in {"archived", "cleaned"}:
            return ""
        return answers.STATUS_REFUSES.get(member.status, f"{member.status}_there")

    def change_address(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Change the address in the record of each member, so that identity and history stay."""
        return outcomes(batch, refused=_each(batch, self._move))

    def _move(self, row: Operation) -> str:
        entry = wire.Entry(row.address, merge_fields=self._merged(row.fields))
        reason = answers.why_not_subscribed(self._of(row, "PATCH", msgspec.json.encode(entry)))
        # seen: the same field name stands for an address that is taken and for an invalid one.
        is_taken = reason == answers.ADDRESS_REFUSED and self._is_known(row.subscriber_key)
        return answers.ADDRESS_TAKEN if is_taken else reason

    def _subscribe(self, batch: Sequence[Operation], *, update_existing: bool, **said: str) -> wire.BatchAnswer:
        members = [wire.Entry(each.address, merge_fields=self._merged(each.fields), **said) for each in batch]
        body = msgspec.json.encode(wire.Batch(members, update_existing))
        response = self._transport.call("POST", self._audience, body=body)
        return self._decode(response, wire.BatchAnswer)

    def _judge_but(
        self,
        batch: Sequence[Operation],
        answer: wire.BatchAnswer,
        others: set[str],
        verb: Callable[[Sequence[Operation]], list[Outcome]],
    ) -> list[Outcome]:
        """Outcomes of a batch, where those of ``others`` come from another verb."""
        left = [each for each in batch if each.subscriber_key in others]
        judged = self._judge([each for each in batch if each.subscriber_key not in others], answer)
        return judged + verb(left) if left else judged

    def _judge(self, batch: Sequence[Operation], answer: wire.BatchAnswer, status: str = "") -> list[Outcome]:
        """An outcome for everyone, by the status in the response. People who were refused, silently skipped or created
        again get a call of their own, since only its response has a code for the reason. ``status``: as it was sent."""
        there, anew = answer.by_key, self._made_anew(batch, answer)
        erred = {e.email_address.lower() for e in answer.errors}
        unclear = [each for each in batch if each.subscriber_key in erred or each.subscriber_key not in there]
        respelled = [
            each for each in batch if answers.is_spelled_otherwise(there.get(each.subscriber_key), each.address)
        ]
        said = {
            subscriber_key: answers.STATUS_REFUSES.get(member.status, "") for subscriber_key, member in there.items()
        }
        refused = {subscriber_key: reason for subscriber_key, reason in said.items() if reason}
        refused |= _each(unclear, partial(self._put, status=status))
        refused |= _each([each for each in batch if each.subscriber_key in anew], partial(self._by_id, status=status))
        refused |= _each(respelled, self._respell)
        learned = {
            subscriber_key: id_
            for subscriber_key, id_ in _ids_learned(batch, there).items()
            if subscriber_key not in anew
        }
        return outcomes(batch, refused=refused, remote_ids=learned)

    def _made_anew(self, batch: Sequence[Operation], answer: wire.BatchAnswer) -> set[str]:
        """The people who have just changed their own address, so that the call created somebody under the old one; that
        record is archived at once. A person who is not found by id either was deleted, and rightly created again."""
        fresh = {member.subscriber_key for member in answer.new_members}
        doubtful = [each for each in batch if each.remote_id and each.subscriber_key in fresh]
        anew = {each.subscriber_key for each in doubtful if self._is_known(each.remote_id, by_id=True)}
        for subscriber_key in anew:
            self._transport.call("DELETE", self._member(subscriber_key))
        return anew

    def _is_known(self, who: str, *, by_id: bool = False) -> bool:
        """Whether a person with that address or id exists at Mailchimp."""
        path = f"{self._audience}/members/{who}" if by_id else self._member(who)
        response = self._transport.call("GET", path, query={"fields": "status"})
        return response.status_code != HTTPStatus.NOT_FOUND

    def _put(self, row: Operation, status: str) -> str:
        """Write one person. A person with a known id who is not found by address has another address now, or was
        deleted. Only a person who is found by neither may be new."""
        if row.remote_id and not self._is_known(row.subscriber_key) and self._is_known(row.remote_id, by_id=True):
            return self._by_id(row, status)
        entry = wire.Entry(
            row.address, merge_fields=self._merged(row.fields), status=status, status_if_new=answers.SUBSCRIBED
        )
        response = self._transport.call("PUT", self._member(row.subscriber_key), body=msgspec.json.encode(entry))
        reason = answers.why_not_subscribed(response)
        if reason or parsed(response, wire.Member).email_address == row.address:
            return reason
        return self._respell(row)

    def _by_id(self, row: Operation, status: str) -> str:
        body = msgspec.json.encode(wire.Change(merge_fields=self._merged(row.fields), status=status))
        return answers.why_not_subscribed(self._of(row, "PATCH", body))

    def _respell(self, row: Operation) -> str:
        """Change the spelling of an address. assumed: only a PATCH does; if other calls do as well, this one is not
        needed."""
        body = msgspec.json.encode(wire.Entry(row.address))
        return answers.why_not_subscribed(self._transport.call("PATCH", self._member(row.subscriber_key), body=body))


def _ids_learned(batch: Sequence[Operation], there: dict[str, wire.Enrolled]) -> dict[str, str]:
    """The new ids of people. documented: the response to a batch has each contact's id, which outlives the address."""
    known = {each.subscriber_key: each.remote_id for each in batch}
    return {
        subscriber_key: member.contact_id
        for subscriber_key, member in there.items()
        if member.contact_id and known.get(subscriber_key) != member.contact_id
    }
