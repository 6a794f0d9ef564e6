"""Views on a CRM's tables go away for its own upgrade and come back after it, by a command each."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from click.testing import CliRunner, Result

from crm_sync.cli import main
from crm_sync.ledger import sources, statements
from local.postgres import Postgres

WIDER = "alter table profiles_profile alter column country type varchar(300)"
OURS = "select count(*) from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = 'crm'"
TABLES = sources.SQL.parent / "tests/local/tendenci.sql"


@pytest.fixture
def tendenci(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Its tables in small, without anything of ours, and the connection of their owner."""
    postgres.drop_database("crm_views")
    dsn = postgres.create_database("crm_views")
    do(dsn, TABLES.read_text(encoding="utf-8"))
    monkeypatch.setenv("AIRFLOW_CONN_CRM_SYNC_CRM_OWNER", dsn)
    choose(monkeypatch, "tendenci")
    yield dsn
    monkeypatch.undo()
    statements.forget()


def choose(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(sources.SETTING, name)
    statements.forget()


def do(dsn: str, text: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(text.encode())


def count(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        return int(connection.execute(OURS).fetchone()[0])  # type: ignore[index]  # it always has a row


def said(*words: str) -> Result:
    return CliRunner().invoke(main, ["crm", *words])


def test_views_come_and_go_and_come_back(tendenci: str) -> None:
    first = said("install")
    assert first.exit_code == 0, first.output
    assert "crm_sync_pipeline" in first.output
    assert count(tendenci) == 7
    with pytest.raises(psycopg.errors.FeatureNotSupported, match="used by a view"):
        do(tendenci, WIDER)

    assert said("drop-views").exit_code == 0
    assert count(tendenci) == 0
    assert said("drop-views").exit_code == 0
    do(tendenci, WIDER)

    for _ in range(2):
        assert said("install").exit_code == 0
    assert count(tendenci) == 7


def test_a_user_who_does_not_own_the_tables_gets_the_remedy(tendenci: str, monkeypatch: pytest.MonkeyPatch) -> None:
    do(tendenci, "create role crm_views_stranger login")
    stranger = tendenci.replace("postgres@", "crm_views_stranger@", 1)
    monkeypatch.setenv("AIRFLOW_CONN_CRM_SYNC_CRM_OWNER", stranger)
    refused = said("install")
    do(tendenci, "drop role crm_views_stranger")
    assert refused.exit_code == 1
    assert "permission denied" in refused.output
    assert "crm_sync_crm_owner" in refused.output
    assert count(tendenci) == 0


def test_without_the_connection_it_says_which_one_to_make(tendenci: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_CRM_SYNC_CRM_OWNER")
    refused = said("install")
    assert refused.exit_code == 1
    assert "no Airflow connection crm_sync_crm_owner" in refused.output


@pytest.mark.parametrize("name", ["reference", "civicrm"])
def test_a_crm_without_views_says_so(tendenci: str, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    choose(monkeypatch, name)
    for command in ("install", "drop-views"):
        refused = said(command)
        assert refused.exit_code == 1
        assert "no views" in refused.output
    assert count(tendenci) == 0
