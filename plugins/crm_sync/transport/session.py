"""HTTP calls that are retried if waiting may help and raise an error with the remedy if not. No error or log contains a
secret or a person's address."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import urljoin, urlsplit

import msgspec
import tenacity
from requests.auth import HTTPBasicAuth

from crm_sync.errors import ConfigError, ContractError, DisconnectedError, QuotaExhaustedError, TransientError
from crm_sync.transport import answer
from crm_sync.transport.line import Line, with_query
from crm_sync.transport.network import DIRECT, failure, host_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from crm_sync.contract import Provider
    from crm_sync.settings import Settings
    from crm_sync.transport.answer import Request, Response
    from crm_sync.transport.budget import Budget
    from crm_sync.transport.network import Network

_LONGEST_WAIT_SECONDS = 60.0
# 408 and 425 ask for a retry, 429 for a slower pace, and 5xx are errors of the server: RFC 9110 section 15, RFC 6585,
# RFC 8470.
_TRANSIENT_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
# The redirects that keep method and body: RFC 9110 section 15.4.
_REDIRECTS = frozenset({307, 308})
_MOST_REDIRECTS = 3
PAGE_REMEDY = "if that goes on, look at the connection's base URL and proxy"

T = TypeVar("T")


class _Count:
    """A counter that threads may share."""

    def __init__(self) -> None:
        self.number = 0
        self._lock = threading.Lock()

    def add_one(self) -> None:
        """Count one more."""
        with self._lock:
            self.number += 1


_calls = _Count()


def calls_made() -> int:
    """HTTP calls of this process so far, with or without a response. The difference between two readings is the number
    of calls in between."""
    return _calls.number


def is_json(response: Response) -> bool:
    """Whether the response is JSON, and so from the service itself, not from an edge or proxy in front of it."""
    return "json" in response.headers.get("Content-Type", "")


def classify(response: Response) -> Exception | None:
    """The error that a status means for the whole call; None if the client decides (2xx, or a status about a single
    record)."""
    host, status = host_of(response.url), response.status_code
    if status in _TRANSIENT_STATUSES:
        return TransientError(f"{host} answered {status}", f"server_error_{status}")
    if status in {400, 403} and not is_json(response):
        return TransientError(
            f"{host} answered {status} without JSON, as an edge under load does", f"server_error_{status}"
        )
    if 400 <= status < 500 and status != HTTPStatus.UNAUTHORIZED and answer.speaks_html(response):
        return TransientError(f"{host} answered {status} with a page, as something in front of it does; {PAGE_REMEDY}")
    if status in {401, 403}:
        return DisconnectedError(f"{host} refused the key ({status}); put a valid one into the Airflow connection")
    if 300 <= status < 400:
        return ContractError(f"{host} answered {status}, a redirect nobody expects")
    return None


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def parsed(response: Response, kind: type[T]) -> T:
    """The JSON body of a response, decoded as ``kind``. A ContractError, which quotes none of it, if it
    does not fit."""
    try:
        found: T = _decoder(kind).decode(response.content)  # type: ignore[arg-type]  # a type is hashable
    except (ValueError, RecursionError) as error:  # no JSON, or none of that kind, or not UTF-8
        host = host_of(response.url)
        raise ContractError(f"an answer of {host} is not as documented: {type(error).__name__}") from None
    return found


def decoded(response: Response, kind: type[T]) -> T:
    """``parsed``, for a response that is not about a single record and so must be a success; else a ContractError."""
    if not response.ok:
        raise ContractError(f"{host_of(response.url)} answered {response.status_code} to a whole call")
    return parsed(response, kind)


def server_time(response: Response) -> datetime:
    """The time of a response by the provider's clock (its Date header), so that a worker's wrong clock never skips an
    opt-out. A ContractError if there is no such header."""
    said = answer.said_at(response)
    if said is None:
        raise ContractError(
            f"an answer of {host_of(response.url)} has no Date; the next poll cannot know where to begin"
        )
    return said


def _may_pass(error: BaseException) -> bool:
    """Whether a retry may help. It does not for a daily quota that is used up."""
    return isinstance(error, TransientError) and not isinstance(error, QuotaExhaustedError)


@dataclass(frozen=True)
class RetryPolicy:
    """How long a call may take, in seconds, and how often it is tried. ``attempts`` includes the first one.
    ``backoff_seconds``: the wait before the first retry; it doubles each time up to a minute, with jitter."""

    timeout_seconds: float
    attempts: int
    backoff_seconds: float

    @classmethod
    def of(cls, provider: Provider, settings: Settings) -> Self:
        """From the provider's data sheet and the settings."""
        return cls(provider.timeout_seconds, settings.attempts, settings.backoff_seconds)


@dataclass(frozen=True, repr=False)
class KeyHeader:
    """A key that is sent as the whole value of one header, without a scheme."""

    name: str
    key: str

    def __call__(self, request: Request) -> Request:
        """Add the header to a call."""
        request.headers[self.name] = self.key
        return request


class Transport:
    """Calls to one host with its credentials. Threads may share it, and then share its connections.

    A redirect that keeps method and body is followed on the same host; another host never gets the key.

    Args:
        auth: adds the credentials to a call, like an auth of requests; two texts are name and password.
        classify: maps a response to an error of the whole call, or to None.
        renew: gets the Authorization that was refused (401); returns whether there is a newer one to try once.
        budget: counts the calls and keeps to the vendor's limits.
    """

    def __init__(
        self,
        base_url: str,
        auth: Callable[[Any], Any] | tuple[str, str],
        retry_policy: RetryPolicy,
        *,
        classify: Callable[[Response], Exception | None] = classify,
        renew: Callable[[str], bool] = lambda _: False,
        budget: Budget | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.host = host_of(base_url)
        self._authorize: Callable[[Any], object] = HTTPBasicAuth(*auth) if isinstance(auth, tuple) else auth
        self._retry_policy = retry_policy
        self._classify = classify
        self._require_data: Callable[[Response, str], None] = answer.require_data
        self._renew = renew
        self._budget = budget
        self._line = Line(self.base_url, DIRECT, self._authorize, retry_policy.timeout_seconds)
        self._retry = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_may_pass),
            stop=tenacity.stop_after_attempt(retry_policy.attempts),
            wait=tenacity.wait_exponential_jitter(
                multiplier=retry_policy.backoff_seconds, max=_LONGEST_WAIT_SECONDS, jitter=retry_policy.backoff_seconds
            ),
            reraise=True,
        )

    def through(self, network: Network) -> Self:
        """Use the proxy and the certificates of ``network`` instead of the environment's."""
        self._line = Line(self.base_url, network, self._authorize, self._retry_policy.timeout_seconds)
        return self

    def taking(self, require: Callable[[Response, str], None]) -> Self:
        """Use another check of successful responses: ``require(response, host)`` raises for one that is none, as
        ``answer.require_data`` does."""
        self._require_data = require
        return self

    def call(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        query: Mapping[str, Any] | None = None,
        can_wait: bool = True,
    ) -> Response:
        """The response to a call, which is retried on a TransientError.

        Args:
            path: below the base URL.
            body: JSON text in UTF-8.
            can_wait: False for what must not wait, which may use the last calls of the day.

        Raises:
            QuotaExhaustedError: the day's calls are used up. Other errors are those of ``classify``.
        """
        return self.again(lambda: self.once(method, path, body=body, query=query, can_wait=can_wait))

    def again(self, work: Callable[[], T]) -> T:
        """Work of several calls, each made by ``once``; on a TransientError the whole of it is retried."""
        try:
            return work()
        except TransientError as error:
            met: list[TransientError] = [error]

        def left() -> T:
            if met:
                raise met.pop()
            return work()

        # tenacity costs a fifth of a call, and nearly all calls succeed at once, so it starts with the first failure.
        return self._retry.copy()(left)

    def once(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        query: Mapping[str, Any] | None = None,
        can_wait: bool = True,
    ) -> Response:
        """The response to a call that is not retried; whether that is safe, only the caller knows.
        Arguments as ``call``."""
        url = with_query(self.base_url + path, query)
        response = self._send(method, url, body, can_wait)
        refused = response.request.headers.get("Authorization", "")
        if response.status_code == HTTPStatus.UNAUTHORIZED and self._renew(refused):
            response = self._send(method, url, body, can_wait)
        failure = self._classify(response)
        if isinstance(failure, QuotaExhaustedError) and self._budget:
            self._budget.exhaust()
        if failure is not None:
            raise failure
        if response.ok:
            self._require_data(response, self.host)
        return response

    def _send(self, method: str, url: str, body: bytes | None, can_wait: bool) -> Response:
        """The response after redirects. A ConfigError if one leads to another host, which must not see the key."""
        response = self._sent(method, url, body, can_wait)
        for _ in range(_MOST_REDIRECTS):
            if response.status_code not in _REDIRECTS or "Location" not in response.headers:
                break
            response = self._sent(method, self._sent_on_to(response), body, can_wait)
        return response

    def _sent_on_to(self, response: Response) -> str:
        try:
            url = urljoin(response.url, response.headers["Location"])
            is_elsewhere = urlsplit(url)[:2] != urlsplit(response.url)[:2]
        except ValueError as error:  # no address
            raise failure(error, self.host) from None
        if is_elsewhere:
            raise ConfigError(
                f"{self.host} sends calls on to {host_of(url)}, where the key is not sent unasked; if that is right,"
                " put it into the connection's base URL"
            )
        return url

    def _sent(self, method: str, url: str, body: bytes | None, can_wait: bool) -> Response:
        if self._budget:
            self._budget.acquire(can_wait=can_wait)
        _calls.add_one()
        response = self._line.call(method, url, body)
        if self._budget:
            self._budget.sync_clock(response)
        return response
