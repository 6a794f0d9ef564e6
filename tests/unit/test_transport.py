"""Which answers are waited for, which stop the run, and what is never said or followed, against a real server."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote

import pytest

from crm_sync.errors import ConfigError, ContractError, TransientError
from crm_sync.transport.session import KeyHeader, RetryPolicy, Transport, server_time
from local.postgres import free_port
from unit.answers import answer

SECRET = "very-secret"
CUT_SHORT = "application/json; only=half"


class Handler(BaseHTTPRequestHandler):
    answers: ClassVar[list[tuple[int, str]]] = []
    seen: ClassVar[list[tuple[str, str, dict[str, str]]]] = []
    bodies: ClassVar[list[bytes]] = []
    ports: ClassVar[list[int]] = []
    location: ClassVar[str] = "/elsewhere"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.seen.append((self.command, self.path, dict(self.headers)))
        self.ports.append(self.client_address[1])
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
            self.send_header("Location", self.location)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = kind == CUT_SHORT

    def do_PUT(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        pass


class Quiet(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client that hangs up is no news."""


@pytest.fixture
def server() -> Iterator[str]:
    Handler.answers.clear()
    Handler.seen.clear()
    Handler.bodies.clear()
    Handler.ports.clear()
    Handler.location = "/elsewhere"
    running = Quiet(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    thread.join()
    running.server_close()


def transport(url: str, **options: Any) -> Transport:
    return Transport(url, ("user", SECRET), RetryPolicy(5, options.pop("attempts", 3), 0.001), **options)


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


def test_threads_share_connections_that_stay_open(server: str) -> None:
    shared = transport(server)
    with ThreadPoolExecutor(4) as pool:
        assert {answer.status_code for answer in pool.map(lambda _: shared.call("GET", "/x"), range(40))} == {200}
    assert shared.call("GET", "/x").status_code == 200
    assert len(Handler.seen) == 41
    assert 1 <= len(set(Handler.ports)) <= 4, "no more than were in use at once"


def test_whatever_is_in_a_path_or_query_arrives_as_it_was(server: str) -> None:
    transport(server + "/base").call("GET", "/é b/%2F", query={"q": "ü&=?# +", "n": 7, "none": None})
    ((_, path, _),) = Handler.seen
    assert unquote(path.partition("?")[0]) == "/base/é b//"
    assert parse_qs(path.partition("?")[2]) == {"q": ["ü&=?# +"], "n": ["7"]}


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("to", ["/there?c=d", "{server}/there?c=d"])
def test_a_redirect_that_keeps_method_and_body_is_followed_on_the_same_host(status: int, to: str, server: str) -> None:
    Handler.location = to.format(server=server)
    Handler.answers += [(status, JSON), (status, JSON)]
    assert transport(server).call("PUT", "/here", query={"a": "b"}, body=b"{}").status_code == 200
    assert [(method, path) for method, path, _ in Handler.seen] == [
        ("PUT", "/here?a=b"),
        ("PUT", "/there?c=d"),
        ("PUT", "/there?c=d"),
    ]
    assert Handler.bodies == [b"{}"] * 3
    assert all(headers["Authorization"].startswith("Basic ") for _, _, headers in Handler.seen)


@pytest.mark.parametrize("to", ["http://localhost:{port}/there", "https://127.0.0.1:{port}/there", "//localhost/x"])
def test_a_redirect_to_another_host_is_told_and_the_key_stays_here(to: str, server: str) -> None:
    Handler.location = to.format(port=server.rpartition(":")[2])
    Handler.answers += [(307, JSON)]
    with pytest.raises(ConfigError, match=r"where the key is not sent.*base URL") as caught:
        transport(server).call("GET", "/people/hash")
    assert len(Handler.seen) == 1
    assert "hash" not in str(caught.value)
    assert "there" not in str(caught.value)


def test_a_redirect_to_no_address_stops_the_run(server: str) -> None:
    Handler.location = "http://[half"
    Handler.answers += [(307, JSON)]
    with pytest.raises(ConfigError, match="base URL"):
        transport(server).call("GET", "/x")


@pytest.mark.parametrize(
    ("said", "is_time"),
    [
        ("Fri, 27 Nov 2026 11:00:00 GMT", True),
        ("Fri, 27 Nov 2026 11:00:00 -0000", True),
        ("yesterday", False),
        ("", False),
        ("Mon, 32 Jan 2026 00:00:00 GMT", False),
    ],
)
def test_a_clock_that_says_no_time_is_no_crash(said: str, is_time: bool) -> None:
    said_then = answer(Date=said)
    if is_time:
        assert server_time(said_then) == datetime(2026, 11, 27, 11, tzinfo=UTC)
    else:
        with pytest.raises(ContractError, match="no Date"):
            server_time(said_then)


def test_redirects_without_an_end_stop_the_run(server: str) -> None:
    Handler.answers += [(307, JSON)] * 10
    with pytest.raises(ContractError, match="307"):
        transport(server).call("GET", "/x")
    assert len(Handler.seen) == 4


def test_a_call_made_once_is_left_to_its_maker_who_may_begin_again(server: str) -> None:
    Handler.answers += [(503, JSON)]
    made = transport(server)
    with pytest.raises(TransientError):
        made.once("GET", "/x")
    assert len(Handler.seen) == 1
    Handler.answers += [(200, JSON), (503, JSON)]

    def both() -> int:
        return made.once("GET", "/first").status_code + made.once("GET", "/second").status_code

    assert made.again(both) == 400
    assert [path for _, path, _ in Handler.seen[1:]] == ["/first", "/second", "/first", "/second"]


def test_a_key_may_be_the_whole_of_one_header(server: str) -> None:
    Transport(server, KeyHeader("x-api-key", SECRET), RetryPolicy(5, 1, 0.001)).call("GET", "/x")
    ((_, _, headers),) = Handler.seen
    assert headers["x-api-key"] == SECRET
    assert "Authorization" not in headers
    assert SECRET not in repr(KeyHeader("x-api-key", SECRET))


def test_a_query_is_in_nobodys_log(server: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    transport(server).call("GET", "/people", query={"email": "ann@example.org"})
    said = [record.getMessage() for record in caplog.records]
    assert any("/people" in line for line in said)
    assert not any("example.org" in line for line in said)
