"""Mailchimp's mapping, wire format and verdicts, without a socket."""

from __future__ import annotations

import json
from typing import Any, cast

import msgspec
import pandas as pd
import pytest

from crm_sync import providers
from crm_sync.contract import Credentials
from crm_sync.errors import ConfigError, ContractError, DisconnectedError, TransientError
from crm_sync.ledger.client_state import ClientState
from crm_sync.providers.mailchimp import answers, client, reader, wire
from crm_sync.providers.mailchimp.mapping import MERGE_FIELDS, fields, record
from crm_sync.settings import Settings
from crm_sync.transport.answer import Response
from unit.answers import answer

SHEET = providers.get("mailchimp")


def connected(key: str, extras: dict[str, Any]) -> client.Client:
    return client.connect(SHEET, Credentials(key, extras=extras), Settings(), cast("ClientState", None))


def response(status: int, body: Any) -> Response:
    return answer(status, body, Content_Type="application/problem+json; charset=utf-8")


def test_names_go_to_the_fields_a_marketer_reads() -> None:
    contacts = pd.DataFrame(
        {
            "kind": ["individual", "organization", "individual"],
            "first_name": ["Ann", "x", None],
            "last_name": ["Lee", "y", None],
            "organization_name": ["Employer", "Acme", None],
        }
    )
    assert fields(contacts).to_dict("records") == [
        {"FNAME": "Ann", "LNAME": "Lee"},
        {"FNAME": "Acme", "LNAME": ""},
        {"FNAME": "", "LNAME": ""},
    ]
    assert set(SHEET.field_bytes) == set(MERGE_FIELDS)
    assert record(contacts).tolist() == ['{"FNAME":"Ann","LNAME":"Lee"}', '{"FNAME":"Acme","LNAME":""}', "{}"]


def test_a_name_that_the_crm_lacks_is_left_out() -> None:
    contacts = pd.DataFrame(
        {
            "kind": ["individual", "individual", "organization", "individual"],
            "first_name": ["Ann", None, "x", "Eve"],
            "last_name": [None, "Lee", "y", ""],
            "organization_name": [None, None, None, None],
        },
        index=["a", "b", "c", "d"],
    )
    assert record(contacts).to_dict() == {
        "a": '{"FNAME":"Ann"}',
        "b": '{"LNAME":"Lee"}',
        "c": '{"LNAME":""}',
        "d": '{"FNAME":"Eve"}',
    }
    assert record(contacts[:0]).empty


def test_an_entry_holds_what_is_set_and_nothing_else() -> None:
    entry = wire.Entry("a@example.org", merge_fields=msgspec.Raw(b'{"FNAME":"\xc3\xa9"}'))
    assert json.loads(msgspec.json.encode(entry)) == {"email_address": "a@example.org", "merge_fields": {"FNAME": "é"}}
    batch = wire.Batch([wire.Entry("a@example.org", status="subscribed")], update_existing=False)
    assert json.loads(msgspec.json.encode(batch)) == {
        "members": [{"email_address": "a@example.org", "status": "subscribed"}],
        "update_existing": False,
    }


def test_the_hash_of_a_member_is_as_documented() -> None:
    assert reader.member_hash("urist.mcvankab@example.org") == "2518a592d3420a8987041d92fb6c265f"


@pytest.mark.parametrize(
    ("key", "url"),
    [("abc-us14", "https://us14.api.mailchimp.com/3.0"), ("a-b-us1", "https://us1.api.mailchimp.com/3.0")],
)
def test_the_data_centre_stands_behind_the_dash(key: str, url: str) -> None:
    made = connected(key, {"audience_id": "a"})
    assert made._transport.base_url == url


@pytest.mark.parametrize("key", ["nodash", "abc-", "abc-us1/evil", "abc-us1.evil.example.org"])
def test_a_key_without_a_data_centre_never_leaves_for_another_host(key: str) -> None:
    with pytest.raises(ConfigError, match="data centre"):
        connected(key, {"audience_id": "a"})


@pytest.mark.parametrize("extras", [{}, {"audience_id": ""}, {"audience_id": None}])
def test_a_missing_audience_is_asked_for(extras: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="audience_id"):
        connected("abc-us1", extras)


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, {"email_address": "a", "status": "subscribed"}, ""),
        (200, {"email_address": "a", "status": "unsubscribed"}, "opted_out"),
        (200, {"email_address": "a", "status": "cleaned"}, "cleaned"),
        (200, {"email_address": "a", "status": "pending"}, "pending_confirmation"),
        (200, {"email_address": "a", "status": "archived"}, "archived_there"),
        (404, {}, "not_found"),
        (400, {"title": "Member In Compliance State"}, "compliance"),
        (400, {"title": "Forgotten Email Not Subscribed"}, "forgotten"),
        (
            400,
            {"title": "Invalid Resource", "errors": [{"field": "email address", "message": "Schon da"}]},
            "address_taken",
        ),
        (
            400,
            {"title": "Invalid Resource", "errors": [{"field": "FNAME"}, {"field": "ADDR"}]},
            "field_refused:ADDR,FNAME",
        ),
        (400, {"title": "Invalid Resource", "errors": [{"field": "merge_fields.FNAME"}]}, "field_refused:FNAME"),
        (400, {"title": "Invalid Resource", "errors": [{"field": "email_address"}]}, "address_or_field_refused"),
        (400, {"title": "Invalid Resource"}, "address_or_field_refused"),
        (400, {"title": "Bad Request"}, "refused:bad_request"),
        (400, {"title": "Something New"}, "refused:something_new"),
    ],
)
def test_a_single_answer_is_judged_by_codes_and_fields(status: int, body: Any, reason: str) -> None:
    assert answers.why_not_subscribed(response(status, body)) == reason


@pytest.mark.parametrize(
    ("status", "title", "said"),
    [
        (403, "User Disabled", "switched off"),
        (403, "Account Disabled", "switched off"),
        (403, "Wrong Datacenter", "data centre"),
        (403, "Forbidden", "the role Manager"),
        (503, "Compliance Related", "its review"),
        (403, "API Key Invalid", "put a valid one"),
        (401, "API Key Invalid", "put a valid one"),
    ],
)
def test_a_closed_account_is_told_from_a_wrong_key(status: int, title: str, said: str) -> None:
    error = answers.classify(response(status, {"title": title, "detail": "a sentence"}))
    assert isinstance(error, DisconnectedError)
    assert said in str(error)


@pytest.mark.parametrize(("status", "body"), [(503, {"title": "Service Unavailable"}), (503, []), (500, {})])
def test_other_trouble_may_pass(status: int, body: Any) -> None:
    assert isinstance(answers.classify(response(status, body)), TransientError)


def test_an_answer_of_no_known_kind_stops_the_run() -> None:
    with pytest.raises(ContractError, match="409"):
        answers.why_not_subscribed(response(409, {}))


@pytest.mark.parametrize("body", [b"", b"<html></html>", b'{"title": 5}'])
def test_a_refusal_that_cannot_be_read_stops_the_run(body: bytes) -> None:
    with pytest.raises(ContractError):
        answers.why_not_subscribed(response(400, body))
