"""What was installed in the CRM, and in the state database, is taken out again by what the documentation says."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from crm_sync.cli import main
from crm_sync.ledger import sources
from local.crm_data import create_schema
from local.postgres import Postgres

REPOSITORY = Path(__file__).resolve().parents[2]
INSTALL = REPOSITORY / "sql/crm/reference/install"
# All that a schema has, and who has rights in it.
OBJECTS = """
    select 'relation ' || c.relname
        || coalesce(c.relacl, acldefault((case c.relkind when 'S' then 's' else 'r' end)::"char", c.relowner))::text
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'crm'
    union all select 'trigger ' || tgname || tgrelid::regclass from pg_trigger where not tgisinternal
    union all select 'function ' || proname from pg_proc p join pg_namespace n on n.oid = pronamespace
    where n.nspname = 'crm'
    union all select 'role ' || rolname from pg_roles where rolname !~ '^pg_'
    order by 1
"""


@pytest.fixture
def dsns() -> Iterator[list[str]]:
    """Two databases of a server of their own, for roles belong to all databases of a server."""
    with tempfile.TemporaryDirectory(prefix="crm-sync-removal-") as folder:
        Path(folder).chmod(0o755)
        with Postgres(Path(folder)) as server:
            yield [server.create_database(name) for name in ("crm", "another")]


def play(dsn: str, name: str) -> list[str]:
    """Run a script of install/; what the server said."""
    said: list[str] = []
    with psycopg.connect(dsn) as connection:
        connection.add_notice_handler(lambda notice: said.append(notice.message_primary or ""))
        connection.execute((INSTALL / name).read_bytes())
    return said


def objects(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connection:
        return [str(name) for (name,) in connection.execute(OBJECTS.encode())]


def test_the_crm_is_as_it_was_before_we_came(dsns: list[str]) -> None:
    crm, another = dsns
    for dsn in dsns:
        play(dsn, "schema.sql")
    before = objects(crm)
    assert len(before) > 10
    for dsn in dsns:
        for name in ("change_log.sql", "roles.sql"):
            play(dsn, name)
        with psycopg.connect(dsn) as connection:
            connection.execute("insert into crm.contact (first_name) values ('Ann')")
    installed = objects(crm)
    assert "role crm_sync_pipeline" in installed

    said = play(crm, "uninstall.sql")
    assert [each for each in said if "another database" in each] != []
    assert [each for each in objects(crm) if each != "role crm_sync_pipeline"] == before
    assert play(another, "uninstall.sql") == []
    assert objects(crm) == objects(another) == before
    play(crm, "uninstall.sql")

    with psycopg.connect(crm) as connection:
        connection.execute("insert into crm.contact (first_name) values ('Bob')")
        assert connection.execute("select count(*) from crm.contact").fetchone() == (2,)
    for name in ("change_log.sql", "roles.sql"):
        play(crm, name)
    assert objects(crm) == installed


@pytest.mark.parametrize("name", sources.names())
def test_the_scripts_of_a_crm_are_written_out_for_whoever_has_no_checkout(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "crm-sql"

    done = CliRunner().invoke(main, ["crm-sql", str(folder), "--crm", name])

    assert done.exit_code == 0, done.output
    theirs = REPOSITORY / "sql/crm" / name
    ours = {path.relative_to(theirs): path.read_text() for path in theirs.rglob("*.sql")}
    assert len(ours) >= 3
    assert {path.relative_to(folder): path.read_text() for path in folder.rglob("*.sql")} == ours
    has_scripts = (theirs / "install").is_dir()
    assert (str(folder / "install") in done.output, "Nothing has to be installed" in done.output) == (
        has_scripts,
        not has_scripts,
    )
    again = CliRunner().invoke(main, ["crm-sql", str(folder)])
    assert again.exit_code == 1
    assert "is not empty; name a new folder" in again.output


def test_what_was_written_out_serves_to_install(tmp_path: Path, dsns: list[str]) -> None:
    assert CliRunner().invoke(main, ["crm-sql", str(tmp_path)]).exit_code == 0
    with psycopg.connect(dsns[0]) as connection:
        create_schema(connection)
    before = objects(dsns[0])
    for name in ("uninstall.sql", "change_log.sql", "roles.sql"):
        with psycopg.connect(dsns[0]) as connection:
            connection.execute((tmp_path / "install" / name).read_bytes())
    assert objects(dsns[0]) == before
