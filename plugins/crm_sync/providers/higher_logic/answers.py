"""What the response to a push means, by version of the Push API."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

from crm_sync.errors import ContractError
from crm_sync.providers.higher_logic import wire
from crm_sync.transport import session
from crm_sync.transport.answer import speaks_html

if TYPE_CHECKING:
    from collections.abc import Callable

    from crm_sync.providers.higher_logic.push_version import PushVersion
    from crm_sync.transport.answer import Response

# Version 2. assumed: these refuse a push for its contents or its size; a part of it may have been accepted.
_REFUSALS = frozenset({400, 409, 413, 422})


def classifier(version: PushVersion) -> Callable[[Response], Exception | None]:
    """What a status means for the whole call. A version whose responses have no body may refuse without JSON."""
    return session.classify if version.reads_answer else _classify


def _classify(response: Response) -> Exception | None:
    is_refusal = response.status_code in _REFUSALS and not speaks_html(response)
    return None if is_refusal else session.classify(response)


def require_taken(response: Response, host: str) -> None:
    """A ContractError for a success other than 200, the only one that is known, or for an HTML page from something in
    front of the service."""
    if response.status_code != HTTPStatus.OK:
        raise ContractError(f"{host} answered {response.status_code}, a success that nobody expects")
    if response.content.lstrip().startswith(b"<"):
        raise ContractError(f"{host} answered with a page; something on the way may have answered for it")


def answer_of(version: PushVersion, response: Response) -> wire.Answer:
    """Whether a push was accepted. A ContractError for a response that no version returns."""
    status = response.status_code
    if not version.reads_answer:
        if status != HTTPStatus.OK and status not in _REFUSALS:
            raise ContractError(f"Higher Logic answered {status} to a push")
        return wire.Answer(success=status == HTTPStatus.OK)
    try:
        answer = msgspec.json.decode(response.content, type=wire.Answer)
    except (ValueError, RecursionError):  # no JSON, or not UTF-8
        raise ContractError(f"Higher Logic answered {status}, and not as an answer to a push is") from None
    if answer.success and not response.ok:
        raise ContractError(f"Higher Logic answered {status} to a push, and called it a success")
    return answer
