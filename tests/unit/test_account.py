"""A person says whose account answers, by the command: what is kept, and what is asked of them first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from crm_sync import account
from crm_sync.errors import DisconnectedError
from crm_sync.ledger.database import Database

ANSWERS = "sandbox.example.org/assoc#members"


class Hook:
    """A connection whose account says so of itself, or that is none."""

    error: Exception | None = None

    def get_conn(self, *_: object) -> Hook:
        return self

    def identity(self) -> str:
        if self.error is not None:
            raise self.error
        return ANSWERS


@pytest.fixture
def ledger(state: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The state database as the command opens it, and the connection that it finds."""
    import airflow  # noqa: F401  as the command loads it

    from crm_sync.hooks import accounts, database

    @contextmanager
    def opened(*_: object) -> Iterator[Database]:
        yield state

    monkeypatch.setattr(database, "open_database", opened)
    monkeypatch.setattr(accounts, "account_hook", lambda _: Hook)
    monkeypatch.setattr(Hook, "error", None)
    return state


def said(state: Database) -> list[Any]:
    with state.engine.connect() as connection:
        asked = "select answers, known_as, said, said_by from crm_sync.account_said order by said_at"
        return [tuple(row) for row in connection.exec_driver_sql(asked)]


def is_of(state: Database, name: str) -> None:
    """The ledger is of an account."""
    with state.engine.begin() as connection:
        connection.exec_driver_sql("insert into crm_sync.cursor (provider, account) values ('votervoice', %s)", (name,))


def test_another_account_gets_a_name_that_none_has_had(ledger: Database, capsys: pytest.CaptureFixture[str]) -> None:
    is_of(ledger, ANSWERS)
    for _ in range(2):
        assert account.main(["votervoice", "another"]) == 0
        ((answers, known_as, word, who),) = said(ledger)
        assert (answers, word, who) == (ANSWERS, "another", None)
        assert known_as.startswith("no. ")
        assert known_as.endswith(f" of {ANSWERS}")
        assert known_as in capsys.readouterr().out


def test_the_same_account_goes_by_the_name_of_the_ledger(ledger: Database) -> None:
    is_of(ledger, "assoc#members")
    assert account.main(["votervoice", "same"]) == 0
    assert said(ledger) == [(ANSWERS, "assoc#members", "same", None)]


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        ([], "no provider"),
        (["votervoice"], "say another or same"),
        (["votervoice", "other"], "say another or same"),
        (["votervoice", "same"], "no run of votervoice has been recorded yet"),
    ],
)
def test_what_is_missing_is_said(
    arguments: list[str], remedy: str, ledger: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert account.main(arguments) == 1
    assert remedy in capsys.readouterr().err.lower()
    assert said(ledger) == []


def test_an_account_that_cannot_be_asked_is_said_nothing_of(
    ledger: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Hook, "error", DisconnectedError("put a valid key into the connection"))
    assert account.main(["votervoice", "another"]) == 1
    assert "valid key" in capsys.readouterr().err
    assert said(ledger) == []
