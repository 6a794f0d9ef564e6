"""HTTP that waits where waiting may help, tells a person where it does not, and never says a secret or an address."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
import tenacity
import urllib3
from requests.adapters import HTTPAdapter

from crm_sync.errors import ConfigError, ContractError, TransientError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from requests.auth import AuthBase

_LONGEST_WAIT_SECONDS = 60.0
# 408 and 425 ask for another try, 429 for patience, 5xx are the server's own trouble: RFC 9110 section 15, RFC 6585,
# RFC 8470.
_TRANSIENT_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})


def is_json(response: requests.Response) -> bool:
    """Whether the service itself answered, not an edge or a proxy in front of it."""
    return "json" in response.headers.get("Content-Type", "")


def _host(url: str) -> str:
    """Host and port; a password that somebody wrote before them stays unsaid."""
    return urlsplit(url).netloc.rpartition("@")[2]


def classify(response: requests.Response) -> Exception | None:
    """What a status means for the whole call; None where the client decides (2xx, and what speaks of a record)."""
    host, status = _host(response.url), response.status_code
    if status in _TRANSIENT_STATUSES:
        return TransientError(f"{host} answered {status}")
    if status in {400, 403} and not is_json(response):
        return TransientError(f"{host} answered {status} without JSON, as an edge under load does")
    if status in {401, 403}:
        return ConfigError(f"{host} refused the key ({status}); put a valid one into the Airflow connection")
    if 300 <= status < 400:
        return ContractError(f"{host} answered {status}, a redirect nobody expects")
    return None


class Transport:
    """Calls to one host with its credentials; safe for several threads, each of which keeps its own connection.

    ``backoff_seconds`` is the first wait, doubled each time up to a minute, with jitter; ``attempts`` counts the first
    try. ``classify`` maps an answer to an error of the whole call.
    """

    def __init__(
        self,
        base_url: str,
        auth: AuthBase | tuple[str, str] | None,
        *,
        timeout_seconds: float,
        attempts: int,
        backoff_seconds: float,
        classify: Callable[[requests.Response], Exception | None] = classify,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.host = _host(base_url)
        self._auth = auth
        self._timeout_seconds = timeout_seconds
        self._classify = classify
        self._local = threading.local()
        self._retry = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(TransientError),
            stop=tenacity.stop_after_attempt(attempts),
            wait=tenacity.wait_exponential_jitter(
                multiplier=backoff_seconds, max=_LONGEST_WAIT_SECONDS, jitter=backoff_seconds
            ),
            reraise=True,
        )

    def call(
        self, method: str, path: str, *, body: bytes | None = None, query: Mapping[str, Any] | None = None
    ) -> requests.Response:
        """The answer to a call; tried again while it is a TransientError. ``body`` is JSON."""
        return self._retry.copy()(self._once, method, path, body, query)

    def _once(self, method: str, path: str, body: bytes | None, query: Mapping[str, Any] | None) -> requests.Response:
        try:
            response = self._session.request(
                method,
                self.base_url + path,
                data=body,
                params=query,
                timeout=self._timeout_seconds,
                allow_redirects=False,
                stream=True,
            )
            # In one piece: left to itself, requests puts an answer of half a megabyte together out of 10 kB each.
            response._content = response.raw.read(decode_content=True)
        except (requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError) as error:
            # The message of requests holds the path, and a path may hold a person's hash.
            raise TransientError(f"{self.host}: {type(error).__name__}") from None
        except requests.RequestException as error:
            raise ConfigError(f"{self.host}: {type(error).__name__}; look at the connection's base URL") from None
        failure = self._classify(response)
        if failure is not None:
            raise failure
        return response

    @property
    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            session = requests.Session()
            session.trust_env = False  # a proxy or a .netrc of the worker must not see the key
            session.auth = self._auth
            session.headers["Content-Type"] = "application/json"
            session.mount("http://", HTTPAdapter(pool_maxsize=1))
            session.mount("https://", HTTPAdapter(pool_maxsize=1))
            self._local.session = session
        found: requests.Session = self._local.session
        return found
