"""Reads Mailchimp's responses: the outcome for each person and its reason, by codes and fields, never by sentences."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from crm_sync.errors import ContractError, DisconnectedError
from crm_sync.providers.mailchimp import wire
from crm_sync.transport import session
from crm_sync.transport.session import is_json, parsed

if TYPE_CHECKING:
    from crm_sync.transport.answer import Response
SUBSCRIBED = "subscribed"
ADDRESS_TAKEN = "address_taken"
# seen: an address that looks wrong, and one that was signed up too often recently, are refused in the same words; the
# second is accepted again after minutes to days.
ADDRESS_REFUSED = "address_or_field_refused"
# Status of a member → reason why enrolling it failed. The pipeline never overrides such a status.
STATUS_REFUSES = {"unsubscribed": "opted_out", "cleaned": "cleaned", "pending": "pending_confirmation"}
# seen: the titles of problem documents are codes, their details are localised sentences.
_TITLES = {
    "Member In Compliance State": "compliance",
    "Forgotten Email Not Subscribed": "forgotten",
    "Invalid Resource": ADDRESS_REFUSED,
    "Member Exists": ADDRESS_TAKEN,
}
# seen: the field for an address that exists in the audience, and that for one that exists or is not valid.
_TAKEN_FIELD, _ADDRESS_FIELD = "email address", "email_address"
# seen: a merge field is named by its tag, or by this prefix and its tag.
_OF_MERGE_FIELDS = "merge_fields."
# seen: a word in the title of a refusal that concerns the account or its user → the remedy.
_REMEDIES = {
    "disabled": "the account, or the user of this key, is switched off; sign in to Mailchimp and have it switched"
    " on again, since the key may be valid",
    "compliance": "Mailchimp has suspended the account; sign in there and answer its review",
    "datacenter": "the key belongs to another data centre; correct the connection's base URL, or leave it empty",
    "forbidden": "the user of this key may not do this; give that user the role Manager or Admin in Mailchimp, or put"
    " the key of another user into the Airflow connection",
}


def classify(response: Response) -> Exception | None:
    """What a status means for the whole call. seen: the title of a 403 or 503 distinguishes a closed account from an
    invalid key."""
    if response.status_code in {HTTPStatus.FORBIDDEN, HTTPStatus.SERVICE_UNAVAILABLE} and is_json(response):
        title = _title(response).lower().replace(" ", "")
        for word, remedy in _REMEDIES.items():
            if word in title:
                return DisconnectedError(f"Mailchimp answered {response.status_code}: {remedy}")
    return session.classify(response)


def having(answer: wire.BatchAnswer, statuses: set[str]) -> set[str]:
    """The subscriber_keys that have one of ``statuses`` after a batch."""
    return {subscriber_key for subscriber_key, member in answer.by_key.items() if member.status in statuses}


def is_spelled_otherwise(member: wire.Enrolled | None, address: str) -> bool:
    """Whether a person is now subscribed under another spelling of the address, such as one with capitals."""
    return member is not None and member.status == SUBSCRIBED and member.email_address != address


def why_not_subscribed(response: Response) -> str:
    """Why a member is not subscribed after the call; "" if they are."""
    if not response.ok:
        return reason_of(response)
    status = parsed(response, wire.Member).status
    return "" if status == SUBSCRIBED else STATUS_REFUSES.get(status, f"{status}_there")


def reason_of(response: Response) -> str:
    """Why a record was refused, by code and field; a ContractError for an unknown response."""
    if response.status_code == HTTPStatus.NOT_FOUND:
        return "not_found"
    fields = fields_of(response)
    if _TAKEN_FIELD in fields:
        return ADDRESS_TAKEN
    if _ADDRESS_FIELD in fields:
        return ADDRESS_REFUSED
    if fields:
        return "field_refused:" + ",".join(sorted(fields))
    title = parsed(response, wire.Problem).title
    return _TITLES.get(title) or "refused:" + title.lower().replace(" ", "_")


def fields_of(response: Response) -> set[str]:
    """The fields that a refusal names, merge fields by their tags; a ContractError for an unknown response."""
    if response.status_code == HTTPStatus.NOT_FOUND:
        return set()
    if response.status_code != HTTPStatus.BAD_REQUEST:
        raise ContractError(f"Mailchimp answered {response.status_code} to a single record")
    errors = parsed(response, wire.Problem).errors
    return {error.field.removeprefix(_OF_MERGE_FIELDS) for error in errors if error.field}


def _title(response: Response) -> str:
    """The title of a problem document; "" if the response is none."""
    try:
        return parsed(response, wire.Problem).title
    except ContractError:
        return ""
