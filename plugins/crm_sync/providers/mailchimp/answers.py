"""Reads Mailchimp's answers: what became of a person, and why, by codes and fields and never by sentences."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from crm_sync.errors import ContractError
from crm_sync.providers.mailchimp import wire
from crm_sync.transport import parsed

if TYPE_CHECKING:
    import requests

SUBSCRIBED = "subscribed"
# What a member's status says of an attempt to enroll it; nothing here is ever overruled by the pipeline.
STATUS_REFUSES = {"unsubscribed": "opted_out", "cleaned": "cleaned", "pending": "pending_confirmation"}
# seen: the titles of problem documents are codes, their details are localised sentences.
_TITLES = {
    "Member In Compliance State": "compliance",
    "Forgotten Email Not Subscribed": "forgotten",
    "Invalid Resource": "address_or_field_refused",
    "Member Exists": "address_taken",
}
_ADDRESS_FIELD = "email address"


def having(answer: wire.BatchAnswer, statuses: set[str]) -> set[str]:
    """The subjects that are in one of ``statuses`` after a batch."""
    return {subject for subject, member in answer.by_subject.items() if member.status in statuses}


def is_spelled_otherwise(member: wire.Enrolled | None, address: str) -> bool:
    """Whether somebody is subscribed now under an address that is written otherwise there, in capitals for example."""
    return member is not None and member.status == SUBSCRIBED and member.email_address != address


def verdict(response: requests.Response) -> str:
    """ "" where the member is subscribed now, else the reason."""
    if not response.ok:
        return reason_of(response)
    status = parsed(response, wire.Member).status
    return "" if status == SUBSCRIBED else STATUS_REFUSES.get(status, f"{status}_there")


def reason_of(response: requests.Response) -> str:
    """Why a record was refused, by code and field; a ContractError where the answer is none we know."""
    if response.status_code == HTTPStatus.NOT_FOUND:
        return "not_found"
    if response.status_code != HTTPStatus.BAD_REQUEST:
        raise ContractError(f"Mailchimp answered {response.status_code} to a single record")
    problem = parsed(response, wire.Problem)
    fields = [error.field for error in problem.errors if error.field]
    if _ADDRESS_FIELD in fields:
        return "address_taken"
    if fields:
        return "field_refused:" + ",".join(sorted(fields))
    return _TITLES.get(problem.title) or "refused:" + problem.title.lower().replace(" ", "_")
