"""Lineage: silent until somebody listens, and never the reason that a task fails."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from crm_sync import providers
from crm_sync.ledger import statements
from crm_sync.operators import lineage
from crm_sync.pipeline.context import RunContext

CRM = {"conn_type": "postgres", "host": "db.example.org", "port": 5433, "schema": "crm"}


def synchronizing(provider: str, host: str) -> Any:
    return SimpleNamespace(provider=providers.get(provider), client=SimpleNamespace(host=host))


@pytest.fixture
def listened_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage, "is_on", lambda: True)
    monkeypatch.setenv("AIRFLOW_CONN_CRM_SYNC_CRM", json.dumps(CRM))


def test_nothing_is_looked_up_until_a_transport_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not lineage.is_on()
    assert lineage.known_after("load", cast("RunContext", None)) == lineage.NOTHING
    monkeypatch.setenv("AIRFLOW__OPENLINEAGE__TRANSPORT", '{"type": "console"}')
    assert lineage.is_on()


@pytest.mark.parametrize(("extra", "name"), [({}, "Default List"), ({"list_name": "Advocates"}, "Advocates")])
def test_a_provider_without_lists_keeps_the_one_of_its_connection(
    extra: dict[str, str], name: str, listened_to: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = {"conn_type": "votervoice", "password": "key", "extra": {"association": "EXAMPLE", **extra}}
    monkeypatch.setenv("AIRFLOW_CONN_VOTERVOICE_DEFAULT", json.dumps(account))

    told = lineage.known_after("load", synchronizing("votervoice", "www.example.org"))

    assert [(each.namespace, each.name) for each in told.written] == [("votervoice://www.example.org", name)]
    assert {each.namespace for each in told.read} == {"postgres://db.example.org:5433"}
    assert "crm.crm.membership" in {each.name for each in told.read}


def test_what_cannot_be_told_fails_nothing(listened_to: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_CRM_SYNC_CRM")
    assert lineage.known_after("load", synchronizing("votervoice", "www.example.org")) == lineage.NOTHING


LISTS = "-- name: lists () -> list_id, name, kind\n"
ADAPTED = {
    "XMLTABLE": "select l.list_id from crm.list l, xmltable('/r' passing l.doc columns a int path 'a') x",
    "JSON_TABLE": "select l.list_id from crm.list l, json_table(l.doc, '$[*]' columns (a int path '$.a')) x",
    "a condition too deep for the parser's stack": "select 1 from crm.list where " + " and ".join(["a = 1"] * 120_000),
    "no SQL": "selekt ((",
}


@pytest.fixture
def adapted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The statements that an association adapts."""
    monkeypatch.setenv("CRM_SYNC_SQL_FOLDER", str(tmp_path))
    statements.forget()
    yield tmp_path / "extract.sql"
    statements.forget()


@pytest.mark.parametrize("what", ADAPTED)
def test_a_statement_beyond_the_parser_leaves_lineage_out_and_says_so_once(
    what: str, adapted: Path, listened_to: None, caplog: pytest.LogCaptureFixture
) -> None:
    adapted.write_text(LISTS + ADAPTED[what], encoding="utf-8")

    before = lineage.known_before("extract", "mailchimp")
    after = lineage.known_after("extract", synchronizing("mailchimp", "us1.example.org"))

    assert before.read == after.read == ()
    assert [each.getMessage() for each in caplog.records if "lineage" in each.getMessage()] == [
        "lineage is left out: OpenLineage's parser cannot read a statement of the CRM's extract.sql"
    ]


def test_a_statement_of_a_megabyte_is_read(adapted: Path, listened_to: None) -> None:
    adapted.write_text(f"{LISTS}select list_id from crm.list /* {'x' * 1_000_000} */", encoding="utf-8")
    assert "crm.crm.list" in {each.name for each in lineage.known_before("extract", "mailchimp").read}


def test_statements_that_cannot_be_read_leave_lineage_out(adapted: Path, listened_to: None) -> None:
    adapted.write_text("-- name: lists", encoding="utf-8")
    assert lineage.known_before("extract", "mailchimp") == lineage.NOTHING
    assert lineage.known_after("load", synchronizing("mailchimp", "us1.example.org")) == lineage.NOTHING


class Panic(BaseException):
    """As a library written in Rust ends."""


@pytest.mark.parametrize("error", [RuntimeError, Panic, OSError])
def test_whatever_breaks_in_lineage_fails_nothing(
    error: type[BaseException], listened_to: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Any:
        raise error

    monkeypatch.setattr(lineage, "tables_read", broken)
    assert lineage.known_before("extract", "mailchimp") == lineage.NOTHING
    assert lineage.known_after("load", synchronizing("mailchimp", "us1.example.org")) == lineage.NOTHING


def test_without_airflows_provider_for_it_lineage_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__OPENLINEAGE__TRANSPORT", '{"type": "console"}')
    monkeypatch.setitem(sys.modules, "airflow.providers.openlineage", None)
    assert not lineage.is_on()
    assert lineage.known_after("load", cast("RunContext", None)) == lineage.NOTHING
