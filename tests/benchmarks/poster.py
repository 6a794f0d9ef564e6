"""Sends bodies to a service, as many at once as its provider allows, and keeps no account of them."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

import msgspec
import requests


class Poster:
    """Calls below ``base_url`` with ``headers``, ``at_once`` of them; holds no more than twice as many bodies."""

    def __init__(self, base_url: str, headers: dict[str, str], at_once: int) -> None:
        self.calls = 0
        self._base_url = base_url
        self._headers = {"Content-Type": "application/json", **headers}
        self._at_once = at_once
        self._pool = ThreadPoolExecutor(at_once)
        self._under_way: set[Future[bytes]] = set()
        self._local = threading.local()

    def now(self, method: str, path: str, body: object = None) -> Any:
        """The decoded answer to one body."""
        self.calls += 1
        encoded = None if body is None else msgspec.json.encode(body)
        return msgspec.json.decode(self._send(method, path, encoded))

    def later(self, method: str, path: str, body: object) -> None:
        """Send while the caller goes on."""
        self.calls += 1
        self._under_way.add(self._pool.submit(self._send, method, path, msgspec.json.encode(body)))
        if len(self._under_way) >= 2 * self._at_once:
            self._take(wait(self._under_way, return_when=FIRST_COMPLETED).done)

    def ask(self, paths: Iterable[str]) -> list[Any]:
        """The decoded answers to questions, in their order."""
        answers = list(self._pool.map(lambda path: self._send("GET", path, None), paths))
        self.calls += len(answers)
        return [msgspec.json.decode(answer) for answer in answers]

    def finish(self) -> None:
        """Wait for all that is under way."""
        self._take(wait(self._under_way).done)

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown()

    def _take(self, done: set[Future[bytes]]) -> None:
        self._under_way -= done
        for each in done:
            each.result()

    def _send(self, method: str, path: str, body: bytes | None) -> bytes:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False
            self._local.session.headers.update(self._headers)
        response = self._local.session.request(method, self._base_url + path, data=body, timeout=120)
        response.raise_for_status()
        return bytes(response.content)
