"""Into a Mailchimp account by OAuth2: the token opens the account that the authorization server named."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from cryptography.fernet import Fernet

from crm_sync import connect, providers
from crm_sync.client import Client
from crm_sync.contract import Credentials
from crm_sync.errors import ConfigError, ContractError, TransientError
from crm_sync.ledger.client_state import ClientState
from crm_sync.ledger.database import Database
from crm_sync.oauth import flow
from crm_sync.oauth.flow import Application
from local.world import QUICK, SEAL
from standins import StandIn
from standins.mailchimp import contract

SHEET = providers.get("mailchimp")
CONNECTED = "crm-sync connect mailchimp"


@pytest.fixture
def client_state(state: Database) -> ClientState:
    return ClientState(state, "mailchimp", Fernet(SEAL))


def credentials(standin: StandIn, key: str = contract.CLIENT["key"]) -> Credentials:
    """Without a base URL: where the account is, the authorization server says."""
    extras = {**contract.EXTRAS, **contract.addresses_at(standin.url)}
    return Credentials(key, contract.CLIENT["login"], extras)


@pytest.fixture
def application(standin: StandIn) -> Application:
    return flow.application_of(SHEET, credentials(standin))


def allow(application: Application, client_state: ClientState) -> None:
    """Somebody opens the address and says yes."""
    url, state = connect.begin(application)
    back = requests.get(url, allow_redirects=False, timeout=10).headers["Location"].partition("?")[2]
    connect.finish(application, client_state, state, dict(pair.split("=", 1) for pair in back.split("&")))


def client(standin: StandIn, client_state: ClientState) -> Client:
    return SHEET.connect(credentials(standin), QUICK, client_state)


def stored(client_state: ClientState) -> Any:
    with client_state.token() as slot:
        return slot.value


def test_the_account_says_who_it_is_at_the_host_that_was_named(
    application: Application, standin: StandIn, client_state: ClientState
) -> None:
    allow(application, client_state)
    account = client(standin, client_state).account()
    assert (account["organization"], f"http://{account['host']}") == ("Example Association", standin.url)
    asked = standin.requests()["requests"][-1]
    assert asked["path"] == "/3.0/"


def test_a_base_url_of_the_connection_counts_more(
    application: Application, standin: StandIn, client_state: ClientState
) -> None:
    allow(application, client_state)
    elsewhere = credentials(standin)
    extras = {**elsewhere.extras, "base_url": "http://127.0.0.1:1/3.0"}
    with pytest.raises(TransientError, match=r"127\.0\.0\.1:1"):
        SHEET.connect(Credentials(elsewhere.key, elsewhere.login, extras), QUICK, client_state).account()


def test_who_never_connected_is_told_how(standin: StandIn, client_state: ClientState) -> None:
    with pytest.raises(ConfigError, match=f"not connected; run {CONNECTED}"):
        client(standin, client_state)


def test_a_permission_taken_back_is_not_asked_for_again(
    application: Application, standin: StandIn, client_state: ClientState
) -> None:
    allow(application, client_state)
    kept, opened = stored(client_state), client(standin, client_state)
    standin.act("revoke")
    standin.clear_requests()
    with pytest.raises(ConfigError, match=f"no longer accepts its permission; run {CONNECTED}") as caught:
        opened.account()
    assert kept["access_token"] not in str(caught.value)
    assert standin.requests()["total"] == 1


def test_a_key_needs_no_token(standin: StandIn, client_state: ClientState) -> None:
    extras = {**contract.EXTRAS, "base_url": standin.url + contract.API_PATH}
    assert SHEET.connect(Credentials(contract.KEY, "", extras), QUICK, client_state).account()["organization"]
    assert stored(client_state) is None


def test_a_wrong_secret_names_the_connection_and_keeps_nothing(standin: StandIn, client_state: ClientState) -> None:
    wrong = flow.application_of(SHEET, credentials(standin, "stranger"))
    with pytest.raises(ConfigError, match="Airflow connection mailchimp_default") as caught:
        allow(wrong, client_state)
    assert "stranger" not in str(caught.value)
    assert stored(client_state) is None


@pytest.mark.parametrize("fault", ["html_400", "bare_403"])
def test_a_token_whose_account_is_not_named_is_not_kept(
    fault: str, application: Application, standin: StandIn, client_state: ClientState
) -> None:
    standin.fault(fault, path_regex="/metadata$", times=1)
    with pytest.raises(ContractError, match="at which address the account of its token is"):
        allow(application, client_state)
    assert stored(client_state) is None


@pytest.mark.parametrize("told", ["http://us1.api.example.org", "ftp://127.0.0.1", "", "nonsense"])
def test_a_token_is_shown_to_no_host_without_tls(
    told: str, application: Application, client_state: ClientState, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = requests.Response.json

    def with_another_place(response: requests.Response, **options: Any) -> Any:
        return real(response, **options) | {"api_endpoint": told}

    monkeypatch.setattr(requests.Response, "json", with_another_place)
    with pytest.raises(ContractError, match="at which address the account of its token is"):
        allow(application, client_state)
    assert stored(client_state) is None
