"""Persistent connections to one host; a call returns a complete response. No message contains the query of a URL."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from requests.utils import default_user_agent, requote_uri

from crm_sync.transport import answer
from crm_sync.transport.answer import Request, Response
from crm_sync.transport.network import FAILURES, Network, failure, host_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import urllib3

_MOST_KEPT_OPEN = 16  # connections; no provider is sent more calls at once
_HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": answer.ENCODING,
    "Content-Type": "application/json",
    "User-Agent": default_user_agent("crm-sync, python-requests"),
}


class _QueriesUnsaid(logging.Filter):
    """Removes the query from every URL that urllib3 logs: with some services it contains an e-mail address."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record; it is always logged."""
        if isinstance(record.args, tuple):
            record.args = tuple(arg.partition("?")[0] if isinstance(arg, str) else arg for arg in record.args)
        return True


logging.getLogger("urllib3.connectionpool").addFilter(_QueriesUnsaid())


class Line:
    """Connections to the host of ``url`` by one network route. Threads may share it: each call uses an idle connection
    or opens one. ``authorize`` adds the credentials to a request."""

    def __init__(self, url: str, network: Network, authorize: Callable[[Any], object], timeout_seconds: float) -> None:
        self._url = url
        self._network = network
        self._authorize = authorize
        self._timeout_seconds = timeout_seconds
        self._lock = threading.Lock()
        self._known: urllib3.HTTPConnectionPool | None = None

    def call(self, method: str, url: str, body: bytes | None) -> Response:
        """The response, which may be a redirect. A ConfigError or TransientError without one; it quotes nothing of the
        call."""
        request = Request(method, url, dict(_HEADERS))
        self._authorize(request)
        try:
            raw = self._connections().urlopen(
                method,
                _target(url),
                body=body,
                headers=request.headers,
                timeout=self._timeout_seconds,
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            whole = answer.body_of(raw)
            raw.release_conn()
        except FAILURES as error:
            raise failure(error, host_of(self._url)) from None
        return Response(request, raw.status, raw.headers, whole)

    def _connections(self) -> urllib3.HTTPConnectionPool:
        with self._lock:
            if self._known is None:
                self._known = self._network.connections(self._url, _MOST_KEPT_OPEN)
            return self._known


def with_query(url: str, query: Mapping[str, Any] | None) -> str:
    """A URL with a query; parameters that are None are left out."""
    given = {name: value for name, value in (query or {}).items() if value is not None}
    return f"{url}?{urlencode(given)}" if given else url


def _target(url: str) -> str:
    """The request target: path and query, with every character quoted that a URL must not contain."""
    parts = urlsplit(url)
    path = parts.path or "/"
    return requote_uri(f"{path}?{parts.query}" if parts.query else path)
