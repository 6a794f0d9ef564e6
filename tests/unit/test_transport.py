"""Which answers are waited for, which stop the run, and what is never said or followed, against a real server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from crm_sync.errors import ConfigError, ContractError, TransientError
from crm_sync.transport import Patience, Transport
from local.postgres import free_port

SECRET = "very-secret"
CUT_SHORT = "application/json; only=half"


class Handler(BaseHTTPRequestHandler):
    answers: ClassVar[list[tuple[int, str]]] = []
    seen: ClassVar[list[tuple[str, str, dict[str, str]]]] = []
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.seen.append((self.command, self.path, dict(self.headers)))
        status, kind = self.answers.pop(0) if self.answers else (200, "application/json")
        body = b"{}"
        if status == 0:
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) + (9 if kind == CUT_SHORT else 0)))
        if 300 <= status < 400:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = kind == CUT_SHORT

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Handler.answers.clear()
    Handler.seen.clear()
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()
    running.server_close()


def transport(url: str, **options: Any) -> Transport:
    return Transport(url, ("user", SECRET), Patience(5, options.pop("attempts", 3), 0.001), **options)


JSON, HTML = "application/problem+json", "text/html"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((status, JSON) for status in (408, 425, 429, 500, 502, 503, 504, 520, 524)),
        (429, HTML),
        (403, HTML),
        (400, HTML),
        (0, ""),
        (200, CUT_SHORT),
    ],
)
def test_what_may_pass_is_tried_again(status: int, kind: str, server: str) -> None:
    Handler.answers += [(status, kind)] * 2
    assert transport(server).call("GET", "/people/hash").status_code == 200
    assert len(Handler.seen) == 3
    Handler.seen.clear()
    Handler.answers += [(status, kind)] * 3
    with pytest.raises(TransientError) as caught:
        transport(server).call("GET", "/people/hash")
    assert len(Handler.seen) == 3
    assert "127.0.0.1" in str(caught.value)
    assert "hash" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [(401, JSON, ConfigError), (401, HTML, ConfigError), (403, JSON, ConfigError), (302, HTML, ContractError)],
)
def test_what_will_not_pass_is_tried_once(status: int, kind: str, error: type[Exception], server: str) -> None:
    Handler.answers += [(status, kind)]
    with pytest.raises(error) as caught:
        transport(server).call("GET", "/people/hash")
    assert [path for _, path, _ in Handler.seen] == ["/people/hash"], "a redirect is not followed"
    assert "hash" not in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("status", [200, 204, 400, 404, 405])
def test_what_speaks_of_a_record_is_left_to_the_client(status: int, server: str) -> None:
    Handler.answers += [(status, JSON)]
    assert transport(server).call("GET", "/x").status_code == status
    assert len(Handler.seen) == 1


def test_a_service_that_is_not_there_is_waited_for() -> None:
    with pytest.raises(TransientError, match="ConnectionError"):
        transport(f"http://127.0.0.1:{free_port()}").call("GET", "/x")


def test_a_base_url_that_is_none_is_a_config_error() -> None:
    with pytest.raises(ConfigError, match="base URL"):
        transport("nowhere").call("GET", "/x")


def test_a_password_in_the_base_url_is_not_repeated() -> None:
    with pytest.raises(TransientError) as caught:
        transport(f"http://me:{SECRET}@127.0.0.1:{free_port()}").call("GET", "/x")
    assert SECRET not in str(caught.value)


def test_no_proxy_and_no_netrc_sees_the_key(server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert transport(server).call("GET", "/x", query={"a": "b c"}).status_code == 200
    _, path, headers = Handler.seen[0]
    assert path == "/x?a=b+c"
    assert headers["Authorization"].startswith("Basic ")
    assert headers["Content-Type"] == "application/json"


def test_each_thread_keeps_its_own_connection(server: str) -> None:
    shared = transport(server)
    sessions: list[Any] = []
    threads = [threading.Thread(target=lambda: sessions.append(shared._session)) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len({id(session) for session in sessions}) == 3
    assert shared._session is shared._session
