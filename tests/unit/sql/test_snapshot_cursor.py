"""Changes are read without gaps and without repeats, whatever order transactions begin and commit in."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from local.crm_sql import changed_since, explain_statement, run_statement

WRITERS, TRANSACTIONS = 4, 40


class Reader:
    """Reads as the pipeline does: snapshot first, then the changes, in one REPEATABLE READ transaction."""

    def __init__(self, dsn: str) -> None:
        self._connection = psycopg.connect(dsn)
        self._connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        self.cursor = self.begin()
        self._connection.commit()

    def begin(self) -> str:
        """Begin the transaction; the cursor of this read."""
        return str(run_statement(self._connection, "crm/extract/snapshot")[0]["snapshot"])

    def changed(self) -> list[int | None]:
        """What changed since the last read, as the open transaction sees it."""
        return changed_since(self._connection, self.cursor)

    def read(self) -> list[int | None]:
        """One whole read; moves the cursor."""
        snapshot = self.begin()
        found = self.changed()
        self.end(snapshot)
        return found

    def end(self, snapshot: str) -> None:
        """End the transaction and move the cursor to its snapshot."""
        self._connection.commit()
        self.cursor = snapshot

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


@pytest.fixture
def reader(small: psycopg.Connection, crm: str) -> Iterator[Reader]:
    opened = Reader(crm)
    yield opened
    opened.close()


def touch(connection: psycopg.Connection, contact_id: int) -> None:
    connection.execute("UPDATE crm.contact SET city = concat(city, '+') WHERE contact_id = %s", [contact_id])


def test_a_transaction_that_commits_late_is_neither_lost_nor_read_twice(
    reader: Reader, small: psycopg.Connection, crm: str
) -> None:
    with psycopg.connect(crm) as late:
        touch(late, 3)  # begins first ...
        touch(small, 4)
        assert reader.read() == [4]
        late.commit()  # ... and commits after the read
    assert reader.read() == [3]
    assert reader.read() == []


def test_what_commits_during_a_read_belongs_to_the_next(reader: Reader, small: psycopg.Connection) -> None:
    snapshot = reader.begin()
    touch(small, 3)
    assert reader.changed() == []
    reader.end(snapshot)
    assert reader.read() == [3]


def test_a_rollback_leaves_nothing(reader: Reader, small: psycopg.Connection, crm: str) -> None:
    with psycopg.connect(crm) as undecided:
        touch(undecided, 3)
        assert reader.read() == []
        undecided.rollback()
    touch(small, 4)
    assert reader.read() == [4]


def test_changes_under_a_savepoint_are_seen_and_undone_ones_are_not(reader: Reader, small: psycopg.Connection) -> None:
    with small.transaction():
        touch(small, 4)
        with small.transaction():
            touch(small, 3)
        with small.transaction(force_rollback=True):
            touch(small, 2)
        assert reader.read() == []
    assert reader.read() == [3, 4]


def write(crm: str, writer: int, ready: threading.Barrier) -> None:
    """Insert contacts, two transactions open at a time, the older committing last; every third pair is rolled back."""
    with psycopg.connect(crm) as first, psycopg.connect(crm) as second:
        ready.wait(timeout=30)
        for number in range(TRANSACTIONS):
            for side, connection in enumerate((first, second)):
                contact_id = 1000 * (writer + 1) + 2 * number + side
                connection.execute("INSERT INTO crm.contact (contact_id) VALUES (%s)", [contact_id])
            for connection in (second, first):
                connection.rollback() if number % 3 == 2 else connection.commit()


def test_a_storm_of_overlapping_transactions_is_read_exactly_once(
    reader: Reader, small: psycopg.Connection, crm: str
) -> None:
    ready = threading.Barrier(WRITERS + 1)
    batches: list[list[int | None]] = []
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(write, crm, number, ready) for number in range(WRITERS)]
        ready.wait(timeout=30)
        while not all(writer.done() for writer in writers):
            batches.append(reader.read())
        for writer in writers:
            writer.result()
    batches.append(reader.read())
    committed = small.execute("SELECT contact_id FROM crm.contact WHERE contact_id >= 1000 ORDER BY 1").fetchall()
    assert len(committed) == WRITERS * 2 * (TRANSACTIONS - TRANSACTIONS // 3)
    assert sorted(each or 0 for each in itertools.chain.from_iterable(batches)) == [row[0] for row in committed]
    assert sum(map(bool, batches)) > 1, "the reads must overlap the writes, or this test shows nothing"


def test_the_read_uses_the_index(small: psycopg.Connection) -> None:
    small.execute(
        "INSERT INTO crm.change_log (cause, key, xid) "
        "SELECT 'contact', n, (n %% 500 + 3)::text::xid8 FROM generate_series(1, %s) n",
        [50_000],
    )
    small.execute("ANALYZE crm.change_log")
    snapshot = run_statement(small, "crm/extract/snapshot")[0]["snapshot"]
    plan = explain_statement(small, "crm/extract/changed_contacts", last_snapshot=snapshot, since=None, until=None)
    assert "change_log_xid" in plan
    assert "Seq Scan" not in plan


@pytest.fixture
def large(connection: psycopg.Connection) -> psycopg.Connection:
    """100,000 individuals of 1,000 organizations, in ten lists, with memberships of ten types."""
    connection.execute("set session_replication_role = replica")  # no foreign keys are looked up, row by row
    connection.execute(
        "insert into crm.contact (contact_id, kind)"
        " select n, case when n > 100000 then 'organization' else 'individual' end from generate_series(1, 101000) n"
    )
    for statement in (
        "email_address (contact_id, address, is_primary) select n, 'p' || n || '@example.org', true",
        "relationship (individual_id, organization_id) select n, 100001 + n % 1000",
    ):
        connection.execute(f"insert into crm.{statement} from generate_series(1, 100000) n".encode())
    connection.execute("insert into crm.list (list_id, name) select n, 'L' from generate_series(0, 9) n")
    connection.execute(
        "insert into crm.membership_type (membership_type_id, name) select n, 'T' from generate_series(0, 9) n"
    )
    connection.execute(
        b"insert into crm.list_member (list_id, contact_id) select n % 10, n from generate_series(1, 100000) n"
    )
    connection.execute(
        b"insert into crm.membership (contact_id, membership_type_id, status)"
        b" select n, n % 10, 'active' from generate_series(1, 100000) n"
    )
    connection.execute("reset session_replication_role")
    connection.execute("analyze")
    return connection


def test_a_small_change_reads_no_large_table_as_a_whole(large: psycopg.Connection) -> None:
    snapshot = run_statement(large, "crm/extract/snapshot")[0]["snapshot"]
    large.execute("update crm.contact set city = 'Boise' where contact_id <= 9 or contact_id = 100500")
    large.execute("update crm.email_address set address = 'new@example.org' where contact_id = 77")
    plan = explain_statement(large, "crm/extract/changed_contacts", last_snapshot=snapshot, since=None, until=None)
    assert "Scan" in plan
    scanned = [line for line in plan.splitlines() if "Seq Scan" in line and "change_log" not in line]
    assert scanned == []
    assert len(changed_since(large, snapshot)) == 9 + 1 + 100 + 1


def test_a_fresh_cursor_is_usable(small: psycopg.Connection, reader: Reader) -> None:
    touch(small, 3)
    assert usable(small, reader.cursor)


def test_a_cursor_ahead_of_the_present_is_not_usable(small: psycopg.Connection) -> None:
    ahead = small.execute("SELECT (pg_current_xact_id()::text::bigint + 1000)::text").fetchone()
    assert ahead is not None
    assert not usable(small, f"{ahead[0]}:{ahead[0]}:")


def test_pruning_what_a_cursor_has_seen_keeps_it_usable(small: psycopg.Connection, reader: Reader) -> None:
    touch(small, 3)
    assert reader.read() == [3]
    prune(small, now(small) + timedelta(seconds=1))
    assert log_size(small) == 0
    assert usable(small, reader.cursor)


def test_pruning_what_a_cursor_has_not_seen_voids_it(small: psycopg.Connection, reader: Reader) -> None:
    touch(small, 3)
    prune(small, now(small) - timedelta(hours=1))
    assert log_size(small) == 1
    assert usable(small, reader.cursor)
    prune(small, now(small) + timedelta(seconds=1))
    prune(small, now(small) + timedelta(seconds=1))
    assert log_size(small) == 0
    assert not usable(small, reader.cursor)


def test_a_log_row_from_before_a_restore_is_pruned_without_a_trace(small: psycopg.Connection, reader: Reader) -> None:
    row = "('contact', 3, '90000000000', now() - interval '90 days')"
    small.execute(f"insert into crm.change_log (cause, key, xid, changed_at) values {row}".encode())
    assert reader.read() == []
    prune(small, now(small) - timedelta(days=60))
    assert log_size(small) == 0
    assert usable(small, reader.cursor)


@pytest.mark.parametrize("pruned_xid", ["90000000000", "4000000"])
def test_how_far_another_crm_was_pruned_says_nothing_of_this_one(
    small: psycopg.Connection, reader: Reader, pruned_xid: str
) -> None:
    horizon = "insert into crm.change_log_horizon (pruned_xid, crm_identity) values (%s, %s)"
    small.execute(horizon, [pruned_xid, "another"])
    assert usable(small, reader.cursor)
    touch(small, 3)
    prune(small, now(small) + timedelta(seconds=1))
    assert not usable(small, reader.cursor)
    assert reader.read() == []
    assert usable(small, reader.cursor)


@pytest.mark.parametrize("old", [0, 3])
def test_forgetting_old_changes_reads_only_the_oldest_however_long_the_log_is(
    small: psycopg.Connection, old: int
) -> None:
    small.execute("delete from crm.change_log")
    small.execute(
        "insert into crm.change_log (cause, key, xid, changed_at) select 'contact', n, (3 + n / 100)::text::xid8,"
        " now() - case when n <= %s then interval '90 days' else interval '0' end from generate_series(1, 50000) n",
        [old],
    )
    small.commit()
    small.autocommit = True
    small.execute("vacuum analyze crm.change_log")
    small.autocommit = False
    asked = "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relname = 'change_log'"
    before = scalar(small, asked)
    prune(small, now(small) - timedelta(days=60))
    read = scalar(small, asked) - before
    assert log_size(small) == 50_000 - old
    assert read <= (20_100 if old else 10)


def test_a_backfill_reads_an_interval_without_its_end(small: psycopg.Connection) -> None:
    small.execute(
        "INSERT INTO crm.change_log (cause, key, changed_at) "
        "SELECT 'contact', key, changed_at::timestamptz FROM (VALUES "
        "(1, '2026-01-01 00:00Z'), (2, '2026-01-01 12:00Z'), (2, '2026-01-01 13:00Z'), (3, '2026-01-02 00:00Z')"
        ") AS logged (key, changed_at)"
    )
    day = {"since": "2026-01-01 00:00Z", "until": "2026-01-02 00:00Z"}
    rows = run_statement(small, "crm/extract/changed_contacts", last_snapshot=None, **day)
    assert sorted(row["contact_id"] for row in rows) == [1, 2]


def usable(connection: psycopg.Connection, cursor: str) -> bool:
    here = run_statement(connection, "crm/extract/snapshot")[0]["crm_identity"]
    asked = {"last_snapshot": cursor, "crm_identity": here}
    return bool(run_statement(connection, "crm/extract/cursor_is_usable", **asked)[0]["usable"])


def prune(connection: psycopg.Connection, before: datetime) -> None:
    here = run_statement(connection, "crm/extract/snapshot")[0]["crm_identity"]
    run_statement(connection, "crm/prune/prune_change_log", before=before, crm_identity=here)


def log_size(connection: psycopg.Connection) -> int:
    return int(scalar(connection, "SELECT count(*) FROM crm.change_log"))


def now(connection: psycopg.Connection) -> datetime:
    moment = scalar(connection, "SELECT clock_timestamp()")
    assert isinstance(moment, datetime)
    return moment


def scalar(connection: psycopg.Connection, statement: str) -> Any:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return row[0]
