"""What befalls the CRM's server: a crash that gives out transaction ids again, and a standby that takes over."""

from __future__ import annotations

import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from local.crm_data import create_schema
from local.crm_sql import SMALL_ASSOCIATION, changed_since, run_statement
from local.postgres import DSN_VARIABLE, Postgres, as_server_user

# What a commit does not wait for is on disk ten seconds later; a checkpoint that nobody waits for takes its time.
SETTINGS = {
    "wal_level": "replica",
    "max_wal_senders": "4",
    "wal_writer_delay": "10s",
    "checkpoint_timeout": "1h",
    "checkpoint_completion_target": "0.9",
}


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where servers of a test have their data."""
    monkeypatch.delenv(DSN_VARIABLE, raising=False)
    with tempfile.TemporaryDirectory(prefix="crm-sync-crash-") as directory:
        Path(directory).chmod(0o777)  # for the unprivileged user the servers run as under root
        yield Path(directory)


@pytest.fixture
def server(folder: Path) -> Iterator[Postgres]:
    """A server with the small association."""
    with Postgres(folder / "primary", settings=SETTINGS) as running:
        with psycopg.connect(running.create_database("crm")) as connection:
            create_schema(connection)
            connection.execute(SMALL_ASSOCIATION)
        yield running


def crash(server: Postgres) -> None:
    """The server dies without a word, and comes back."""
    command = [server.binaries / "pg_ctl", "-D", server.data, "-m", "immediate", "-w", "stop"]
    subprocess.run([*as_server_user(), *map(str, command)], check=True, capture_output=True, cwd="/")
    server.start()


def read_after_a_rollback(server: Postgres, *, leaves_marker: bool) -> str:
    """A transaction is rolled back, the CRM is read. The cursor."""
    with ExitStack() as stack:
        undecided, reading, marking = (stack.enter_context(psycopg.connect(server.dsn("crm"))) for _ in range(3))
        marking.execute("set synchronous_commit = off")
        marking.commit()
        undecided.execute("select pg_current_xact_id()")
        undecided.rollback()
        cursor = str(run_statement(reading, "crm/extract/snapshot")[0]["snapshot"])
        if leaves_marker:
            asked = {"provider": "mailchimp", "state_id": uuid.uuid4(), "run_token": uuid.uuid4()}
            run_statement(marking, "crm/markers/leave_marker", **asked)
            marking.commit()
    return cursor


def is_lost(server: Postgres, *, leaves_marker: bool) -> bool:
    """Whether a change made after a read and a crash goes past the next read."""
    crash(server)  # so that the server has ten seconds before it writes what nobody waits for
    cursor = read_after_a_rollback(server, leaves_marker=leaves_marker)
    crash(server)
    with psycopg.connect(server.dsn("crm"), autocommit=True) as connection:
        connection.execute("update crm.contact set city = concat(city, '+') where contact_id = 3")
        return changed_since(connection, cursor) != [3]


def test_a_transaction_id_that_a_read_has_seen_is_not_given_out_again(server: Postgres) -> None:
    assert any(is_lost(server, leaves_marker=False) for _ in range(5)), "or this test shows nothing"
    assert not any(is_lost(server, leaves_marker=True) for _ in range(3))


@pytest.fixture
def standby(server: Postgres, folder: Path) -> Iterator[Postgres]:
    """A second server that follows the first."""
    copy = Postgres(folder / "standby", settings={**SETTINGS, "shared_buffers": "64MB"})
    copy.directory.mkdir()
    copy.directory.chmod(0o777)
    backup = [
        server.binaries / "pg_basebackup",
        "-d",
        server.dsn(),
        "-D",
        copy.data,
        "-R",
        "-X",
        "stream",
        "-c",
        "fast",
    ]
    subprocess.run([*as_server_user(), *map(str, backup)], check=True, capture_output=True, cwd="/")
    with copy:
        yield copy


def identity(server: Postgres) -> str:
    with psycopg.connect(server.dsn("crm")) as connection:
        return str(run_statement(connection, "crm/extract/snapshot")[0]["crm_identity"])


def make_dirty(server: Postgres, standby: Postgres) -> None:
    """So much to write that the checkpoint after a promotion takes long; the standby has it all."""
    with psycopg.connect(server.dsn("crm"), autocommit=True) as connection:
        connection.execute(
            "create table public.much as select n, repeat('x', 500) as x from generate_series(1, 50000) n"
        )
        (last,) = connection.execute("select pg_current_wal_lsn()").fetchall()
    with psycopg.connect(standby.dsn("crm"), autocommit=True) as connection:
        connection.execute("set statement_timeout = '120s'")
        connection.execute(
            f"do $$ begin while pg_last_wal_replay_lsn() < '{last[0]}' loop perform pg_sleep(0.05); end loop; end $$"
        )


def test_a_promoted_standby_is_another_crm_before_its_first_checkpoint(server: Postgres, standby: Postgres) -> None:
    make_dirty(server, standby)
    before = identity(server)
    with psycopg.connect(standby.dsn("crm"), autocommit=True) as connection:
        assert connection.execute("select pg_promote(true, 300)").fetchone() == (True,)
        told = connection.execute("select timeline_id from pg_control_checkpoint()").fetchone()
        assert told == (1,), "the checkpoint must not have ended yet, or this test shows nothing"
    assert identity(standby) != before


def test_a_standby_cannot_say_what_changed(server: Postgres, standby: Postgres) -> None:
    with psycopg.connect(server.dsn("crm")) as connection:
        (here,) = run_statement(connection, "crm/extract/snapshot")
    asked = {"last_snapshot": here["snapshot"], "crm_identity": here["crm_identity"]}
    usable = []
    for each in (server, standby):
        with psycopg.connect(each.dsn("crm")) as connection:
            usable += [row["usable"] for row in run_statement(connection, "crm/extract/cursor_is_usable", **asked)]
    assert usable == [True, False]
