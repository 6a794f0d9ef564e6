"""What an update says of a status: one for whoever is not there any more, none for whoever is."""

from __future__ import annotations

from typing import cast

import pytest

from crm_sync import providers
from crm_sync.client import Client
from crm_sync.contract import Credentials
from crm_sync.ledger.client_state import ClientState
from crm_sync.model import Verb
from crm_sync.operations import Operation, Outcome
from local.world import QUICK
from standins import StandIn
from standins.mailchimp import contract

SHEET = providers.get("mailchimp")
ANN, BOB = "ann@example.org", "bob@example.org"


@pytest.fixture
def client(standin: StandIn) -> Client:
    extras = {**contract.EXTRAS, "base_url": standin.url + contract.API_PATH}
    return SHEET.connect(Credentials(contract.KEY, extras=extras), QUICK, cast("ClientState", None))


def asked(client: Client, verb: Verb, *addresses: str, name: str = "New") -> list[Outcome]:
    fields = f'{{"FNAME":"{name}"}}'
    batch = [
        Operation(n, verb.value, subscriber_key=who, address=who, fields=fields) for n, who in enumerate(addresses)
    ]
    answer: list[Outcome] = client.verbs[verb.value](batch)
    return answer


def held(standin: StandIn) -> dict[str, tuple[str, str]]:
    return {each["address"]: (each["status"], each["merge_fields"]["FNAME"]) for each in standin.state()["members"]}


def written(standin: StandIn) -> list[str]:
    return [each["method"] for each in standin.requests()["requests"] if each["method"] != "GET"]


def test_whoever_is_not_there_any_more_is_enrolled_by_the_same_call(client: Client, standin: StandIn) -> None:
    asked(client, Verb.CREATE, ANN, name="Old")
    standin.clear_requests()
    outcomes = asked(client, Verb.UPDATE, ANN, BOB)
    assert [each.status for each in outcomes] == ["applied", "applied"]
    assert held(standin) == {ANN: ("subscribed", "New"), BOB: ("subscribed", "New")}
    assert written(standin) == ["POST"]


@pytest.mark.parametrize("how", ["unsubscribe", "admin_unsubscribe", "clean", "await"])
@pytest.mark.parametrize("without_status", ["keep", "error"])
def test_whoever_is_there_keeps_the_status(client: Client, standin: StandIn, how: str, without_status: str) -> None:
    asked(client, Verb.CREATE, ANN, BOB, name="Old")
    standin.act(how, address=ANN)
    standin.switch(batch_without_status=without_status)
    before = held(standin)
    outcomes = {each.operation.subscriber_key: each.status for each in asked(client, Verb.UPDATE, ANN, BOB)}
    assert outcomes == {ANN: "refused", BOB: "applied"}
    assert held(standin) == {ANN: (before[ANN][0], "New"), BOB: ("subscribed", "New")}
