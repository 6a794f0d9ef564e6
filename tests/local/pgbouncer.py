"""A real PgBouncer before a real PostgreSQL, as a process of an unprivileged user; `make pgbouncer` installs it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import psycopg

from local.postgres import Postgres, as_server_user, free_port

PROGRAM = "/usr/sbin/pgbouncer"
START_SECONDS = 30


class PgBouncerError(RuntimeError):
    """It is not installed, or did not start; the message says what to do."""


class PgBouncer:
    """A pooler with at most ``connections`` to each database; ``pool_mode``: session, transaction, statement."""

    def __init__(self, server: Postgres, *, pool_mode: str = "transaction", connections: int = 2) -> None:
        if not Path(PROGRAM).exists():
            raise PgBouncerError("there is no PgBouncer on this machine: make pgbouncer installs it")
        self.port = free_port()
        self._server = server
        self._settings = {
            "listen_addr": "127.0.0.1",
            "listen_port": self.port,
            "unix_socket_dir": "",
            "auth_type": "any",
            "pool_mode": pool_mode,
            "default_pool_size": connections,
            "reserve_pool_size": 0,
        }

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="crm-sync-pgbouncer-"))
        self._folder.chmod(0o755)
        parts = urlsplit(self._server.dsn())
        database = f"* = host={parts.hostname} port={parts.port} user={parts.username}"
        settings = "\n".join(f"{name} = {value}" for name, value in self._settings.items())
        file = self._folder / "pgbouncer.ini"
        file.write_text(f"[databases]\n{database}\n[pgbouncer]\n{settings}\n")
        self._output = tempfile.TemporaryFile("w+b")
        command = [*as_server_user(), PROGRAM, str(file)]
        self._process = subprocess.Popen(command, stdout=self._output, stderr=subprocess.STDOUT)
        self._await()
        return self

    def _await(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(f"postgresql://postgres@127.0.0.1:{self.port}/pgbouncer").close()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self._output.seek(0)
                    raise PgBouncerError(f"it did not start: {self._output.read().decode()}") from None
                time.sleep(0.05)
            else:
                return

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._output.close()
        shutil.rmtree(self._folder)

    def dsn(self, url: str) -> str:
        """The URL of a database of the server, by way of the pooler."""
        parts = urlsplit(url)
        return urlunsplit(parts._replace(netloc=f"{parts.username}@127.0.0.1:{self.port}"))
