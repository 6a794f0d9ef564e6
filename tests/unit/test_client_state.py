"""What a client remembers: sealed tokens behind a lock, the day's calls, answers that cost a call."""

from __future__ import annotations

import threading
from datetime import date

import psycopg
import pytest
from cryptography.fernet import Fernet

from crm_sync.errors import ConfigError
from crm_sync.ledger.client_state import ClientState
from crm_sync.ledger.database import Database

SEAL = Fernet(Fernet.generate_key())
TODAY, TOMORROW = date(2026, 11, 24), date(2026, 11, 25)


@pytest.fixture
def client_state(state: Database) -> ClientState:
    return ClientState(state, "somebody", SEAL)


def kept(state: Database) -> str:
    with psycopg.connect(state.engine.url.set(drivername="postgresql").render_as_string()) as connection:
        rows = connection.execute("select sealed from crm_sync.token").fetchall()
    return str(rows)


def test_a_token_is_sealed_and_comes_back(client_state: ClientState, state: Database) -> None:
    with client_state.token() as slot:
        assert slot.value is None
        slot.store({"access_token": "very-secret"})
    assert "gAAAA" in kept(state)
    assert "very-secret" not in kept(state)
    with client_state.token() as slot:
        assert slot.value == {"access_token": "very-secret"}
        slot.forget()
    with client_state.token() as slot:
        assert slot.value is None


def test_a_token_that_was_not_kept_to_the_end_is_not_there(client_state: ClientState) -> None:
    def dies() -> None:
        with client_state.token() as slot:
            slot.store({"access_token": "new"})
            raise RuntimeError("the worker died")

    with pytest.raises(RuntimeError):
        dies()
    with client_state.token() as slot:
        assert slot.value is None


def test_a_second_worker_waits_and_then_sees_the_new_token(client_state: ClientState) -> None:
    seen: list[object] = []

    def look() -> None:
        with client_state.token() as slot:
            seen.append(slot.value)

    other = threading.Thread(target=look)
    with client_state.token() as slot:
        other.start()
        other.join(0.2)
        assert seen == [], "it waits"
        slot.store({"access_token": "new"})
    other.join(10)
    assert seen == [{"access_token": "new"}]


def test_another_fernet_key_says_what_to_do(client_state: ClientState, state: Database) -> None:
    with client_state.token() as slot:
        slot.store({"access_token": "very-secret"})
    stranger = ClientState(state, "somebody", Fernet(Fernet.generate_key()))
    with stranger.token() as slot:
        with pytest.raises(ConfigError, match=r"another Fernet key.*connect again"):
            _ = slot.value
        slot.store({"access_token": "connected again"})
    with stranger.token() as slot:
        assert slot.value == {"access_token": "connected again"}


def test_calls_are_counted_by_day_and_provider(client_state: ClientState, state: Database) -> None:
    assert client_state.calls_of(TODAY) == 0
    assert [
        client_state.count_calls(TODAY),
        client_state.count_calls(TODAY, 5),
        client_state.count_calls(TOMORROW),
    ] == [1, 6, 1]
    assert ClientState(state, "another", SEAL).calls_of(TODAY) == 0
    assert (client_state.calls_of(TODAY), client_state.calls_of(TOMORROW)) == (6, 1)


def test_answers_are_remembered_by_kind_and_key(client_state: ClientState) -> None:
    client_state.put("address", {"1 main st": {"checksum": 7}, "2 main st": None})
    client_state.put("address", {"1 main st": {"checksum": 8}})
    assert client_state.get("address", ["1 main st", "2 main st", "3 main st"]) == {
        "1 main st": {"checksum": 8},
        "2 main st": None,
    }
    assert client_state.get("name", ["1 main st"]) == {}


def test_whoever_was_asked_for_before_is_known_however_it_ended(client_state: ClientState, state: Database) -> None:
    with state.transaction() as transaction:
        transaction.script(
            "insert into crm_sync.holding (provider, subscriber_key, address, state) values"
            " ('somebody', '1', '', 'active'), ('somebody', '2', '', 'absent'), ('another', '3', '', 'active')"
        )
    assert client_state.known(["1", "2", "3", "4"]) == {"1", "2"}
    assert client_state.known([]) == set()
