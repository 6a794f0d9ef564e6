"""Connecting to Mailchimp by OAuth2: what a code and a token are good for, and what is refused."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from standins import StandIn

BACK = "http://127.0.0.1:8765/back"
CLIENT = {"client_id": "standin-client", "client_secret": "standin-secret"}


def authorize(standin: StandIn, **changes: str) -> requests.Response:
    query = {"response_type": "code", "client_id": CLIENT["client_id"], "redirect_uri": BACK, "state": "s1"} | changes
    return requests.get(f"{standin.url}/oauth2/authorize", params=query, allow_redirects=False, timeout=10)


def sent_back(response: requests.Response) -> dict[str, str]:
    assert response.status_code == 302
    assert response.headers["Location"].startswith(BACK + "?")
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


def token(standin: StandIn, code: str, **changes: str) -> requests.Response:
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, **CLIENT} | changes
    return requests.post(f"{standin.url}/oauth2/token", data=asked, timeout=10)


def code(standin: StandIn) -> str:
    return sent_back(authorize(standin))["code"]


def asked_with(standin: StandIn, path: str, authorization: str) -> requests.Response:
    return requests.get(standin.url + path, headers={"Authorization": authorization}, timeout=10)


def test_a_code_becomes_a_token_that_opens_the_account_it_names(standin: StandIn) -> None:
    back = sent_back(authorize(standin))
    assert back["state"] == "s1"
    issued = token(standin, back["code"]).json()
    assert (issued["expires_in"], issued["scope"]) == (0, None)
    told = asked_with(standin, "/oauth2/metadata", f"OAuth {issued['access_token']}").json()
    assert (told["dc"], told["accountname"], told["api_endpoint"]) == ("us1", "Example Association", standin.url)
    for scheme in ("Bearer", "OAuth"):
        assert asked_with(standin, "/3.0/ping", f"{scheme} {issued['access_token']}").ok
        assert asked_with(standin, "/3.0/ping", f"{scheme} another").status_code == 401
    standin.clock(advance_seconds=400 * 86400)
    assert asked_with(standin, "/3.0/ping", f"Bearer {issued['access_token']}").ok


def test_a_code_works_once_for_five_minutes_and_for_its_own_address(standin: StandIn) -> None:
    used, other, late = (code(standin) for _ in range(3))
    assert token(standin, used).status_code == 200
    assert token(standin, used).json() == {"error": "invalid_grant"}
    assert token(standin, other, redirect_uri=BACK + "/other").json() == {"error": "invalid_grant"}
    standin.clock(advance_seconds=301)
    assert token(standin, late).json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"client_secret": "stranger"}, 401),
        ({"client_id": "stranger"}, 401),
        ({"grant_type": "password"}, 400),
        ({"scope": "all"}, 400),
    ],
)
def test_a_token_is_for_the_application_alone(standin: StandIn, changes: dict[str, str], status: int) -> None:
    assert token(standin, code(standin), **changes).status_code == status


def test_the_secret_is_looked_for_in_the_body_alone(standin: StandIn) -> None:
    asked = {"grant_type": "authorization_code", "code": code(standin), "redirect_uri": BACK}
    auth = (CLIENT["client_id"], CLIENT["client_secret"])
    assert requests.post(f"{standin.url}/oauth2/token", data=asked, auth=auth, timeout=10).status_code == 400


@pytest.mark.parametrize("changes", [{"client_id": "x"}, {"redirect_uri": "http://example.org/"}, {"scope": "all"}])
def test_nobody_is_sent_back_to_a_stranger(standin: StandIn, changes: dict[str, str]) -> None:
    assert authorize(standin, **changes).status_code == 400


def test_a_registered_address_counts_to_the_letter(standin: StandIn) -> None:
    standin.switch(redirect_uris=[BACK])
    assert authorize(standin).status_code == 302
    assert authorize(standin, redirect_uri=BACK + "/").status_code == 400


def test_a_person_may_say_no_or_be_asked(standin: StandIn) -> None:
    standin.switch(consent="deny")
    assert sent_back(authorize(standin)) == {"error": "access_denied", "state": "s1"}
    standin.switch(consent="ask")
    asked = authorize(standin)
    assert asked.status_code == 200
    said: Any = requests.post(asked.url, data={"decision": "allow"}, allow_redirects=False, timeout=10)
    assert sent_back(said)["code"]


def test_a_permission_taken_back_ends_every_token(standin: StandIn) -> None:
    issued = standin.act("grant")["access_token"]
    assert asked_with(standin, "/3.0/ping", f"Bearer {issued}").ok
    assert standin.act("revoke") == {"revoked": 1}
    assert asked_with(standin, "/3.0/ping", f"Bearer {issued}").status_code == 401
    assert asked_with(standin, "/oauth2/metadata", f"OAuth {issued}").status_code == 401
