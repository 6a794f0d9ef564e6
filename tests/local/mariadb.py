"""A real MariaDB server, as a process of an unprivileged user; `make mariadb` installs it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

import pymysql

from local.postgres import as_server_user, free_port

PROGRAM, INSTALL = Path("/usr/sbin/mariadbd"), Path("/usr/bin/mariadb-install-db")
START_SECONDS = 120
# Nothing here has to outlast a power cut.
SETTINGS = {
    "innodb_flush_log_at_trx_commit": 0,
    "innodb_flush_method": "nosync",
    "innodb_doublewrite": 0,
    "innodb_buffer_pool_size": "64M",
    "innodb_log_file_size": "16M",
    "sync_frm": 0,
}


class MariaDbError(RuntimeError):
    """It is not installed, or did not start; the message says what to do."""


class MariaDb:
    """A server on a free port of 127.0.0.1, user ``root`` without a password; its data goes when it stops."""

    def __init__(self) -> None:
        if not PROGRAM.exists():
            raise MariaDbError("there is no MariaDB on this machine: make mariadb installs it")
        self.port = free_port()

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="crm-sync-mariadb-"))
        if as_server_user():
            shutil.chown(self._folder, "nobody", "nogroup")
        self._log = (self._folder / "server.log").open("w+b")
        data = f"--datadir={self._folder / 'data'}"
        install = [str(INSTALL), "--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db"]
        self._install(install)
        told = [f"--{name}={value}" for name, value in SETTINGS.items()]
        # Not /tmp: a server that starts removes the temporary tables of another one there.
        places = [f"--port={self.port}", "--bind-address=127.0.0.1", f"--socket={self._folder / 'socket'}"]
        places.append(f"--tmpdir={self._folder}")
        command = [*as_server_user(), str(PROGRAM), "--no-defaults", data, *places, *told]
        self._process = subprocess.Popen(command, stdout=self._log, stderr=subprocess.STDOUT, cwd="/")
        self._await()
        return self

    def _install(self, command: list[str]) -> None:
        done = subprocess.run(
            [*as_server_user(), *command], stdout=self._log, stderr=subprocess.STDOUT, cwd="/", check=False
        )
        if done.returncode:
            raise MariaDbError(f"mariadb-install-db failed: {self._told()}")

    def _await(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.connect().close()
            except pymysql.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise MariaDbError(f"it did not start: {self._told()}") from None
                time.sleep(0.05)
            else:
                return

    def _told(self) -> str:
        self._log.seek(0)
        return self._log.read().decode()[-1500:]

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._log.close()
        shutil.rmtree(self._folder)

    def connect(self, database: str | None = None) -> pymysql.Connection[Any]:
        """A connection of its own, which commits each statement."""
        return pymysql.connect(host="127.0.0.1", port=self.port, user="root", database=database, autocommit=True)

    def create_database(self, name: str, script: str = "") -> str:
        """Create database ``name`` anew, by the statements of ``script``; its SQLAlchemy URL."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"drop database if exists {name}")
            cursor.execute(f"create database {name} character set utf8mb4 collate utf8mb4_unicode_ci")
        self.do(name, script)
        return f"mysql+pymysql://root@127.0.0.1:{self.port}/{name}?charset=utf8mb4"

    def do(self, database: str, script: str) -> list[tuple[Any, ...]]:
        """Run statements, each ended by a semicolon at the end of its line; the rows of the last."""
        rows: list[tuple[Any, ...]] = []
        with self.connect(database) as connection, connection.cursor() as cursor:
            for statement in filter(str.strip, script.split(";\n")):
                cursor.execute(statement)
                rows = list(cursor.fetchall())
        return rows
