"""Frames go into PostgreSQL and come back as they were; what goes wrong there says so without anybody's address."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pandas as pd
import pytest
from sqlalchemy import create_engine

from crm_sync.errors import BrokenExtractError, ConfigError, TransientError
from crm_sync.ledger import statements
from crm_sync.ledger.database import Database
from local.postgres import free_port
from local.world import engine_url

ODD = [
    'quo"te',
    '""',
    "new\nline",
    "carriage\rreturn",
    "both\r\n",
    "\\N",
    "\\.",
    "back\\slash",
    "com,ma",
    "tab\t",
    "{1,2}",
    '{"a": "b,c"}',
    "\U0001f600",
    "\u0645\u0631\u064a\u0645",
    "\u2028",
    "  blanks  ",
    "NULL",
    "nan",
    "NA",
    "t",
    "0",
    "'",
    "%s",
    "$1",
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Statements of the test's own: those of the CRM."""
    (tmp_path / "ledger").mkdir()
    (tmp_path / "crm/reference").mkdir(parents=True)
    (tmp_path / "ledger/session.sql").write_text((statements.SQL / "ledger/session.sql").read_text())
    monkeypatch.setattr(statements, "SQL", tmp_path)
    statements.forget()
    yield tmp_path / "crm/reference"
    statements.forget()


def write(folder: Path, **texts: str) -> None:
    """More statements, crm/test/<name>; their headers declare no parameters, for what they are given counts."""
    with (folder / "test.sql").open("a", encoding="utf-8") as file:
        file.writelines(f"-- name: {name} () -> n\n{text};\n" for name, text in texts.items())
    statements.forget()


@pytest.fixture
def table(state: Database, folder: Path) -> Database:
    write(
        folder,
        all="select * from public.things order by n",
        some="select n, words from public.things where words = %(words)s and n % 2 = %(odd)s order by n",
        many="select g as n from generate_series(1, %(count)s) g",
    )
    with state.transaction() as transaction:
        transaction.script("create table public.things (n bigint, words text, flag boolean, ids bigint[], at int)")
    return state


def test_every_text_comes_back_as_it_was(table: Database) -> None:
    frame = pd.DataFrame({"n": range(len(ODD)), "words": ODD})
    with table.transaction() as transaction:
        assert transaction.write("public.things", frame) == len(ODD)
        assert transaction.frame("crm/test/all")["words"].tolist() == ODD


def test_types_come_back_as_they_were_and_nothing_is_null(table: Database) -> None:
    frame = pd.DataFrame(
        {
            "n": pd.array([2**53 + 1, 2], dtype="Int64"),
            "words": ["x", ""],
            "flag": pd.array([True, None], dtype="boolean"),
            "ids": ["{1,2}", "{}"],
            "at": pd.array([None, 7], dtype="Int64"),
        }
    )
    with table.transaction() as transaction:
        transaction.write("public.things", frame.sort_values("n"))
        assert transaction.rows("crm/test/all")[0].words is None
        back = transaction.frame("crm/test/all")
    assert back.dtypes.astype(str).to_dict() == {
        "n": "Int64",
        "words": "str",
        "flag": "boolean",
        "ids": "str",
        "at": "Int64",
    }
    assert back["n"].tolist() == [2, 2**53 + 1]
    assert back["words"].tolist() == ["", "x"]
    assert back["ids"].tolist() == ["{}", "{1,2}"]
    assert back["flag"].isna().tolist() == [True, False]
    assert back["at"].isna().tolist() == [False, True]


def test_frames_are_of_the_size_asked_for(table: Database) -> None:
    with table.transaction() as transaction:
        assert [len(frame) for frame in transaction.frames("crm/test/many", 40, count=100)] == [40, 40, 20]
        assert list(transaction.frames("crm/test/many", 40, count=0)) == []
        empty = transaction.frame("crm/test/many", count=0)
    assert (list(empty.columns), len(empty), str(empty["n"].dtype)) == (["n"], 0, "Int64")


def test_parameters_are_bound_never_pasted(table: Database) -> None:
    words = "'; drop table public.things; --"
    with table.transaction() as transaction:
        transaction.write("public.things", pd.DataFrame({"n": [1, 2], "words": words}))
    with table.transaction() as transaction:
        assert transaction.frame("crm/test/some", words=words, odd=1)["n"].tolist() == [1]


def interrupt(table: Database, count: int, *, of_records: bool) -> None:
    with table.transaction() as transaction:
        records = transaction.records("crm/test/many", Thing, 10, count=count)
        frames = transaction.frames("crm/test/many", 10, count=count)
        assert len(next(records) if of_records else next(frames)) <= 10
        raise KeyboardInterrupt  # while the stream is still open


@pytest.mark.timeout(20)
@pytest.mark.parametrize("of_records", [True, False])
@pytest.mark.parametrize("count", [1_000_000, 15, 10, 5])
def test_a_stream_that_is_left_half_way_does_not_hang(count: int, of_records: bool, table: Database) -> None:
    with pytest.raises(KeyboardInterrupt):
        interrupt(table, count, of_records=of_records)
    with table.transaction() as transaction:
        for frame in transaction.frames("crm/test/many", 10, count=1_000_000):
            assert len(frame) == 10
            break
    with table.transaction() as transaction:
        assert transaction.value("crm/test/many", count=1) == 1


def test_a_query_that_lacks_a_column_is_named_with_its_file(table: Database) -> None:
    with (
        table.transaction() as source,
        table.transaction() as target,
        pytest.raises(BrokenExtractError, match=r"many of sql/crm/reference/test\.sql.*words"),
    ):
        source.copy_into(target, "public.things", "crm/test/many", ("n", "words"), constant={}, count=1)


def test_rows_are_piped_with_their_constants_and_counted(table: Database) -> None:
    with table.transaction() as source, table.transaction() as target:
        assert source.copy_into(target, "public.things", "crm/test/many", ("n",), constant={"at": 7}, count=3) == 3
    with table.transaction() as transaction:
        assert [(row.n, row.at) for row in transaction.rows("crm/test/all")] == [(1, 7), (2, 7), (3, 7)]


def test_a_value_that_does_not_fit_names_the_column_and_not_the_value(table: Database, folder: Path) -> None:
    write(folder, bad="select 'person@example.org' as n")
    broken = pytest.raises(BrokenExtractError, match=r"bad of sql/crm/reference/test\.sql.*column n ")
    with broken as caught, table.transaction() as source, table.transaction() as target:
        source.copy_into(target, "public.things", "crm/test/bad", ("n",), constant={"at": 7})
    assert "example.org" not in str(caught.value)


def test_an_error_of_the_database_does_not_name_a_person(table: Database) -> None:
    with table.transaction() as transaction:
        transaction.script("create unique index on public.things (words)")
    with pytest.raises(RuntimeError, match="UniqueViolation") as caught, table.transaction() as transaction:
        transaction.write("public.things", pd.DataFrame({"n": [1, 2], "words": "person@example.org"}))
    assert "example.org" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_an_unknown_statement_names_its_file(state: Database) -> None:
    with pytest.raises(ConfigError, match=r"nothing in sql/ledger/plan\.sql"), state.transaction() as transaction:
        transaction.rows("plan/nothing")


def test_a_missing_right_names_it(table: Database, folder: Path) -> None:
    write(folder, other="select 1 from public.not_there")
    with pytest.raises(ConfigError, match=r"not_there.*42P01"), table.transaction() as transaction:
        transaction.rows("crm/test/other")


PERCENTS = "select 7 % 4 as n, '50%' as words, 'a%sb %% :c'::text as more"


@pytest.mark.parametrize("asked", [{}, {"words": "%(odd)s 100%"}])
def test_a_percent_sign_is_one_with_and_without_parameters(
    asked: dict[str, str], table: Database, folder: Path
) -> None:
    condition = " where %(words)s like '%(odd)%' escape '~'".replace("(odd)", "") if asked else ""
    write(folder, percents=PERCENTS + condition)
    expected = (3, "50%", "a%sb %% :c")
    with table.transaction() as transaction, table.transaction() as other:
        assert [tuple(row) for row in transaction.rows("crm/test/percents", **asked)] == [expected]
        assert transaction.run("crm/test/percents", **asked) == 1
        assert [tuple(row) for row in transaction.frame("crm/test/percents", **asked).to_numpy().tolist()] == [expected]
        assert (
            transaction.copy_into(other, "public.things", "crm/test/percents", ("n", "words"), {"at": 7}, **asked) == 1
        )
        assert other.frame("crm/test/all")["words"].tolist() == ["50%"]


def test_a_percent_sign_that_is_doubled_is_told_of(table: Database, folder: Path) -> None:
    write(folder, doubled="select 7 %% 4 as n")
    for ask in ("rows", "frame"):
        with (
            pytest.raises(ConfigError, match=r"doubled of sql/crm/reference/test\.sql.*write % once"),
            table.transaction() as transaction,
        ):
            getattr(transaction, ask)("crm/test/doubled")


@pytest.mark.parametrize("given", [{}, {"count": 1}])
def test_a_parameter_that_a_statement_does_not_get_is_named_with_its_file(
    given: dict[str, int], table: Database, folder: Path
) -> None:
    write(folder, asks="select %(more)s as n, 100 % 3 as m")
    for ask in ("rows", "run", "frame"):
        with (
            pytest.raises(ConfigError, match=r"asks of sql/crm/reference/test\.sql.*more"),
            table.transaction() as transaction,
        ):
            getattr(transaction, ask)("crm/test/asks", **given)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("selekt 1", r"odd of sql/crm/reference/test\.sql.*42601"),
        ("select %(some)s; select 2", r"odd of sql/crm/reference/test\.sql.*42601"),
        ("select 'person@example.org'::int", r"odd of sql/crm/reference/test\.sql.*22P02"),
        ("select 1 / (select 0)", r"odd of sql/crm/reference/test\.sql.*22012"),
    ],
)
def test_an_adapted_statement_that_cannot_run_is_named(text: str, said: str, table: Database, folder: Path) -> None:
    write(folder, odd=text)
    with pytest.raises(ConfigError, match=said) as caught, table.transaction() as transaction:
        transaction.rows("crm/test/odd", some=1)
    assert "example.org" not in str(caught.value)


def test_a_database_that_is_not_there_is_worth_another_try_and_keeps_its_password() -> None:
    nowhere = create_engine(engine_url(f"postgresql://someone:very-secret@127.0.0.1:{free_port()}/crm"))
    with (
        pytest.raises(TransientError, match="the CRM cannot be reached") as caught,
        Database(nowhere, "the CRM").transaction(),
    ):
        pass
    assert "very-secret" not in str(caught.value)
    assert "someone" not in str(caught.value)


def test_a_snapshot_does_not_see_what_is_committed_meanwhile(table: Database) -> None:
    with table.transaction(snapshot=True) as reading:
        assert reading.rows("crm/test/all") == []
        with table.transaction() as writing:
            writing.write("public.things", pd.DataFrame({"n": [1]}))
        assert reading.rows("crm/test/all") == []
    with table.transaction() as transaction:
        assert len(transaction.rows("crm/test/all")) == 1


class Thing(msgspec.Struct):
    """A row; ``none`` has no column."""

    n: int
    words: str = ""
    at: int = 7
    none: str = "as it was"


def test_records_come_back_as_they_were_written(table: Database) -> None:
    words = [*ODD, "", "\\", "\b\f\v\\b", '{"a": "b\\"c"}']
    with table.transaction() as transaction:
        transaction.write("public.things", pd.DataFrame({"n": range(len(words)), "words": words, "flag": True}))
        (found,) = transaction.records("crm/test/all", Thing, 100)
    assert [msgspec.structs.astuple(each) for each in found] == [
        (n, word, 7, "as it was") for n, word in enumerate(words)
    ]


def test_records_come_in_lists_of_the_size_asked_for(table: Database) -> None:
    with table.transaction() as transaction:
        assert [len(found) for found in transaction.records("crm/test/many", Thing, 40, count=100)] == [40, 40, 20]
        assert list(transaction.records("crm/test/many", Thing, 40, count=0)) == []
