"""What must not stand in the source: SQL in Python strings, and the hosts packages come from."""

from __future__ import annotations

import re

import pytest

from architecture.source import PLUGINS, REPOSITORY, modules, text_files

STATEMENT = re.compile(
    r"\bselect\b.+\bfrom\b|\binsert\s+into\b|\bupdate\s+\S+\s+set\b|\bdelete\s+from\b|\bmerge\s+into\b|^\s*(copy|lock)\s+\S"
    r"|\b(create|alter|drop|truncate)\s+(or\s+replace\s+)?(temp\w*\s+)?(table|view|schema|index|function|trigger|database|role)\b"
    r"|^\s*set\s+(local|transaction|session)\b|^\s*select\s+[\d*(%]",
    re.IGNORECASE | re.DOTALL,
)
# COPY, and asking for a statement's columns, around statements that come from .sql files: every name is a placeholder.
GENERIC = {"plugins/crm_sync/ledger/database.py", "plugins/crm_sync/ledger/mariadb.py"}

# Put together here, so that this file passes its own test.
HOSTS = [".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("docker", "io"), ("ghcr", "io"),
         ("quay", "io"), ("npmjs", "org"), ("conda", "anaconda", "org"), ("test", "pypi"))]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1",
        "select a\nfrom b",
        "INSERT INTO t VALUES (1)",
        "update crm.contact set x = 1",
        "DELETE FROM t",
        "CREATE TABLE t ()",
        "create temp table t ()",
        "COPY t FROM STDIN",
        "DROP SCHEMA x",
        "set local work_mem",
    ],
)
def test_a_statement_is_recognized(text: str) -> None:
    assert STATEMENT.search(text)


@pytest.mark.parametrize("text", ["create", "set_aside", "select a provider", "set aside %d", "update the address"])
def test_other_words_are_no_statement(text: str) -> None:
    assert not STATEMENT.search(text)


def test_no_sql_in_python_strings() -> None:
    texts = [(module, line, text) for module in modules(PLUGINS) for line, text in module.texts()]
    assert len(texts) > 200
    found = [(module.label, line, text) for module, line, text in texts if STATEMENT.search(text)]
    assert [each for each in found if each[0] not in GENERIC] == []
    assert [each for each in found if "{}" not in each[2] or re.search(r"\bcrm", each[2])] == []


def test_there_are_statements_in_sql_files() -> None:
    files = list((REPOSITORY / "sql").rglob("*.sql"))
    assert len(files) >= 20


def test_no_host_of_a_package_registry_is_named() -> None:
    files = text_files()
    assert len(files) >= 60
    named = [f"{path}: {host}" for path in files for host in HOSTS if host in path.read_text(errors="replace")]
    assert named == []
