"""A private authority, a server with its certificate, and a forward proxy that writes down all that passes in the
clear."""

from __future__ import annotations

import contextlib
import datetime
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HERE = ip_address("127.0.0.1")


def _signed(subject: str, key: Any, issuer: str, by: Any, *, is_authority: bool) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in (subject, issuer)]
    made = x509.CertificateBuilder(
        names[1], names[0], key.public_key(), x509.random_serial_number(), now - day, now + day
    )
    made = made.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    if not is_authority:
        made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(HERE)]), critical=False)
    return made.sign(by, hashes.SHA256())


def certificates(folder: Path) -> tuple[Path, Path]:
    """The authority's file, and the server's with its key."""
    root, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority = _signed("Example CA", root, "Example CA", root, is_authority=True)
    server = _signed("127.0.0.1", own, "Example CA", root, is_authority=False)
    pem = serialization.Encoding.PEM
    key = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    files = folder / "ca.pem", folder / "server.pem"
    files[0].write_bytes(authority.public_bytes(pem))
    files[1].write_bytes(key + server.public_bytes(pem))
    return files


class Server(ThreadingHTTPServer):
    """Keeps in ``seen`` what it is shown, and says nothing of clients that hang up."""

    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler], password: str) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.seen: list[Any] = []
        self.password = password

    def handle_error(self, *_: object) -> None:
        """Silent."""


class Secure(BaseHTTPRequestHandler):
    """Answers JSON to everything."""

    body = b"{}"
    server: Server

    def do_GET(self) -> None:
        """One answer; the headers are kept."""
        self.server.seen.append(dict(self.headers))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    do_POST = do_GET  # noqa: N815  as the library names it

    def log_message(self, *_: Any) -> None:
        """Silent."""


class Proxy(BaseHTTPRequestHandler):
    """A forward proxy: CONNECT only, with a password where its server has one."""

    server: Server
    raw_requestline: bytes

    def do_CONNECT(self) -> None:
        """Join both ends until one of them ends."""
        self.server.seen.append((self.raw_requestline + bytes(self.headers)).decode())
        wanted = self.server.password
        if wanted and self.headers.get("Proxy-Authorization") != wanted:
            self.send_response(407)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        host, _, port = self.path.partition(":")
        with socket.create_connection((host, int(port))) as there:
            self.send_response(200)
            self.end_headers()
            ends = [self.connection, there]
            while True:
                ready, _, _ = select.select(ends, [], [])
                for each in ready:
                    data = each.recv(65536)
                    if not data:
                        self.close_connection = True
                        return
                    ends[1 - ends.index(each)].sendall(data)

    def do_GET(self) -> None:
        """A call in the clear: kept, and refused."""
        self.server.seen.append((self.raw_requestline + bytes(self.headers)).decode())
        self.send_error(502)

    def log_message(self, *_: Any) -> None:
        """Silent."""


@contextlib.contextmanager
def running(
    handler: type[BaseHTTPRequestHandler], certificate: Path | None = None, password: str = ""
) -> Iterator[Server]:
    """A server on a free port; ``seen`` is what it was shown."""
    server = Server(handler, password)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
