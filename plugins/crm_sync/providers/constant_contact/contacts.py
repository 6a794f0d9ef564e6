"""Writes one contact at a time: reads it and changes only what differs, so that no opt-out is overridden."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from crm_sync.errors import ContractError
from crm_sync.model import Verb
from crm_sync.providers.constant_contact import wire
from crm_sync.providers.constant_contact.activities import WORK_GOES_ON
from crm_sync.providers.constant_contact.custom_fields import changed
from crm_sync.providers.constant_contact.outcomes import Person, PersonOutcome, deferred, refused
from crm_sync.transport.session import decoded

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_sync.providers.constant_contact.activities import ActivityLog
    from crm_sync.providers.constant_contact.api import Api
    from crm_sync.transport.answer import Response

    Write = Callable[[Person], PersonOutcome | None]

# documented: a contact is in at most 50 lists. https://developer.constantcontact.com/api_guide/lists_overview
MOST_LISTS = 50
# documented: opt_out_reason has 255 characters.
_SUPPRESSED_BECAUSE = "Do Not Contact is set in the CRM"
_OPTED_OUT = "opted_out"
_PENDING = "pending_confirmation"
_LIST_GONE = "list_gone"
_TOO_MANY_LISTS = "too_many_lists"
REFUSED = "address_or_field_refused"
_REFUSALS = {HTTPStatus.NOT_FOUND: "not_found", HTTPStatus.CONFLICT: "address_taken", HTTPStatus.BAD_REQUEST: REFUSED}


def may_be_mailed(person: Person, contact: wire.Contact) -> bool:
    """Whether the account may send mail to a contact. A person who left returns only by enable, and only if the account
    itself had ended the mail (documented: opt_out_source Account)."""
    return not contact.has_left or (person.verb == Verb.ENABLE and not contact.is_locked)


def is_as_wanted(person: Person, contact: wire.Contact) -> bool:
    """Whether nothing is left to write."""
    return not contact.deleted_at and not contact.has_left and not _changes(person, contact, person.joins)


def standing(person: Person, contact: wire.Contact) -> PersonOutcome | None:
    """The outcome on a contact that needs no write; None if it needs one."""
    if not may_be_mailed(person, contact):
        return refused(_OPTED_OUT)
    if not is_as_wanted(person, contact):
        return None
    return refused(_PENDING) if contact.permission == _PENDING else PersonOutcome(remote_id=contact.contact_id)


class Contacts:
    """Single contacts of one account."""

    def __init__(self, api: Api, activities: ActivityLog) -> None:
        self._api = api
        self._activities = activities

    def held(self, person: Person) -> wire.Contact | None:
        """The contact; None if it does not exist or is deleted. In that case the running activities are read as well: a
        job whose response was lost may yet create the contact."""
        contact = self._api.known(person.remote_id, person.address, can_wait=False)
        if (contact is None or contact.deleted_at) and not self._activities.is_read:
            self._activities.read()
            contact = self._api.known(person.remote_id, person.address, can_wait=False)
        return None if contact is None or contact.deleted_at else contact

    def absence(self) -> PersonOutcome:
        """The outcome on a person who should leave and does not exist: done, unless a running job may create them."""
        return deferred(WORK_GOES_ON) if self._activities.goes_on else PersonOutcome()

    def enroll(self, person: Person) -> PersonOutcome:
        """Create a contact, or change an existing one. documented: 409 for an address that exists in any state."""
        if person.verb == Verb.CREATE and not person.remote_id:
            made = self._made(person)
            if made is not None:
                return made
        contact = self._api.known(person.remote_id, person.address)
        if contact is None:
            return self._made(person) or refused("address_taken")
        return self.bring_up(person, contact)

    def _made(self, person: Person) -> PersonOutcome | None:
        """Create a contact; None if the address exists."""
        said: dict[str, Any] = {name: value for name, value in person.fields.items() if value}
        values = [wire.CustomValue(each.field_id, each.value) for each in person.custom if each.value]
        said |= {"custom_fields": values} if values else {}
        response = self._api.post_contact(person.address, list_memberships=person.joins[:MOST_LISTS], **said)
        if response.status_code == HTTPStatus.CONFLICT:
            return None
        if response.status_code == HTTPStatus.BAD_REQUEST:
            gone = self.gone(person.joins)
            return self._without(person, gone, self._made) if gone else refused(REFUSED)
        made = PersonOutcome(remote_id=decoded(response, wire.Contact).contact_id)
        made.lists = {each: refused(_TOO_MANY_LISTS) for each in person.joins[MOST_LISTS:]}
        return made

    def bring_up(self, person: Person, contact: wire.Contact) -> PersonOutcome:
        """Change a contact that was read just before to what the CRM has; a deleted one is restored."""
        told = standing(person, contact)
        if told is not None:
            return told
        missing = [each for each in person.joins if each not in contact.list_memberships]
        room = max(0, MOST_LISTS - len(contact.list_memberships))
        over = {each: refused(_TOO_MANY_LISTS) for each in missing[room:]}
        changes = _changes(person, contact, missing[:room])
        reason = self._put(contact, changes) if changes or contact.deleted_at else ""
        if reason == REFUSED:
            gone = self.gone(missing)
            if gone:
                return self._without(person, gone, partial(self.bring_up, contact=contact)) or refused(reason)
        if reason or contact.permission == _PENDING:
            return refused(reason or _PENDING)
        return PersonOutcome(remote_id=contact.contact_id, lists=over)

    def _put(self, contact: wire.Contact, changes: dict[str, Any]) -> str:
        """Why a contact could not be changed; "" if it was."""
        response = self._api.put(contact, **changes)
        if response.ok:
            return _OPTED_OUT if decoded(response, wire.Contact).has_left else ""
        reason = _reason_of(response)
        now = self._api.contact(contact.contact_id)
        return _OPTED_OUT if now is not None and now.has_left else reason

    def _without(self, person: Person, gone: list[str], write: Write) -> PersonOutcome | None:
        """Write again, without lists that no longer exist."""
        told = write(replace(person, joins=[each for each in person.joins if each not in gone]))
        if told is not None:
            told.lists |= {each: refused(_LIST_GONE) for each in gone}
        return told

    def gone(self, lists: list[str]) -> list[str]:
        """The lists that no longer exist."""
        return [each for each in lists if self._api.get_list(each) is None]

    def move(self, person: Person) -> PersonOutcome:
        """Give the contact of the old address the new one, so that identity and history stay."""
        contact = self._api.known(person.remote_id, person.from_subscriber_key)
        if contact is None or contact.deleted_at:
            return refused("not_found")
        return self.bring_up(person, contact)

    def suppress(self, person: Person) -> tuple[PersonOutcome, list[str]]:
        """End the mail to a person. Returns a outcome, and the lists of the batch in which the contact still is: an
        opt-out by the contact itself is not overwritten just to remove them."""
        contact = self.held(person)
        if contact is None:
            return self.absence(), []
        if contact.has_left:
            return PersonOutcome(remote_id=contact.contact_id), _still_in(person, contact)
        email = wire.AddressSent(contact.address, wire.UNSUBSCRIBED, _SUPPRESSED_BECAUSE)
        stays = [each for each in contact.list_memberships if each not in person.leaves]
        response = self._api.put(contact, can_wait=False, email_address=email, list_memberships=stays)
        # A refusal may be due to the lists, which can wait, unlike the suppression.
        if response.status_code == HTTPStatus.BAD_REQUEST:
            response = self._api.put(contact, can_wait=False, email_address=email)
        if not response.ok:
            return refused(_reason_of(response)), []
        return PersonOutcome(remote_id=contact.contact_id), _still_in(person, decoded(response, wire.Contact))


def _still_in(person: Person, contact: wire.Contact) -> list[str]:
    return [each for each in person.leaves if each in contact.list_memberships]


def _changes(person: Person, contact: wire.Contact, joins: list[str]) -> dict[str, Any]:
    """The properties of a PUT that changes a contact to what the CRM has; empty if nothing differs. A name that the CRM
    lacks stays as it is at Constant Contact; a custom field is emptied."""
    said = {name: value for name, value in person.fields.items() if value}
    changes: dict[str, Any] = {
        name: value for name, value in said.items() if (getattr(contact, name) or "").strip() != value
    }
    values = changed(contact, person.custom)
    if values is not None:
        changes["custom_fields"] = values
    address = _address_wanted(person, contact)
    if contact.has_left:
        changes["email_address"] = wire.AddressSent(address, wire.IMPLICIT)
    elif contact.address != address:
        changes["email_address"] = wire.AddressSent(address, contact.permission or wire.IMPLICIT)
    joined = list(dict.fromkeys([*contact.list_memberships, *joins]))
    if len(joined) > len(contact.list_memberships):
        changes["list_memberships"] = joined
    return changes


def _address_wanted(person: Person, contact: wire.Contact) -> str:
    """The address to write. A person found by id under another address chose it, and keeps it until the CRM's
    changes."""
    is_spelling = contact.subscriber_key == person.address.lower()
    is_asked = person.verb == Verb.CHANGE_ADDRESS or is_spelling or not contact.address
    return person.address if is_asked else contact.address


def _reason_of(response: Response) -> str:
    """Why a record was refused, by status; a ContractError for an unknown status."""
    for status, reason in _REFUSALS.items():
        if response.status_code == status:
            return reason
    raise ContractError(f"Constant Contact answered {response.status_code} to a single record")
