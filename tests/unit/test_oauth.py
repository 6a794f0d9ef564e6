"""One token for many workers: renewed once, stored before it is used, and a person told where it is lost."""

from __future__ import annotations

import logging
import multiprocessing
import threading
from dataclasses import replace
from typing import Any

import pytest
import requests
from cryptography.fernet import Fernet
from sqlalchemy import create_engine

from crm_sync import oauth, providers
from crm_sync.database import Database
from crm_sync.errors import ConfigError, ContractError, TransientError
from crm_sync.memory import Memory
from crm_sync.oauth import Application
from crm_sync.providers.base import Credentials
from crm_sync.token_keeper import TokenKeeper
from local.postgres import free_port
from local.world import QUICK, SEAL
from standins import StandIn
from standins.constant_contact import contract

SHEET = providers.get("constant_contact")

provider = pytest.fixture(lambda: "constant_contact")


@pytest.fixture
def memory(state: Database, standin: StandIn) -> Memory:
    """Connected by a grant of its own."""
    made = Memory(state, "constant_contact", Fernet(SEAL))
    contract.prepare(standin, made)
    return made


def application(url: str, key: str = contract.KEY) -> Application:
    credentials = Credentials(key, contract.LOGIN, contract.addresses_at(url))
    return replace(oauth.application_of(SHEET, credentials), timeout_seconds=5)


def renewals(standin: StandIn) -> int:
    return sum(entry["path"].endswith("/token") for entry in standin.requests()["requests"])


def authorization(keeper: TokenKeeper) -> str:
    prepared = requests.Request("GET", "https://example.org", auth=keeper).prepare()
    return prepared.headers["Authorization"]


def stored(memory: Memory) -> Any:
    with memory.token() as slot:
        return slot.value


def set_stored(memory: Memory, token: Any) -> None:
    with memory.token() as slot:
        slot.store(token)


@pytest.mark.parametrize("mode", ["rotating", "long_lived"])
def test_a_token_is_used_until_it_is_refused_and_then_renewed(mode: str, standin: StandIn, memory: Memory) -> None:
    standin.switch(refresh_mode=mode)
    keeper = TokenKeeper(application(standin.url), memory)
    first = authorization(keeper)
    before = stored(memory)
    assert authorization(keeper) == first
    assert renewals(standin) == 1
    assert keeper.renew(first)
    second = authorization(keeper)
    assert second != first
    after = stored(memory)
    assert f"Bearer {after['access_token']}" == second, "it was stored"
    assert (after["refresh_token"] == before["refresh_token"]) == (mode == "long_lived")
    assert renewals(standin) == 2


def test_a_token_that_another_worker_renewed_is_taken(standin: StandIn, memory: Memory) -> None:
    one, other = (TokenKeeper(application(standin.url), memory) for _ in range(2))
    refused = authorization(one)
    assert authorization(other) == refused
    other.renew(refused)
    one.renew(refused)
    assert authorization(one) == authorization(other) != refused
    assert renewals(standin) == 2


def test_threads_that_are_refused_at_once_renew_once(standin: StandIn, memory: Memory) -> None:
    keepers = [TokenKeeper(application(standin.url), memory) for _ in range(2)]
    refused = {authorization(keeper) for keeper in keepers}
    assert len(refused) == 1
    together = threading.Barrier(4)

    def renews(keeper: TokenKeeper) -> None:
        together.wait()
        keeper.renew(*refused)

    standin.fault("slow", path_regex="/token$", seconds=0.2)
    threads = [threading.Thread(target=renews, args=[keeper]) for keeper in keepers * 2]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert renewals(standin) == 2
    assert len({authorization(keeper) for keeper in keepers} | refused) == 2


def renew_elsewhere(database: str, url: str, refused: str, answers: Any) -> None:
    engine = create_engine(database)
    memory = Memory(Database(engine, "the state database"), "constant_contact", Fernet(SEAL))
    keeper = TokenKeeper(application(url), memory)
    keeper.renew(refused)
    answers.put(authorization(keeper))
    engine.dispose()


def test_processes_that_are_refused_at_once_renew_once(standin: StandIn, memory: Memory, state: Database) -> None:
    refused = authorization(TokenKeeper(application(standin.url), memory))
    database = state.engine.url.render_as_string(hide_password=False)
    standin.fault("slow", path_regex="/token$", seconds=0.3)
    spawn = multiprocessing.get_context("spawn")
    answers = spawn.Queue()
    workers = [spawn.Process(target=renew_elsewhere, args=(database, standin.url, refused, answers)) for _ in range(2)]
    for each in workers:
        each.start()
    found = {answers.get(timeout=60) for _ in workers}
    for each in workers:
        each.join()
    assert found == {f"Bearer {stored(memory)['access_token']}"}
    assert refused not in found
    assert renewals(standin) == 2


def test_a_new_token_is_not_used_unless_it_was_stored(
    standin: StandIn, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = TokenKeeper(application(standin.url), memory)
    refused = authorization(keeper)

    def full(*_: object, **__: object) -> None:
        raise TransientError("the state database is away")

    monkeypatch.setattr("crm_sync.memory.TokenSlot.store", full)
    with pytest.raises(TransientError):
        keeper.renew(refused)
    assert authorization(keeper) == refused


def test_an_account_that_was_never_connected_says_how(standin: StandIn, state: Database) -> None:
    keeper = TokenKeeper(application(standin.url), Memory(state, "somebody", Fernet(SEAL)))
    with pytest.raises(ConfigError, match="make connect PROVIDER=constant_contact"):
        authorization(keeper)
    assert renewals(standin) == 0


def test_a_lost_permission_is_a_config_error_and_is_asked_for_once(standin: StandIn, memory: Memory) -> None:
    standin.act("revoke")
    with pytest.raises(ConfigError, match="make connect PROVIDER=constant_contact"):
        authorization(TokenKeeper(application(standin.url), memory))
    assert renewals(standin) == 1


def test_an_old_pair_that_was_restored_is_a_config_error(standin: StandIn, memory: Memory) -> None:
    old = stored(memory)
    authorization(TokenKeeper(application(standin.url), memory))
    set_stored(memory, old)  # as a restored state database would
    with pytest.raises(ConfigError, match="make connect PROVIDER=constant_contact"):
        authorization(TokenKeeper(application(standin.url), memory))


def test_a_wrong_secret_is_a_config_error_that_names_the_connection(standin: StandIn, memory: Memory) -> None:
    with pytest.raises(ConfigError, match="Airflow connection constant_contact_default") as caught:
        authorization(TokenKeeper(application(standin.url, contract.WRONG_KEY), memory))
    assert contract.WRONG_KEY not in str(caught.value)


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 503}, {"kind": "bare_429"}, {"kind": "cut_before"}])
def test_a_server_that_is_away_for_a_while_loses_no_permission(
    fault: dict[str, Any], standin: StandIn, memory: Memory
) -> None:
    standin.fault(path_regex="/token$", times=1, **fault)
    keeper = TokenKeeper(application(standin.url), memory)
    with pytest.raises(TransientError):
        authorization(keeper)
    assert authorization(keeper).startswith("Bearer ")


def test_an_answer_that_is_no_token_stops_the_run(standin: StandIn, memory: Memory) -> None:
    standin.fault("html_400", path_regex="/token$")
    with pytest.raises(ContractError):
        authorization(TokenKeeper(application(standin.url), memory))


def test_a_server_that_is_not_there_is_waited_for(memory: Memory) -> None:
    with pytest.raises(TransientError):
        authorization(TokenKeeper(application(f"http://127.0.0.1:{free_port()}"), memory))


def test_a_call_with_an_old_token_is_made_once_more(standin: StandIn, memory: Memory) -> None:
    extras = {"base_url": standin.url + "/v3", **contract.addresses_at(standin.url)}
    client = SHEET.connect(Credentials(contract.KEY, contract.LOGIN, extras), QUICK, memory)
    assert client.account()["organization"]
    standin.clock(advance_seconds=25 * 3600)
    assert client.account()["organization"]
    assert renewals(standin) == 2


def test_neither_token_nor_secret_is_said_even_at_debug(
    standin: StandIn, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    keeper = TokenKeeper(application(standin.url), memory)
    said = [stored(memory)["refresh_token"], authorization(keeper).removeprefix("Bearer ")]
    assert caplog.text
    assert not any(secret in caplog.text for secret in [*said, stored(memory)["refresh_token"], contract.KEY])
    assert contract.KEY not in repr(application(standin.url))


def test_the_address_asks_for_all_that_is_needed() -> None:
    url = oauth.authorization_url(application("http://127.0.0.1:1"), "a state")
    assert url.startswith("http://127.0.0.1:1/oauth2/default/v1/authorize?")
    assert "scope=contact_data+account_read+offline_access" in url
    assert "state=a+state" in url
    assert "response_type=code" in url
    assert contract.KEY not in url
