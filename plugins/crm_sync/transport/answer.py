"""What every answer over HTTP must be before anybody reads it: whole, JSON in UTF-8, of this time."""

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

# What is asked for, and undone here: urllib3 takes a gzip that was cut short for a whole one.
ENCODING = "gzip"
# Those that may be about nothing: RFC 9110 sections 15.3.2 and 15.3.5.
_MAY_BE_EMPTY = frozenset({HTTPStatus.CREATED, HTTPStatus.NO_CONTENT})
_AS_DOCUMENTED = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.NO_CONTENT})
_Container = dict[str, msgspec.Raw] | list[msgspec.Raw]


@dataclass(slots=True)
class Request:
    """A call as it was sent."""

    method: str
    url: str
    headers: dict[str, str]


@dataclass(slots=True)
class Response:
    """An answer as it came, its body whole and unpacked. Names are those of requests."""

    request: Request
    status_code: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def url(self) -> str:
        """Where it was asked for."""
        return self.request.url

    @property
    def ok(self) -> bool:
        """Whether it is no refusal."""
        return self.status_code < HTTPStatus.BAD_REQUEST


def body_of(raw: urllib3.BaseHTTPResponse) -> bytes:
    """The body that arrives: undone as a whole where it is in gzip. One that was cut short, or is no gzip, is an error
    of urllib3's."""
    if raw.headers.get("Content-Encoding", "").strip().lower() not in {ENCODING, "x-gzip"}:
        return raw.read(decode_content=True)
    try:
        return gzip.decompress(raw.read(decode_content=False))
    except (EOFError, OSError, zlib.error) as error:
        raise urllib3.exceptions.DecodeError(type(error).__name__) from None


def unpacked(response: requests.Response, *_: Any, **__: Any) -> None:
    """The same as a hook of requests, with its errors."""
    try:
        plain = body_of(response.raw)
    except urllib3.exceptions.DecodeError as error:
        raise requests.exceptions.ContentDecodingError(str(error)) from None
    except urllib3.exceptions.HTTPError as error:
        raise requests.exceptions.ChunkedEncodingError(type(error).__name__) from None
    response.raw = urllib3.HTTPResponse(io.BytesIO(plain), preload_content=False)


def require_data(response: Response, host: str) -> None:
    """A ContractError where a success is none of the service's own: it is an object or an array in UTF-8, or nothing
    where the status says so. Nothing of it is quoted."""
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
    """Whether it is a page for people, which no API here has."""
    return "html" in response.headers.get("Content-Type", "").lower()


def said_at(response: Response) -> datetime | None:
    """When, by the clock there; None where it does not say, or says no time. documented: RFC 9110 section 6.6.1."""
    try:
        said = parsedate_to_datetime(response.headers.get("Date", ""))
        return said.astimezone(UTC) if said.tzinfo else said.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None
