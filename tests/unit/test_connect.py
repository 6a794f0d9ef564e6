"""Connecting an account, over sockets: the address, the browser that comes back, and what is found out at once."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from dataclasses import replace
from typing import Any

import pytest
import requests
from cryptography.fernet import Fernet

from architecture.source import PLUGINS
from crm_sync import connect, providers
from crm_sync.contract import Credentials
from crm_sync.errors import ConfigError, CrmSyncError
from crm_sync.ledger.client_state import ClientState
from crm_sync.ledger.database import Database
from crm_sync.oauth import flow
from crm_sync.oauth.flow import Application
from local.postgres import free_port
from local.world import QUICK, SEAL
from standins import Fresh, StandIn
from standins.constant_contact import contract
from standins.mailchimp import contract as mailchimp

SHEET = providers.get("constant_contact")
WAIT_SECONDS = 20

provider = pytest.fixture(lambda: "constant_contact")


@pytest.fixture
def client_state(state: Database) -> ClientState:
    return ClientState(state, "constant_contact", Fernet(SEAL))


@pytest.fixture
def application(standin: StandIn) -> Application:
    extras = {"redirect_uri": f"http://127.0.0.1:{free_port()}/", **contract.addresses_at(standin.url)}
    return flow.application_of(SHEET, Credentials(contract.KEY, contract.LOGIN, extras))


def answer_of(url: str) -> dict[str, str]:
    """What the browser would be sent back with."""
    response = requests.get(url, allow_redirects=False, timeout=10)
    assert response.status_code == 302
    query = response.headers["Location"].partition("?")[2]
    return dict(pair.split("=", 1) for pair in query.split("&"))


def stored(client_state: ClientState) -> Any:
    with client_state.token() as slot:
        return slot.value


def test_begin_and_finish_are_all_a_page_needs(
    application: Application, standin: StandIn, client_state: ClientState
) -> None:
    url, state = connect.begin(application)
    assert connect.begin(application)[1] != state
    connect.finish(application, client_state, state, answer_of(url))
    assert stored(client_state)["refresh_token"]
    extras = {"base_url": standin.url + "/v3", **contract.addresses_at(standin.url)}
    client = SHEET.connect(Credentials(contract.KEY, contract.LOGIN, extras), QUICK, client_state)
    assert client.account()["organization"] == "Example Association"


@pytest.mark.parametrize("answer", [{"code": "x"}, {"code": "x", "state": ""}])
def test_an_answer_that_nobody_waits_for_is_refused(
    answer: dict[str, str], application: Application, client_state: ClientState
) -> None:
    with pytest.raises(ConfigError, match="another attempt"):
        connect.finish(application, client_state, "", answer)
    assert stored(client_state) is None


@pytest.mark.parametrize("other", ["", "another", "été"])
def test_an_answer_to_another_question_is_refused(
    other: str, application: Application, client_state: ClientState
) -> None:
    url, asked = connect.begin(application)
    with pytest.raises(ConfigError, match="another attempt"):
        connect.finish(application, client_state, asked, answer_of(url) | {"state": other})
    assert stored(client_state) is None


def test_who_says_no_is_heard(application: Application, standin: StandIn, client_state: ClientState) -> None:
    standin.switch(consent="deny")
    url, state = connect.begin(application)
    with pytest.raises(ConfigError, match=r"not allowed \(access_denied\)"):
        connect.finish(application, client_state, state, answer_of(url))


@pytest.mark.parametrize("answer", [{}, {"code": ""}, {"error": "<b>someone@example.org"}])
def test_an_answer_without_a_code_is_not_repeated(
    answer: dict[str, str], application: Application, client_state: ClientState
) -> None:
    with pytest.raises(ConfigError, match="no code") as caught:
        connect.finish(application, client_state, "s", {"state": "s", **answer})
    assert "someone" not in str(caught.value)


def test_a_permission_that_would_end_with_the_day_is_found_at_once(
    application: Application, client_state: ClientState
) -> None:
    short = replace(application, scopes=("contact_data", "account_read"))
    url, state = connect.begin(short)
    with pytest.raises(ConfigError, match="offline_access"):
        connect.finish(short, client_state, state, answer_of(url))
    assert stored(client_state) is None


def test_a_code_works_once_and_for_a_while(
    application: Application, standin: StandIn, client_state: ClientState
) -> None:
    url, state = connect.begin(application)
    answer = answer_of(url)
    connect.finish(application, client_state, state, answer)
    kept = stored(client_state)
    with pytest.raises(ConfigError, match="crm-sync connect"):
        connect.finish(application, client_state, state, answer)
    late = answer_of(url)
    standin.clock(advance_seconds=301)
    with pytest.raises(ConfigError, match="crm-sync connect"):
        connect.finish(application, client_state, state, late)
    assert stored(client_state) == kept


class Browser(threading.Thread):
    """Opens an address once it is told, first a page that nobody asked for, and follows the way back."""

    def __init__(self, application: Application) -> None:
        super().__init__()
        self.redirect_uri = application.redirect_uri
        self.url = ""
        self.said: list[tuple[int, str]] = []
        self.is_told = threading.Event()

    def tell(self, text: str) -> None:
        found = re.search(r"http\S+", text)
        if found:
            self.url = found[0]
            self.is_told.set()

    def run(self) -> None:
        assert self.is_told.wait(WAIT_SECONDS)
        for url in (self.redirect_uri + "favicon.ico", self.redirect_uri, self.url):
            response = requests.get(url, timeout=WAIT_SECONDS)
            self.said.append((response.status_code, response.text))


def test_the_browser_comes_back_to_the_terminal(
    application: Application, client_state: ClientState, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(application)
    monkeypatch.setattr(connect, "_tell", browser.tell)
    browser.start()
    connect.connect(application, client_state, WAIT_SECONDS)
    browser.join()
    assert [status for status, _ in browser.said] == [404, 404, 200]
    assert "close this page" in browser.said[-1][1]
    assert stored(client_state)["refresh_token"]


def test_nobody_is_waited_for_for_ever(application: Application, client_state: ClientState) -> None:
    with pytest.raises(ConfigError, match="nobody granted access"):
        connect.connect(application, client_state, 0.05)


@pytest.mark.parametrize("uri", ["https://example.org/", "http://0.0.0.0:8765/", "http://127.0.0.1/"])
def test_only_this_machine_is_heard(uri: str) -> None:
    with pytest.raises(ConfigError, match="redirect_uri"):
        connect.Redirect(uri)


def test_a_port_that_is_taken_says_so(application: Application) -> None:
    with connect.Redirect(application.redirect_uri), pytest.raises(ConfigError, match="port"):
        connect.Redirect(application.redirect_uri)


@pytest.mark.parametrize("name", ["mailchimp", "votervoice"])
def test_a_provider_with_a_key_needs_no_connecting(name: str) -> None:
    with pytest.raises(CrmSyncError, match="is not connected in a browser"):
        flow.application_of(providers.get(name), Credentials("key-us1"))


def environment(standin: StandIn, state: Database, home: object, redirect_uri: str, **account: str) -> dict[str, str]:
    """What the command finds around it; ``account`` is the login and key of a Mailchimp application."""
    name, told = ("mailchimp", mailchimp) if account else ("constant_contact", contract)
    extra = {**told.EXTRAS, "redirect_uri": redirect_uri, **told.addresses_at(standin.url)}
    made = {"login": contract.LOGIN, "key": contract.KEY, **account}
    connection = {"conn_type": name, "login": made["login"], "password": made["key"], "extra": extra}
    url = state.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ},
        "PYTHONPATH": str(PLUGINS),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__FERNET_KEY": SEAL.decode(),
        "AIRFLOW_CONN_CRM_SYNC_STATE": url,
        f"AIRFLOW_CONN_{name.upper()}_DEFAULT": json.dumps(connection),
    }


def connect_by_command(provider: str, around: dict[str, str]) -> None:
    """Run the command, and open the address that it prints."""
    command = [sys.executable, "-m", "crm_sync.connect", provider]
    with subprocess.Popen(command, env=around, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if found := re.search(r"http\S+/authorize\S+", line):
                assert requests.get(found[0], timeout=WAIT_SECONDS).ok
        assert running.wait(WAIT_SECONDS) == 0


def test_the_command_connects_from_end_to_end(
    standin: StandIn, state: Database, client_state: ClientState, tmp_path: object
) -> None:
    connect_by_command("constant_contact", environment(standin, state, tmp_path, f"http://127.0.0.1:{free_port()}/"))
    assert stored(client_state)["refresh_token"]


def test_the_command_connects_mailchimp_too(fresh_standin: Fresh, state: Database, tmp_path: object) -> None:
    standin, back = fresh_standin("mailchimp"), f"http://127.0.0.1:{free_port()}/"
    standin.switch(redirect_uris=[back])
    connect_by_command("mailchimp", environment(standin, state, tmp_path, back, **mailchimp.CLIENT))
    kept = stored(ClientState(state, "mailchimp", Fernet(SEAL)))
    assert kept["api_endpoint"] == standin.url
    headers = {"Authorization": f"Bearer {kept['access_token']}"}
    assert requests.get(f"{standin.url}/3.0/ping", headers=headers, timeout=WAIT_SECONDS).ok


def test_the_command_says_what_is_missing(standin: StandIn, state: Database, tmp_path: object) -> None:
    around = environment(standin, state, tmp_path, "https://example.org/")
    for provider, said in (("constant_contact", "redirect_uri"), ("nobody", "constant_contact")):
        command = [sys.executable, "-m", "crm_sync.connect", provider]
        done = subprocess.run(command, env=around, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 1
        assert said in done.stderr
        assert "Traceback" not in done.stderr
        assert contract.KEY not in done.stderr
