"""An attempt to connect is waited for once, for a while, and for whoever made it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from crm_sync.ledger.database import Database

SECONDS = 600


def leave(state: Database, who: str, attempt: str, provider: str = "a") -> None:
    with state.transaction() as transaction:
        transaction.run("page_connecting/keep_attempt", provider=provider, who=who, state=attempt)


def come_back(state: Database, who: str, provider: str = "a") -> Any:
    with state.transaction() as transaction:
        return transaction.value("page_connecting/take_attempt", provider=provider, who=who, seconds=SECONDS)


def test_the_last_attempt_of_each_person_at_each_provider_counts_once(state: Database) -> None:
    for who, attempt, provider in (("ann", "old", "a"), ("ann", "new", "a"), ("bob", "his", "a"), ("ann", "b", "b")):
        leave(state, who, attempt, provider)
    assert [come_back(state, "ann"), come_back(state, "bob"), come_back(state, "ann", "b")] == ["new", "his", "b"]
    assert [come_back(state, "ann"), come_back(state, "bob"), come_back(state, "cid")] == [None, None, None]


@pytest.mark.parametrize(("age", "expected"), [(SECONDS - 5, "s"), (SECONDS + 5, None)])
def test_an_attempt_ends(state: Database, age: int, expected: str | None) -> None:
    leave(state, "ann", "s")
    with state.engine.begin() as connection:
        connection.execute(text("update crm_sync.remembered set at = at - make_interval(secs => :age)"), {"age": age})
    assert come_back(state, "ann") == expected


def test_an_account_is_allowed_as_long_as_its_token_is_kept(state: Database) -> None:
    asked = {"providers": ["a", "b"]}
    with state.transaction() as transaction:
        transaction.run("client_state/store_token", provider="a", sealed="sealed")
        transaction.run("client_state/store_token", provider="c", sealed="sealed")
        assert [row.provider for row in transaction.rows("page_cards/tokens_held", **asked)] == ["a"]
        transaction.run("client_state/forget_token", provider="a")
        assert transaction.rows("page_cards/tokens_held", **asked) == []
