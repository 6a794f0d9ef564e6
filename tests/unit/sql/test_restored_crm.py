"""A CRM restored from a dump is noticed, although its change log looks as if nothing had happened."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from local.crm_sql import changed_since, run_statement
from local.postgres import DSN_VARIABLE, Postgres

USE_UP_TRANSACTION_IDS = """
    DO $$ BEGIN FOR n IN 1..3000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$
"""


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[Postgres]:
    """A second, new server."""
    monkeypatch.delenv(DSN_VARIABLE, raising=False)
    with tempfile.TemporaryDirectory(prefix="crm-sync-restored-") as directory:
        Path(directory).chmod(0o755)  # for the unprivileged user the server runs as under root
        with Postgres(Path(directory)) as server:
            yield server


def restore(source: str, server: Postgres) -> str:
    """pg_dump of ``source``, restored on ``server``; the URL of the copy."""
    target = server.create_database("restored")
    with psycopg.connect(target) as connection:
        connection.execute("CREATE ROLE crm_sync_pipeline")
    dump = subprocess.run([server.binaries / "pg_dump", source], capture_output=True, check=True).stdout
    psql = [str(server.binaries / "psql"), "--no-psqlrc", "--quiet", "-v", "ON_ERROR_STOP=1", target]
    subprocess.run(psql, input=dump, capture_output=True, check=True)
    return target


def test_a_restored_crm_voids_the_cursor(small: psycopg.Connection, crm: str, elsewhere: Postgres) -> None:
    small.execute(USE_UP_TRANSACTION_IDS)
    small.execute("UPDATE crm.contact SET city = 'Boise' WHERE contact_id = 3")
    before = run_statement(small, "crm/extract/snapshot")[0]
    with psycopg.connect(restore(crm, elsewhere), autocommit=True) as restored:
        restored.execute("UPDATE crm.contact SET city = 'Austin' WHERE contact_id = 4")
        lost = changed_since(restored, before["snapshot"])
        assert lost == [], "the change after the restore must hide from the old cursor, or this test shows nothing"
        after = run_statement(restored, "crm/extract/snapshot")[0]
        usable = run_statement(
            restored,
            "crm/extract/cursor_is_usable",
            last_snapshot=before["snapshot"],
            crm_identity=after["crm_identity"],
        )
    assert usable == [{"usable": False}]
    assert after["crm_identity"] != before["crm_identity"]


def test_the_identity_stays_while_the_crm_lives(small: psycopg.Connection, crm: str) -> None:
    before = run_statement(small, "crm/extract/snapshot")[0]
    small.execute("UPDATE crm.contact SET city = 'Boise'")
    with psycopg.connect(crm) as other:
        after = run_statement(other, "crm/extract/snapshot")[0]
    assert after["crm_identity"] == before["crm_identity"]
    assert after["snapshot"] != before["snapshot"]


def test_a_change_log_made_anew_in_place_changes_the_identity(small: psycopg.Connection) -> None:
    before = run_statement(small, "crm/extract/snapshot")[0]
    small.execute("CREATE TABLE crm.change_log_copy (LIKE crm.change_log INCLUDING ALL)")
    small.execute("DROP TABLE crm.change_log")
    small.execute("ALTER TABLE crm.change_log_copy RENAME TO change_log")
    assert run_statement(small, "crm/extract/snapshot")[0]["crm_identity"] != before["crm_identity"]
