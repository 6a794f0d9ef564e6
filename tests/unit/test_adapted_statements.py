"""Statements are read by name from their files, and what a data team adapts lies over ours, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_sync import providers
from crm_sync.errors import BrokenExtractError, ConfigError
from crm_sync.ledger import statements
from crm_sync.ledger.database import Database
from crm_sync.pipeline import premises

LISTS = "-- name: lists () -> list_id, name, kind\nselect 1 as list_id, 'One' as name, 'list' as kind"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a data team, empty."""
    monkeypatch.setenv(statements.SETTING, str(tmp_path))
    statements.forget()
    yield tmp_path
    statements.forget()


def put(folder: Path, file: str, text: str) -> None:
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    statements.forget()


def test_an_adapted_statement_lies_over_ours_and_the_others_stay(folder: Path) -> None:
    before = statements.contract("crm/extract/snapshot").text
    put(folder, "extract.sql", f"-- Ours.\n\n{LISTS};\n")
    assert statements.statement("crm/extract/lists") == LISTS.partition("\n")[2]
    assert statements.where("crm/extract/lists") == "lists of extract.sql of CRM_SYNC_SQL_FOLDER"
    assert statements.statement("crm/extract/snapshot") == before
    assert (statements.is_adapted("crm/extract/lists"), statements.is_adapted("crm/extract/snapshot")) == (True, False)


def test_a_run_rests_on_the_text_that_is_adapted_and_not_on_its_comments(folder: Path) -> None:
    mailchimp, ours = providers.get("mailchimp"), statements.contract("crm/extract/lists")
    header = "-- name: lists () -> list_id, name, kind\n"
    put(folder, "extract.sql", f"{header}{ours.text}")
    before = premises.fingerprint(mailchimp, "contact")
    put(folder, "extract.sql", f"{header}-- Ours.\n{ours.text.replace('select', 'select  ')};")
    assert premises.fingerprint(mailchimp, "contact") == before
    put(folder, "extract.sql", LISTS)
    assert premises.fingerprint(mailchimp, "contact") != before


def test_a_statement_of_the_ledger_is_ours_whatever_the_folder_has(folder: Path) -> None:
    before = statements.statement("extract/clear")
    put(folder, "extract.sql", LISTS)
    assert statements.statement("extract/clear") == before


def test_scripts_that_a_person_runs_are_no_business_of_ours(folder: Path) -> None:
    put(folder, "install/change_log.sql", "create table log ();")
    put(folder, "README.md", "ours")
    put(folder, "extract.sql", LISTS)
    assert statements.is_adapted("crm/extract/lists")


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("extract/members_some.sql", "", r"extract/members_some\.sql is the statement members of extract\.sql now"),
        ("extract/subscribers_all.sql", "", "is the statement subscribers of extract.sql now"),
        ("sql/extract/lists.sql", "", r"sql/extract/lists\.sql is the statement lists of extract\.sql now"),
        ("crm/set_do_not_contact.sql", "", r"is the statement set_do_not_contact of write_back\.sql now"),
        ("crm/leave_marker.sql", "", r"is the statement leave_marker of markers\.sql now"),
        ("web/crm_find_people.sql", "", r"is the statement find_people of sync_page\.sql now"),
        ("crm/change_log.sql", "", r"crm/change_log\.sql goes to install/change_log\.sql"),
        ("crm/reference/extract.sql", "", r"crm/reference/extract\.sql goes to extract\.sql"),
        ("state/to_plan.sql", "", r"not adapted, remove state/to_plan\.sql;"),
        ("Extract.SQL", LISTS, r"Extract\.SQL goes to extract\.sql"),
        ("install/change_log.sql", "", "the folder contains no statements"),
        ("ledger/extract.sql", "", r"not adapted, remove ledger/extract\.sql;"),
        ("web/run.sql", "", r"not adapted, remove web/run\.sql;"),
        ("plan.sql", "", r"not adapted, remove plan\.sql;"),
        (
            "extract.sql",
            "-- name: everyone () -> n\nselect 1",
            r"everyone of extract\.sql.*no statement of this release",
        ),
        (
            "extract.sql",
            "-- name: lists (a) -> list_id, name, kind\nselect 1",
            r"lists of extract.*the parameters \(\)",
        ),
        ("extract.sql", "-- name: lists () -> list_id\nselect 1", r"lists of extract.*lacks the column name, kind"),
        ("extract.sql", "select 1", r"extract\.sql.*must begin with a line such as"),
        ("extract.sql", f"select 1;\n{LISTS}", r"extract\.sql.*must begin with a line such as"),
        ("extract.sql", "-- name: lists\nselect 1", r"extract\.sql.*cannot read -- name: lists;"),
        ("extract.sql", f"{LISTS};\n{LISTS}", r"extract\.sql.*lists appears twice"),
        ("extract.sql", "-- name: lists () -> list_id, name, kind\n", r"lists appears twice or has no text"),
    ],
)
def test_what_would_not_take_effect_or_lacks_something_is_named(file: str, text: str, said: str, folder: Path) -> None:
    put(folder, file, text)
    with pytest.raises(ConfigError, match=said):
        statements.statement("crm/extract/snapshot")


def test_all_that_is_wrong_is_named_at_once(folder: Path) -> None:
    put(folder, "extract/lists.sql", "")
    put(folder, "state/scope.sql", "")
    with pytest.raises(
        ConfigError, match=r"lists of extract\.sql now; not adapted, remove state/scope\.sql.*operating\.md"
    ):
        statements.statement("crm/extract/snapshot")


def test_a_folder_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv(statements.SETTING, str(folder / "gone"))
    with pytest.raises(ConfigError, match=statements.SETTING):
        statements.statement("crm/extract/lists")


def test_a_header_goes_on_in_lines_with_five_blanks(folder: Path) -> None:
    put(folder, "x.txt", "-- name: one (a,\n--     b) -> c,\n--     d\n-- What it says.\nselect 1;\n")
    (one,) = statements.statements_in(folder / "x.txt", "x").values()
    assert (one.parameters, one.columns, one.text) == (("a", "b"), ("c", "d"), "-- What it says.\nselect 1")


def test_rows_of_an_adapted_statement_have_the_columns_of_the_contract(folder: Path, state: Database) -> None:
    put(folder, "extract.sql", LISTS)
    with state.transaction() as transaction:
        assert [row.name for row in transaction.rows("crm/extract/lists")] == ["One"]
    put(folder, "extract.sql", LISTS.replace("'list' as kind", "'list' as sort"))
    broken = pytest.raises(BrokenExtractError, match=r"lists of extract\.sql of CRM_SYNC_SQL_FOLDER lacks .* kind")
    with broken, state.transaction() as transaction:
        transaction.rows("crm/extract/lists")
