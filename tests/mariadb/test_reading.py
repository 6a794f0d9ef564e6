"""A CRM in MariaDB is read exactly: in one snapshot, to its end, and with values of one form."""

from __future__ import annotations

import threading

import pytest

from crm_sync.errors import BrokenExtractError, ConfigError, TransientError
from crm_sync.ledger import mariadb_rows
from crm_sync.ledger.made_columns import RowHash
from crm_sync.ledger.mariadb import MariaTransaction
from crm_sync.ledger.statements import SQL, statements_in
from crm_sync.pipeline.extract import CONTACT_COLUMNS, EVERYBODY
from mariadb.conftest import Crm

PEOPLE = "crm/extract/subscribers"
COLUMNS = CONTACT_COLUMNS["subscribers"]
MANY = 20_000
many = pytest.mark.parametrize("crm", [MANY], indirect=True)


def test_people_arrive_as_from_postgresql(crm: Crm) -> None:
    crm.do("update person set name = null, address = ' ADA@Example.org' where id = 2")
    first, second, third = crm.copied()
    assert first == (1, "individual", "Person 1", None, None, "p1@example.org", "p1@example.org", False, [1, 2], [])
    assert second[2] is None
    assert second[5:7] == (" ADA@Example.org", "ada@example.org")
    assert third[0] == 3


def test_some_are_asked_for_by_their_numbers(crm: Crm) -> None:
    assert [row[0] for row in crm.copied(contact_ids=[3, 1], subscriber_keys=[])] == [1, 3]
    assert crm.copied(contact_ids=[], subscriber_keys=[]) == []


@pytest.mark.parametrize("text", ["a\tb", "a\\Nb", "\\N", "a\nb\rc", "", 'it\'s 100% "so"', "Zoë 🎉", "İẞ"])
def test_a_text_arrives_as_it_is(crm: Crm, text: str) -> None:
    with crm.server.connect(crm.name) as connection, connection.cursor() as cursor:
        cursor.execute("update person set name = %s where id = 1", (text,))
    assert crm.copied()[0][2] == text


def test_a_character_that_postgresql_does_not_take_is_replaced(crm: Crm) -> None:
    crm.do("update person set name = concat('a', char(0), 'b') where id = 1")
    assert crm.copied()[0][2] == "a\ufffdb"


def test_a_row_has_booleans_lists_and_keys(crm: Crm) -> None:
    crm.write(do_not_contact="flag")
    crm.do("update person set flag = b'1' where id = 1")
    with crm.crm.transaction() as reading:
        first, second, _ = sorted(reading.rows(PEOPLE, **EVERYBODY))
    assert (first.do_not_contact, second.do_not_contact) == (True, False)
    assert (first.lists, first.flagged_lists) == ([1, 2], [])
    assert crm.copied()[0][7] is True


@pytest.mark.parametrize("written", ["2", "'yes'", "-1"])
def test_a_boolean_that_is_none_says_so(crm: Crm, written: str) -> None:
    crm.write(do_not_contact=written)
    with pytest.raises(BrokenExtractError, match="do_not_contact"):
        crm.copied()


def test_a_column_that_is_missing_says_so(crm: Crm) -> None:
    crm.write(lists="'1' as others, 2")
    crm.copied()
    crm.do("alter table person drop column address")
    with pytest.raises(BrokenExtractError, match="address"):
        crm.copied()


def test_a_long_list_is_not_cut(crm: Crm) -> None:
    """By default the server cuts what it joins after 1 MB, or after 1,024 bytes, and says nothing."""
    crm.do("set global group_concat_max_len = 1024")
    crm.write(lists="(select group_concat(seq) from seq_1_to_5000)")
    crm.engine.dispose()
    try:
        assert {len(row[8]) for row in crm.copied()} == {5_000}
    finally:
        crm.do("set global group_concat_max_len = default")


def test_the_servers_settings_change_nothing(crm: Crm) -> None:
    crm.do("set global sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT', global time_zone = '+05:00'")
    crm.do("set global transaction isolation level read committed")
    crm.engine.dispose()
    try:
        with crm.crm.transaction() as reading:
            assert len(reading.rows(PEOPLE, **EVERYBODY)) == 3
            crm.do("delete from person where id = 1")
            assert len(reading.rows(PEOPLE, **EVERYBODY)) == 3
            moment = reading.value("session/moment")
        assert moment.utcoffset().total_seconds() == 0
    finally:
        crm.do("set global sql_mode = default, global time_zone = default")
        crm.do("set global transaction isolation level repeatable read")


def test_the_statements_of_every_transaction_return_what_they_say(crm: Crm) -> None:
    found = statements_in(SQL / "ledger/mariadb.sql", "mariadb.sql")
    assert len(found) == 4
    for name, each in found.items():
        with crm.crm.transaction() as reading:
            rows = reading.rows(f"mariadb/{name}")
            assert [row._fields for row in rows] == [each.columns] * len(rows)
            assert bool(rows) == bool(each.columns)


def test_a_read_sees_one_moment(crm: Crm) -> None:
    with crm.crm.transaction(snapshot=True) as reading:
        crm.do("insert into person values (4, 'Late', 'late@example.org', b'0', null)")
        crm.do("delete from person where id = 1")
        assert sorted(row.contact_id for row in reading.rows(PEOPLE, **EVERYBODY)) == [1, 2, 3]
    assert [row[0] for row in crm.copied()] == [2, 3, 4]


def test_a_read_cannot_write(crm: Crm) -> None:
    with pytest.raises(RuntimeError, match="1792"), crm.crm.transaction() as reading:
        reading._connection.exec_driver_sql("delete from person")
    assert len(crm.copied()) == 3


def _kill_when_reading(crm: Crm, what: str) -> threading.Thread:
    """Kill the query, or the connection, that reads the people, from beside."""

    def kill() -> None:
        listed = "select id from information_schema.processlist where info like 'SELECT 0,%' and command = 'Query'"
        while not (found := crm.do(listed)):
            pass
        crm.do(f"kill {what} {found[0][0]}")

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


@many
@pytest.mark.parametrize("what", ["query", "connection"])
def test_a_read_that_is_cut_is_no_short_read(crm: Crm, what: str) -> None:
    crm.write(lists="if(sleep(0.0005) = 0, '1', '2')")
    killing = _kill_when_reading(crm, what)
    with pytest.raises(TransientError):
        crm.copied()
    killing.join()
    crm.write()
    assert len(crm.copied()) == MANY


def test_a_limit_of_time_is_no_short_read(crm: Crm) -> None:
    crm.write(lists="if(sleep(0.4) = 0, '1', '2')")

    def read() -> None:
        with crm.crm.transaction() as reading:
            reading._connection.exec_driver_sql("set max_statement_time = 0.2")
            reading.rows(PEOPLE, **EVERYBODY)

    with pytest.raises(TransientError):
        read()


@many
def test_a_stream_takes_no_second_statement(crm: Crm) -> None:
    def read() -> None:
        with crm.crm.transaction() as reading:
            assert isinstance(reading, MariaTransaction)
            stream = reading._stream(PEOPLE, list(COLUMNS), dict(EVERYBODY))
            next(stream)
            reading.rows("session/moment")

    with pytest.raises(RuntimeError, match="while"):
        read()
    assert len(crm.copied()) == MANY


@many
def test_a_stream_without_its_end_is_no_short_read(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a driver would do that takes a cut answer for its end."""
    from crm_sync.ledger import mariadb

    whole = mariadb._with_an_end
    monkeypatch.setattr(mariadb, "_with_an_end", lambda *told: f"{whole(*told)} limit {MANY // 2}")
    with pytest.raises(TransientError, match="too early"):
        crm.copied()


def test_a_table_that_is_altered_in_mid_read_is_read_again(crm: Crm) -> None:
    def read() -> None:
        with crm.crm.transaction(snapshot=True) as reading:
            crm.do("alter table person add column nick varchar(10), algorithm=copy")
            reading.rows(PEOPLE, **EVERYBODY)

    with pytest.raises(TransientError):
        read()
    assert len(crm.copied()) == 3


def test_a_table_that_is_altered_instantly_is_read_as_it_was(crm: Crm) -> None:
    with crm.crm.transaction(snapshot=True) as reading:
        crm.do("alter table person drop column joined, algorithm=instant")
        assert {row.first_name for row in reading.rows(PEOPLE, **EVERYBODY)} == {"Person 1", "Person 2", "Person 3"}


def test_a_hash_tells_rows_apart(crm: Crm) -> None:
    def hashes() -> dict[int, str]:
        made = {"row_hash": RowHash(COLUMNS, "salt")}
        with crm.state.transaction() as state, crm.crm.transaction() as reading:
            state.run("extract/begin_compare")
            reading.copy_into(state, "pg_temp.seen", PEOPLE, COLUMNS, made, copied=["contact_id"], **EVERYBODY)
            return dict(state.driver.execute("select contact_id, row_hash::text from pg_temp.seen").fetchall())

    before = hashes()
    assert hashes() == before
    for name in ("null", "''", "'Ada'", "'ada'", "'ada '", "'ädä'"):
        crm.do(f"update person set name = {name} where id = 1")
        after = hashes()
        assert after[1] not in before.values()
        assert {who: after[who] for who in (2, 3)} == {who: before[who] for who in (2, 3)}
        before |= {-len(before): after[1]}
    assert len(set(before.values())) == 3 + 6


def test_what_is_wrong_is_said_with_its_remedy(crm: Crm) -> None:
    crm.write(lists="nonsense(1)")
    with pytest.raises(ConfigError, match="1305"):
        crm.copied()
    crm.write(lists="1 +")
    with pytest.raises(ConfigError, match="1064"):
        crm.copied()
    crm.write()
    crm.do("rename table person to people")
    with pytest.raises(ConfigError, match="1146"):
        crm.copied()


def test_values_that_are_equal_and_not_the_same_stay_apart() -> None:
    """A column of mixed types: a row's hash must not depend on which rows come with it."""
    readers = mariadb_rows.readers(["first_name", "do_not_contact", "lists"], "a statement")
    rows = [(1, 1, "1,2"), (1.0, b"\x00", None), (True, None, "1,2"), (b"x", 0, b"3")]
    found = mariadb_rows.made(rows, readers)
    assert [tuple(map(repr, row)) for row in found] == [
        ("1", "True", "[1, 2]"),
        ("1.0", "False", "[]"),
        ("True", "None", "[1, 2]"),
        ("'x'", "False", "[3]"),
    ]
