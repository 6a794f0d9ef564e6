"""Lists at Mailchimp are the tags of one audience, which are its static segments. This module creates, renames, deletes
and fills them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec

from crm_sync.errors import ContractError, about
from crm_sync.model import Verb
from crm_sync.operations import Operation, outcome_of_list, outcomes
from crm_sync.providers.mailchimp import answers, wire
from crm_sync.providers.mailchimp.merge_fields import MergeFields
from crm_sync.providers.mailchimp.reader import PAGE, key_of
from crm_sync.transport.session import parsed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm_sync.operations import Outcome
    from crm_sync.transport.answer import Response

_LIST_GONE, _NAME_TAKEN = "list_gone", "list_name_taken"
_NOT_IN_AUDIENCE, _STILL_IN_LIST = "not_in_audience", "still_in_list"
_ADDS, _REMOVES = "members_to_add", "members_to_remove"
# Up to this many people are looked up one by one; for more, the tag's members are read page by page.
_FEW = 10
_INSIDE = "members.email_address,members.contact_id,members.status,total_items"
_LOOK = {"fields": "email_address,status,id,contact_id,tags,tags_count"}
# documented: the statuses that are left out of a segment's members unless requested.
_ALL_STATUSES = {f"include_{status}": "true" for status in ("cleaned", "transactional", "unsubscribed")}


# subscriber_key (the address at Mailchimp in lower case, as far as the ledger knows) → an operation on the person.
Contacts = dict[str, Operation]


class Tags(MergeFields):
    """The tags of one audience, and the people in them."""

    def change_membership(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Add people to a list and remove others from it, all in one call."""
        comers = {each.subscriber_key: each for each in batch if each.verb == Verb.ADD_TO_LIST}
        leavers = {each.subscriber_key: each for each in batch if each.verb != Verb.ADD_TO_LIST}
        return outcomes(batch, refused=self._retag(batch[0].remote_list_id, comers, leavers))

    def _retag(self, tag: str, comers: Contacts, leavers: Contacts) -> dict[str, str]:
        """Add and remove people; subscriber_key → reason, of those who were not added or removed.

        seen: unknown people are silently ignored, and ``errors`` may contain people who were in, or out, before. So
        people count as changed if the response names them as changed, and the others are looked up.
        """
        if not comers and not leavers:
            return {}
        body = {_ADDS: _addresses(comers), _REMOVES: _addresses(leavers)}
        response = self._transport.call("POST", self._segment(tag), body=msgspec.json.encode(body))
        if not response.ok:
            return self._retagged_in_part(tag, comers, leavers, response)
        answer = parsed(response, wire.SegmentAnswer)
        if (answer.total_added, answer.total_removed) == (len(comers), len(leavers)):
            return {}
        return self._judged(tag, _but(comers, answer.members_added), _but(leavers, answer.members_removed))

    def _retagged_in_part(self, tag: str, comers: Contacts, leavers: Contacts, response: Response) -> dict[str, str]:
        """Handle a refused call, which has changed nothing. seen: it names the array in which all people are unknown;
        the other array is sent again alone. A tag that is missing, or is no tag, results in 404 or 400."""
        named = answers.fields_of(response) & {_ADDS, _REMOVES}
        if not named and not self._is_there(tag, response):
            return dict.fromkeys([*comers, *leavers], _LIST_GONE)
        if not named and len(comers) + len(leavers) == 1:
            return self._judged(tag, comers, leavers)
        if not named:
            raise ContractError(f"Mailchimp answered {response.status_code} to a change of a whole tag")
        refused = self._strangers(tag, comers, {}) if _ADDS in named else {}
        refused |= self._strangers(tag, {}, leavers) if _REMOVES in named else {}
        return refused | self._retag(tag, {} if _ADDS in named else comers, {} if _REMOVES in named else leavers)

    def _strangers(self, tag: str, comers: Contacts, leavers: Contacts) -> dict[str, str]:
        """The reasons of people who are reported as unknown to the audience; the first is looked up to verify that.
        People with a known id may be in the audience under another address, and are looked up."""
        unknown = [person for person in [*comers.values(), *leavers.values()] if not person.remote_id]
        if not unknown or (len(comers) + len(leavers)) == 1:
            return self._judged(tag, comers, leavers)
        if self._look(unknown[0]) is not None:
            raise ContractError(
                f"Mailchimp knows none of {len(unknown)} people of a tag, although the first is in the audience"
            )
        known = [
            {subscriber_key: each for subscriber_key, each in some.items() if each.remote_id}
            for some in (comers, leavers)
        ]
        lost = {subscriber_key: _NOT_IN_AUDIENCE for subscriber_key, each in comers.items() if not each.remote_id}
        return lost | (self._judged(tag, *known) if any(known) else {})

    def _judged(self, tag: str, comers: Contacts, leavers: Contacts) -> dict[str, str]:
        """The reasons of people whom the response does not name, by their present state."""
        if len(comers) + len(leavers) > _FEW:
            inside = self._inside(tag)
            outside = {s: _NOT_IN_AUDIENCE for s, each in comers.items() if inside.isdisjoint({s, each.remote_id})}
            left = {s: _STILL_IN_LIST for s, each in leavers.items() if not inside.isdisjoint({s, each.remote_id})}
            return outside | left
        refused = {subscriber_key: self._why_not_in(tag, person) for subscriber_key, person in comers.items()}
        refused |= {subscriber_key: self._why_not_out(tag, person) for subscriber_key, person in leavers.items()}
        return {subscriber_key: reason for subscriber_key, reason in refused.items() if reason}

    def _why_not_in(self, tag: str, person: Operation) -> str:
        member = self._look(person)
        if member is None:
            return _NOT_IN_AUDIENCE
        if int(tag) in self._tags(member) or self._joins_elsewhere(tag, person, member):
            return ""
        return answers.STATUS_REFUSES.get(member.status, _NOT_IN_AUDIENCE)

    def _joins_elsewhere(self, tag: str, person: Operation, member: wire.Member) -> bool:
        """Add a person who has just changed their address under the new one. Returns whether that was possible."""
        if key_of(member) in {"", person.subscriber_key}:
            return False
        body = msgspec.json.encode({"email_address": member.email_address})
        with about(person.subscriber_key):
            response = self._transport.call("POST", f"{self._segment(tag)}/members", body=body)
        return response.ok and bool(parsed(response, wire.Member))

    def _why_not_out(self, tag: str, person: Operation) -> str:
        """Remove a person who is still in the tag by a call of its own. seen: the bulk call may fail for people who
        left or bounce."""
        member = self._look(person)
        if member is None or int(tag) not in self._tags(member):
            return ""
        path = f"{self._segment(tag)}/members/{member.id}"
        response = self._transport.call("DELETE", path)
        return "" if response.status_code in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND} else _STILL_IN_LIST

    def _look(self, person: Operation) -> wire.Member | None:
        """A member's present state, whatever their address is now; None if they are not in the audience."""
        with about(person.subscriber_key):
            response = self._of(person, "GET", query=_LOOK)
        return None if response.status_code == HTTPStatus.NOT_FOUND else self._decode(response, wire.Member)

    def _of(self, person: Operation, method: str, body: bytes | None = None, **asked: Any) -> Response:
        """A call about one person, by the id if the ledger has one, since it outlives a change of address; by the
        address otherwise, or if the id no longer exists. documented: either identifies a member."""
        if person.remote_id:
            path = f"{self._audience}/members/{person.remote_id}"
            response = self._transport.call(method, path, body=body, **asked)
            if response.status_code != HTTPStatus.NOT_FOUND:
                return response
        path = self._member(person.from_subscriber_key or person.subscriber_key)
        return self._transport.call(method, path, body=body, **asked)

    def _inside(self, tag: str) -> set[str]:
        """The subscriber_keys and ids of the people in a tag, with any status except archived."""
        found: set[str] = set()
        offset, total = 0, 1
        while offset < total:
            query = {"count": PAGE, "offset": offset, "fields": _INSIDE}
            page, _ = self._read(f"{self._segment(tag)}/members", query | _ALL_STATUSES, wire.Members)
            found |= {key_of(member) for member in page.members} | {member.contact_id for member in page.members}
            offset, total = offset + PAGE, page.total_items
        return found - {""}

    # -- the lists themselves

    def create_list(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Create a tag. An existing tag of that name is used if it is empty; one with people belongs to somebody
        else."""
        name = batch[0].list_name
        body = msgspec.json.encode({"name": name, "static_segment": []})
        response = self._transport.call("POST", f"{self._audience}/segments", body=body)
        if response.ok:
            return outcome_of_list(batch, remote_id=str(self._decode(response, wire.Segment).id))
        there = self.lists()
        same = there[there["name"].str.casefold() == name.casefold()]
        if same.empty:
            return outcome_of_list(batch, reason=answers.reason_of(response))
        is_empty = int(same["members"].iloc[0]) == 0
        return (
            outcome_of_list(batch, remote_id=same["remote_id"].iloc[0])
            if is_empty
            else outcome_of_list(batch, reason=_NAME_TAKEN)
        )

    def rename_list(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Rename a tag; its people stay, since static_segment is left out."""
        tag, body = batch[0].remote_list_id, msgspec.json.encode({"name": batch[0].list_name})
        response = self._transport.call("PATCH", self._segment(tag), body=body)
        if response.ok:
            parsed(response, wire.Segment)
            return outcome_of_list(batch, remote_id=tag)
        return outcome_of_list(batch, reason=_NAME_TAKEN if self._is_there(tag, response) else _LIST_GONE)

    def delete_list(self, batch: Sequence[Operation]) -> list[Outcome]:
        """Delete a tag; its people stay in the audience."""
        tag = batch[0].remote_list_id
        response = self._transport.call("DELETE", self._segment(tag))
        is_gone = response.status_code == HTTPStatus.NO_CONTENT or not self._is_there(tag, response)
        return outcome_of_list(batch, reason="" if is_gone else answers.reason_of(response))

    def _is_there(self, tag: str, refusal: Response) -> bool:
        """Whether a tag exists after a call about it was refused. seen: a tag that is missing, or has become another
        kind of segment, may result in 400 as well as 404."""
        if refusal.status_code == HTTPStatus.NOT_FOUND:
            return False
        return str(tag) in set(self.lists()["remote_id"])

    def _segment(self, tag: str) -> str:
        return f"{self._audience}/segments/{tag}"


def _addresses(people: Contacts) -> list[str]:
    return [person.address for person in people.values()]


def _but(people: Contacts, changed: list[wire.Enrolled]) -> Contacts:
    """Those of ``people`` who are not among ``changed``."""
    named = {member.subscriber_key for member in changed}
    return {subscriber_key: person for subscriber_key, person in people.items() if subscriber_key not in named}
