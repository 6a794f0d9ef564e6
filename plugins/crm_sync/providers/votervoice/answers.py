"""Reads VoterVoice's responses by status and field: its refusals are free text, which is not read."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crm_sync.errors import ContractError, DisconnectedError, TransientError
from crm_sync.providers.votervoice import wire
from crm_sync.transport import session
from crm_sync.transport.answer import speaks_html

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_sync.transport.answer import Response

REFUSED = "record_refused"
NOT_FOUND = "not_found"
TAKEN = "address_taken"
# Status → reason for refusing a record. assumed: the vendor documents only common status codes.
_REASONS = {400: REFUSED, 404: NOT_FOUND, 409: TAKEN, 422: REFUSED}


def classifier(association: str) -> Callable[[Response], Exception | None]:
    """What a status means for the whole call. Refusals are plain text or JSON; HTML comes from an edge under load."""

    def classify(response: Response) -> Exception | None:
        host, status = urlsplit(response.url).netloc.rpartition("@")[2], response.status_code
        if 400 <= status < 500 and status != HTTPStatus.UNAUTHORIZED and speaks_html(response):
            return TransientError(
                f"{host} answered {status} with a page, as something in front of it does; {session.PAGE_REMEDY}"
            )
        if status == HTTPStatus.BAD_REQUEST:
            return None
        if status == HTTPStatus.FORBIDDEN:
            return DisconnectedError(
                f"{host} refused the key for association {association} (403); put a valid one, and the association"
                " it is for, into the Airflow connection"
            )
        return session.classify(response)

    return classify


def reason_of(response: Response) -> str:
    """Why a record was refused; "" if the call took effect. A ContractError for an unknown status.

    seen: a successful write returns nothing (201, 204); documented: it returns the record (200).
    """
    if response.ok:
        if response.content.strip():
            session.parsed(response, wire.Found)
        return ""
    if response.status_code not in _REASONS:
        raise ContractError(f"VoterVoice answered {response.status_code} to a single record")
    return _REASONS[response.status_code]


def reason_of_new(response: Response) -> str:
    """``reason_of`` for a new contact, where 404 makes no sense and is a ContractError."""
    if response.status_code == HTTPStatus.NOT_FOUND:
        raise ContractError("VoterVoice answered 404 to a new contact")
    return reason_of(response)
