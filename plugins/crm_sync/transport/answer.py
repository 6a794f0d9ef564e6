"""Checks every HTTP response before a client reads it: the body is complete, and JSON in UTF-8."""

from __future__ import annotations

import gzip
import io
import zlib
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
import requests
import urllib3

from crm_sync.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

# Requested, and decompressed here: urllib3 accepts a gzip body that was cut short.
ENCODING = "gzip"
# Statuses whose body may be empty: RFC 9110 sections 15.3.2 and 15.3.5.
_MAY_BE_EMPTY = frozenset({HTTPStatus.CREATED, HTTPStatus.NO_CONTENT})
_AS_DOCUMENTED = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT})
_Container = dict[str, msgspec.Raw] | list[msgspec.Raw]


@dataclass(slots=True)
class Request:
    """A request as it was sent."""

    method: str
    url: str
    headers: dict[str, str]


@dataclass(slots=True)
class Response:
    """A complete response with its body decompressed. The attributes are named as in requests."""

    request: Request
    status_code: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def url(self) -> str:
        """The URL that was requested."""
        return self.request.url

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status_code < HTTPStatus.BAD_REQUEST


def body_of(raw: urllib3.BaseHTTPResponse) -> bytes:
    """The complete body, decompressed.

    Raises:
        urllib3.exceptions.DecodeError: the gzip body was cut short or is not gzip.
    """
    if raw.headers.get("Content-Encoding", "").strip().lower() not in {ENCODING, "x-gzip"}:
        return raw.read(decode_content=True)
    try:
        return gzip.decompress(raw.read(decode_content=False))
    except (EOFError, OSError, zlib.error) as error:
        raise urllib3.exceptions.DecodeError(type(error).__name__) from None


def unpacked(response: requests.Response, *_: Any, **__: Any) -> None:
    """``body_of`` as a response hook of requests, with the errors of requests."""
    try:
        plain = body_of(response.raw)
    except urllib3.exceptions.DecodeError as error:
        raise requests.exceptions.ContentDecodingError(str(error)) from None
    except urllib3.exceptions.HTTPError as error:
        raise requests.exceptions.ChunkedEncodingError(type(error).__name__) from None
    response.raw = urllib3.HTTPResponse(io.BytesIO(plain), preload_content=False)


def require_data(response: Response, host: str) -> None:
    """Check that a successful response comes from the service itself: a JSON object or array in UTF-8, or an empty body
    if the status allows one.

    Raises:
        ContractError: it does not; the message quotes nothing of the body.
    """
    status, body = response.status_code, response.content
    if status not in _AS_DOCUMENTED:
        raise ContractError(f"{host} answered {status}, a success that nobody expects")
    if not body.strip():
        if status not in _MAY_BE_EMPTY:
            raise ContractError(
                f"{host} answered {status} without a word; something on the way may have answered for it"
            )
        return
    try:
        body.decode()
        msgspec.json.decode(body, type=_Container)
    except (ValueError, RecursionError) as error:
        raise ContractError(
            f"{host} answered {status}, and not with JSON in UTF-8 ({type(error).__name__}); something on the way may"
            " have answered for it"
        ) from None


def speaks_html(response: Response) -> bool:
    """Whether the response is an HTML page. None of the APIs returns one; something in front of them does."""
    return "html" in response.headers.get("Content-Type", "").lower()


def said_at(response: Response) -> datetime | None:
    """The time of a response by the server's clock, in UTC; None if its Date header is missing or invalid.
    documented: RFC 9110 section 6.6.1."""
    try:
        said = parsedate_to_datetime(response.headers.get("Date", ""))
        return said.astimezone(UTC) if said.tzinfo else said.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None
