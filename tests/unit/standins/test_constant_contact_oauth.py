"""Connecting: consent, codes, tokens, both modes of refreshing, and what ends a grant."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from standins import StandIn
from unit.standins.constant_contact_client import CLIENT, Client

pytest_plugins = ("unit.standins.constant_contact_fixtures",)

BACK = "http://127.0.0.1:8765/callback"
SEED = "standin-refresh-token"
DAY = 24 * 3600
EVERYTHING = "contact_data account_read offline_access"


def authorize(service: StandIn, **changes: str) -> requests.Response:
    query = {"client_id": CLIENT[0], "redirect_uri": BACK, "response_type": "code", "state": "s1"}
    address = f"{service.url}/oauth2/default/v1/authorize"
    return requests.get(address, params=query | {"scope": EVERYTHING} | changes, allow_redirects=False, timeout=10)


def sent_back(response: requests.Response) -> dict[str, str]:
    assert response.status_code == 302
    assert response.headers["Location"].startswith(BACK + "?")
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


def token(service: StandIn, how: str = "form", auth: Any = CLIENT, **asked: str) -> requests.Response:
    given: dict[str, Any] = {"data": asked} if how == "form" else {"params": asked}
    return requests.post(f"{service.url}/oauth2/default/v1/token", auth=auth, timeout=10, **given)


def refresh(service: StandIn, value: str) -> requests.Response:
    return token(service, grant_type="refresh_token", refresh_token=value)


def works(service: StandIn, access_token: str) -> bool:
    headers = {"Authorization": f"Bearer {access_token}"}
    response = requests.get(f"{service.url}/v3/account/user/privileges", headers=headers, timeout=10)
    assert response.status_code in {200, 401}
    return response.status_code == 200


def is_ended(response: requests.Response) -> bool:
    body = response.json()
    return (
        response.status_code == 400 and body["error"] == "invalid_grant" and "invalid or" in body["error_description"]
    )


def test_the_page_asks_a_person_and_sends_back_what_was_said(patient: StandIn) -> None:
    patient.switch(consent="ask")
    asked = authorize(patient)
    assert asked.status_code == 200
    assert asked.headers["X-Frame-Options"] == "DENY"
    for decision, answer in (("allow", "code"), ("deny", "error")):
        said = requests.post(asked.url, data={"decision": decision}, allow_redirects=False, timeout=10)
        assert sent_back(said).keys() == {answer, "state"}
    assert requests.post(asked.url, data={}, allow_redirects=False, timeout=10).status_code == 200


@pytest.mark.parametrize("how", ["form", "query"])
def test_a_code_is_exchanged_for_tokens_once(patient: StandIn, how: str) -> None:
    back = sent_back(authorize(patient))
    assert back["state"] == "s1"
    asked = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": BACK}
    issued = token(patient, how, **asked).json()
    assert (issued["token_type"], issued["expires_in"], issued["scope"]) == ("Bearer", DAY, EVERYTHING)
    assert 900 < len(issued["access_token"]) < 1300
    assert issued["access_token"].count(".") == 2
    assert works(patient, issued["access_token"])
    assert refresh(patient, issued["refresh_token"]).status_code == 200
    assert is_ended(token(patient, how, **asked))


def test_a_code_ends_after_five_minutes(patient: StandIn) -> None:
    code = sent_back(authorize(patient))["code"]
    patient.clock(advance_seconds=301)
    assert is_ended(token(patient, grant_type="authorization_code", code=code, redirect_uri=BACK))


def test_a_code_is_for_its_own_redirect_uri(patient: StandIn) -> None:
    code = sent_back(authorize(patient))["code"]
    assert is_ended(token(patient, grant_type="authorization_code", code=code, redirect_uri=BACK + "/other"))


def test_without_offline_access_there_is_no_refresh_token_and_no_error(patient: StandIn) -> None:
    code = sent_back(authorize(patient, scope="contact_data"))["code"]
    issued = token(patient, grant_type="authorization_code", code=code, redirect_uri=BACK).json()
    assert issued["scope"] == "contact_data"
    assert "refresh_token" not in issued


def test_the_user_may_say_no(patient: StandIn) -> None:
    patient.switch(consent="deny")
    assert sent_back(authorize(patient)) == {"error": "access_denied", "state": "s1"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
        ({"colour": "blue"}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
    ],
)
def test_a_wrong_wish_is_sent_back_as_an_error(patient: StandIn, changes: dict[str, str], error: str) -> None:
    assert sent_back(authorize(patient, **changes))["error"] == error


@pytest.mark.parametrize(
    "changes", [{"client_id": "stranger"}, {"redirect_uri": "http://example.org/"}, {"redirect_uri": ""}]
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(patient: StandIn, changes: dict[str, str]) -> None:
    response = authorize(patient, **changes)
    assert (response.status_code, "Location" in response.headers) == (400, False)
    assert response.headers["Content-Type"] == "text/html"


def test_registered_addresses_are_taken_literally(patient: StandIn) -> None:
    patient.switch(redirect_uris=["https://example.org/back?x=1"])
    assert authorize(patient).status_code == 400
    response = authorize(patient, redirect_uri="https://example.org/back?x=1")
    assert response.headers["Location"].startswith("https://example.org/back?x=1&code=")


def test_a_rotating_refresh_token_works_once(patient: StandIn) -> None:
    first = refresh(patient, SEED).json()
    second = refresh(patient, first["refresh_token"]).json()
    assert len({SEED, first["refresh_token"], second["refresh_token"]}) == 3
    assert is_ended(refresh(patient, SEED))
    assert is_ended(refresh(patient, first["refresh_token"]))
    assert refresh(patient, second["refresh_token"]).status_code == 200, "the last one is not hurt by the reuse"
    assert works(patient, first["access_token"])
    assert works(patient, second["access_token"])


def test_a_long_lived_refresh_token_stays(patient: StandIn) -> None:
    patient.switch(refresh_mode="long_lived")
    assert [refresh(patient, SEED).json()["refresh_token"] for _ in range(3)] == [SEED] * 3


@pytest.mark.parametrize("mode", ["rotating", "long_lived"])
def test_a_refresh_token_dies_unused(patient: StandIn, mode: str) -> None:
    patient.switch(refresh_mode=mode)
    patient.clock(advance_seconds=179 * DAY)
    value = refresh(patient, SEED).json()["refresh_token"]
    patient.clock(advance_seconds=179 * DAY)
    value = refresh(patient, value).json()["refresh_token"]
    patient.clock(advance_seconds=181 * DAY)
    assert is_ended(refresh(patient, value))


def test_an_access_token_lives_for_a_day(patient: StandIn) -> None:
    value = refresh(patient, SEED).json()["access_token"]
    patient.clock(advance_seconds=DAY - 60)
    assert works(patient, value)
    patient.clock(advance_seconds=120)
    assert not works(patient, value)


def test_the_application_can_be_taken_out(patient: StandIn) -> None:
    issued = refresh(patient, SEED).json()
    code = sent_back(authorize(patient))["code"]
    assert patient.act("revoke") == {"revoked": 1}
    assert not works(patient, issued["access_token"])
    assert is_ended(refresh(patient, issued["refresh_token"]))
    assert is_ended(token(patient, grant_type="authorization_code", code=code, redirect_uri=BACK))
    assert works(patient, patient.act("grant")["access_token"])


def test_access_tokens_can_be_ended_early(patient: StandIn) -> None:
    issued = refresh(patient, SEED).json()
    assert patient.act("expire_access_tokens") == {"expired": 1}
    assert not works(patient, issued["access_token"])
    assert works(patient, refresh(patient, issued["refresh_token"]).json()["access_token"])


def test_a_grant_by_hand_has_the_scope_that_was_wished(patient: StandIn) -> None:
    assert patient.act("grant", scope="contact_data")["refresh_token"] is None
    assert refresh(patient, patient.act("grant")["refresh_token"]).json()["scope"] == EVERYTHING


def test_a_start_refresh_token_can_be_chosen(patient: StandIn) -> None:
    patient.switch(refresh_token="another-token")
    assert refresh(patient, "another-token").status_code == 200


@pytest.mark.parametrize("auth", [None, ("standin-client", "wrong"), ("stranger", "standin-secret")])
def test_a_stranger_gets_no_token(patient: StandIn, auth: Any) -> None:
    response = token(patient, auth=auth, grant_type="refresh_token", refresh_token=SEED)
    assert response.status_code == 401
    assert "invalid_client" in {response.json().get("error"), response.json().get("errorCode")}
    assert refresh(patient, SEED).status_code == 200, "the refresh token is not used up"


def test_the_client_may_be_named_in_the_body(patient: StandIn) -> None:
    client = {"client_id": CLIENT[0], "client_secret": CLIENT[1]}
    assert token(patient, auth=None, grant_type="refresh_token", refresh_token=SEED, **client).status_code == 200


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": SEED, "colour": "blue"}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_grant"),
    ],
)
def test_a_token_request_must_make_sense(patient: StandIn, asked: dict[str, str], error: str) -> None:
    response = token(patient, **asked)
    assert (response.status_code, response.json()["error"]) == (400, error)


def test_a_json_token_request_is_answered_by_an_okta_object(patient: StandIn) -> None:
    address = f"{patient.url}/oauth2/default/v1/token"
    response = requests.post(address, json={"grant_type": "refresh_token"}, auth=CLIENT, timeout=10)
    assert (response.status_code, response.json()["errorCode"]) == (400, "E0000021")
    assert {"errorSummary", "errorLink", "errorId", "errorCauses"} < response.json().keys()


def test_there_is_nothing_else_on_the_host_of_tokens(patient: StandIn) -> None:
    assert requests.get(f"{patient.url}/oauth2/default/.well-known/openid-configuration", timeout=10).status_code == 404


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer standin-secret", "Basic c3RhbmRpbjo="])
def test_without_a_good_token_there_is_a_401_object(service: StandIn, authorization: str) -> None:
    response = requests.get(f"{service.url}/v3/contacts", headers={"Authorization": authorization}, timeout=10)
    assert response.status_code == 401
    assert response.json() == {"error_key": "unauthorized", "error_message": "Unauthorized"}


def test_a_missing_scope_is_a_403_array(patient: StandIn) -> None:
    client = Client(patient, scope="account_read")
    client.refused(403, "GET", "/contacts")
    client.refused(403, "POST", "/activities/list_delete", {})
    assert client.done("GET", "/account/summary")["organization_name"] == "Example Association"
    Client(patient, scope="contact_data").refused(403, "GET", "/account/summary")
    assert Client(patient, scope="campaign_data").done("GET", "/account/user/privileges")
