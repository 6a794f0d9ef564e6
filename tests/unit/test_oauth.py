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

from crm_sync import providers
from crm_sync.contract import Credentials
from crm_sync.errors import ConfigError, ContractError, TransientError
from crm_sync.ledger.client_state import ClientState
from crm_sync.ledger.database import Database
from crm_sync.oauth import flow
from crm_sync.oauth.flow import Application
from crm_sync.oauth.token_keeper import TokenKeeper
from local.postgres import free_port
from local.world import QUICK, SEAL
from standins import StandIn
from standins.constant_contact import contract

SHEET = providers.get("constant_contact")

provider = pytest.fixture(lambda: "constant_contact")


@pytest.fixture
def client_state(state: Database, standin: StandIn) -> ClientState:
    """Connected by a grant of its own."""
    made = ClientState(state, "constant_contact", Fernet(SEAL))
    contract.prepare(standin, made)
    return made


def application(url: str, key: str = contract.KEY) -> Application:
    credentials = Credentials(key, contract.LOGIN, contract.addresses_at(url))
    return replace(flow.application_of(SHEET, credentials), timeout_seconds=5)


def renewals(standin: StandIn) -> int:
    return sum(entry["path"].endswith("/token") for entry in standin.requests()["requests"])


def authorization(keeper: TokenKeeper) -> str:
    prepared = requests.Request("GET", "https://example.org", auth=keeper).prepare()
    return prepared.headers["Authorization"]


def stored(client_state: ClientState) -> Any:
    with client_state.token() as slot:
        return slot.value


def set_stored(client_state: ClientState, token: Any) -> None:
    with client_state.token() as slot:
        slot.store(token)


@pytest.mark.parametrize("mode", ["rotating", "long_lived"])
def test_a_token_is_used_until_it_is_refused_and_then_renewed(
    mode: str, standin: StandIn, client_state: ClientState
) -> None:
    standin.switch(refresh_mode=mode)
    keeper = TokenKeeper(application(standin.url), client_state)
    first = authorization(keeper)
    before = stored(client_state)
    assert authorization(keeper) == first
    assert renewals(standin) == 1
    assert keeper.renew(first)
    second = authorization(keeper)
    assert second != first
    after = stored(client_state)
    assert f"Bearer {after['access_token']}" == second, "it was stored"
    assert (after["refresh_token"] == before["refresh_token"]) == (mode == "long_lived")
    assert renewals(standin) == 2


def test_a_token_that_another_worker_renewed_is_taken(standin: StandIn, client_state: ClientState) -> None:
    one, other = (TokenKeeper(application(standin.url), client_state) for _ in range(2))
    refused = authorization(one)
    assert authorization(other) == refused
    other.renew(refused)
    one.renew(refused)
    assert authorization(one) == authorization(other) != refused
    assert renewals(standin) == 2


def test_threads_that_are_refused_at_once_renew_once(standin: StandIn, client_state: ClientState) -> None:
    keepers = [TokenKeeper(application(standin.url), client_state) for _ in range(2)]
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
    client_state = ClientState(Database(engine, "the state database"), "constant_contact", Fernet(SEAL))
    keeper = TokenKeeper(application(url), client_state)
    keeper.renew(refused)
    answers.put(authorization(keeper))
    engine.dispose()


def test_processes_that_are_refused_at_once_renew_once(
    standin: StandIn, client_state: ClientState, state: Database
) -> None:
    refused = authorization(TokenKeeper(application(standin.url), client_state))
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
    assert found == {f"Bearer {stored(client_state)['access_token']}"}
    assert refused not in found
    assert renewals(standin) == 2


def test_a_new_token_is_not_used_unless_it_was_stored(
    standin: StandIn, client_state: ClientState, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = TokenKeeper(application(standin.url), client_state)
    refused = authorization(keeper)

    def full(*_: object, **__: object) -> None:
        raise TransientError("the state database is away")

    monkeypatch.setattr("crm_sync.ledger.client_state.TokenSlot.store", full)
    with pytest.raises(TransientError):
        keeper.renew(refused)
    assert authorization(keeper) == refused


def test_an_account_that_was_never_connected_says_how(standin: StandIn, state: Database) -> None:
    keeper = TokenKeeper(application(standin.url), ClientState(state, "somebody", Fernet(SEAL)))
    with pytest.raises(ConfigError, match="crm-sync connect constant_contact"):
        authorization(keeper)
    assert renewals(standin) == 0


def test_a_lost_permission_is_a_config_error_and_is_asked_for_once(standin: StandIn, client_state: ClientState) -> None:
    standin.act("revoke")
    with pytest.raises(ConfigError, match="crm-sync connect constant_contact"):
        authorization(TokenKeeper(application(standin.url), client_state))
    assert renewals(standin) == 1


def test_an_old_pair_that_was_restored_is_a_config_error(standin: StandIn, client_state: ClientState) -> None:
    old = stored(client_state)
    authorization(TokenKeeper(application(standin.url), client_state))
    set_stored(client_state, old)  # as a restored state database would
    with pytest.raises(ConfigError, match="crm-sync connect constant_contact"):
        authorization(TokenKeeper(application(standin.url), client_state))


def test_a_wrong_secret_is_a_config_error_that_names_the_connection(
    standin: StandIn, client_state: ClientState
) -> None:
    with pytest.raises(ConfigError, match="Airflow connection constant_contact_default") as caught:
        authorization(TokenKeeper(application(standin.url, contract.WRONG_KEY), client_state))
    assert contract.WRONG_KEY not in str(caught.value)


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 503}, {"kind": "bare_429"}, {"kind": "cut_before"}])
def test_a_server_that_is_away_for_a_while_loses_no_permission(
    fault: dict[str, Any], standin: StandIn, client_state: ClientState
) -> None:
    standin.fault(path_regex="/token$", times=1, **fault)
    keeper = TokenKeeper(application(standin.url), client_state)
    with pytest.raises(TransientError):
        authorization(keeper)
    assert authorization(keeper).startswith("Bearer ")


def test_an_answer_that_is_no_token_stops_the_run(standin: StandIn, client_state: ClientState) -> None:
    standin.fault("html_400", path_regex="/token$")
    with pytest.raises(ContractError):
        authorization(TokenKeeper(application(standin.url), client_state))


def test_a_server_that_is_not_there_is_waited_for(client_state: ClientState) -> None:
    with pytest.raises(TransientError):
        authorization(TokenKeeper(application(f"http://127.0.0.1:{free_port()}"), client_state))


def test_a_call_with_an_old_token_is_made_once_more(standin: StandIn, client_state: ClientState) -> None:
    extras = {"base_url": standin.url + "/v3", **contract.addresses_at(standin.url)}
    client = SHEET.connect(Credentials(contract.KEY, contract.LOGIN, extras), QUICK, client_state)
    assert client.account()["organization"]
    standin.clock(advance_seconds=25 * 3600)
    assert client.account()["organization"]
    assert renewals(standin) == 2


def test_neither_token_nor_secret_is_said_even_at_debug(
    standin: StandIn, client_state: ClientState, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    keeper = TokenKeeper(application(standin.url), client_state)
    said = [stored(client_state)["refresh_token"], authorization(keeper).removeprefix("Bearer ")]
    assert caplog.text
    assert not any(secret in caplog.text for secret in [*said, stored(client_state)["refresh_token"], contract.KEY])
    assert contract.KEY not in repr(application(standin.url))


def test_the_address_asks_for_all_that_is_needed() -> None:
    url = flow.authorization_url(application("http://127.0.0.1:1"), "a state")
    assert url.startswith("http://127.0.0.1:1/oauth2/default/v1/authorize?")
    assert "scope=contact_data+account_read+offline_access" in url
    assert "state=a+state" in url
    assert "response_type=code" in url
    assert contract.KEY not in url
