"""Reads Constant Contact's responses: what they mean for a whole call, by status and key, never by a message."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from crm_sync.errors import ContractError, CrmSyncError, DisconnectedError, QuotaExhaustedError
from crm_sync.oauth.flow import remedy
from crm_sync.providers.constant_contact import wire
from crm_sync.transport import session
from crm_sync.transport.budget import next_day

if TYPE_CHECKING:
    from crm_sync.transport.answer import Response
# documented: https://developer.constantcontact.com/api_guide/rate_limits. A third key, for bulk
# calls, is not documented.
_QUOTA, _THROTTLED = "quota_exceeded", "throttled"
_REMEDY = remedy("constant_contact")


class ForbiddenError(DisconnectedError):
    """403: the permission that the call needs was not granted, or the user or the application has lost it."""


class QueueFullError(CrmSyncError):
    """The account's queue of activities is full. documented: it holds 1,000, including those of the web pages, and does
    not clear within a wait."""


def classify(response: Response) -> Exception | None:
    """What a response means for the whole call; None if the client decides."""
    status, host = response.status_code, urlsplit(response.url).netloc.rpartition("@")[2]
    if status == HTTPStatus.TOO_MANY_REQUESTS and _QUOTA in keys(response):
        used_up = f"{host} reports that the day's calls are used up"
        there = session.server_time(response) if "Date" in response.headers else datetime.now(UTC)
        return QuotaExhaustedError(used_up, next_day(there))
    if status == HTTPStatus.TOO_MANY_REQUESTS and _is_bulk(response) and keys(response) - {_THROTTLED, ""}:
        return QueueFullError(f"{host} has too many activities waiting")
    if status == HTTPStatus.UNAUTHORIZED:
        return DisconnectedError(f"{host} refused the token (401); {_REMEDY}")
    if status == HTTPStatus.FORBIDDEN and session.is_json(response):
        return ForbiddenError(
            f"{host} refused the call (403): a privilege of its user, a scope, or the application's activation is"
            f" missing; correct that at Constant Contact, or {_REMEDY}"
        )
    return session.classify(response)


def _is_bulk(response: Response) -> bool:
    return getattr(response.request, "method", "") == "POST" and "/activities/" in urlsplit(response.url).path


def keys(response: Response) -> set[str]:
    """The keys of an error. documented: one object for 401 and 429, an array for the others; both are read for all."""
    try:
        problems = msgspec.json.decode(response.content, type=wire.Problem | list[wire.Problem])
    except ValueError:  # no JSON, or not UTF-8
        return set()
    return {problem.error_key for problem in ([problems] if isinstance(problems, wire.Problem) else problems)}


def moment(text: str) -> datetime | None:
    """A time from a response, in UTC; None for an empty text."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text else None
    except ValueError:
        raise ContractError("Constant Contact returned an invalid time") from None
