"""Contacts become subscribers: who names them, which lists they are in, what keeps them out, what names hold."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from crm_sync import providers
from crm_sync.pipeline.transform import desired

DEFAULTS: dict[str, Any] = {
    "kind": "individual",
    "first_name": "First",
    "last_name": "Last",
    "organization_name": "",
    "address": " One@example.org ",
    "subscriber_key": "one@example.org",
    "do_not_contact": False,
    "lists": "{1}",
    "flagged_lists": "{}",
    "frozen": False,
    "outside_pilot": False,
}


def wanted(*rows: dict[str, Any], scope: str = "contact") -> pd.DataFrame:
    contacts = pd.DataFrame([{"contact_id": number, **DEFAULTS, **row} for number, row in enumerate(rows, start=1)])
    types = {"do_not_contact": "boolean", "frozen": "boolean", "contact_id": "Int64"}
    return desired(contacts.astype(types), providers.get("mailchimp"), scope).set_index("subscriber_key")


def test_one_contact_is_one_subscriber_with_the_address_as_written() -> None:
    one = wanted({}).loc["one@example.org"]
    assert (one["contact_id"], one["contact_ids"], one["address"], one["lists"]) == (1, "{1}", "One@example.org", "{1}")
    assert (one["blocked"], one["frozen"]) == (False, False)
    assert json.loads(str(one["fields"])) == {"FNAME": "First", "LNAME": "Last"}


def test_contacts_of_one_address_share_their_lists_and_the_lowest_id_names_them() -> None:
    answer = wanted(
        {"lists": "{2}", "first_name": "Ann"},
        {"lists": "{1,3}", "first_name": "Bob"},
        {"subscriber_key": "b@example.org"},
    )
    assert len(answer) == 2
    one = answer.loc["one@example.org"]
    assert (one["contact_id"], one["contact_ids"], one["lists"]) == (1, "{1,2}", "{1,2,3}")
    assert json.loads(str(one["fields"]))["FNAME"] == "Ann"


def test_whoever_is_in_no_list_does_not_name_the_subscriber() -> None:
    one = wanted({"lists": "{}", "first_name": "Ann"}, {"first_name": "Bob"}).loc["one@example.org"]
    assert (one["contact_id"], json.loads(str(one["fields"]))["FNAME"]) == (2, "Bob")


def test_bad_data_neither_names_nor_freezes_whom_good_data_describes() -> None:
    one = wanted({"frozen": True, "first_name": "Ann", "lists": "{2}"}, {"first_name": "Bob"}).loc["one@example.org"]
    assert (one["contact_id"], one["frozen"], one["lists"]) == (2, False, "{1,2}")
    assert wanted({"frozen": True}, {"frozen": True})["frozen"].tolist() == [True]


@pytest.mark.parametrize(
    ("rows", "scope", "blocked", "lists"),
    [
        ([{"do_not_contact": True}, {}], "contact", True, "{1}"),
        ([{"do_not_contact": True}, {}], "list", True, "{1}"),
        ([{"lists": "{1,2}", "flagged_lists": "{2}"}], "contact", True, "{1,2}"),
        ([{"lists": "{1,2}", "flagged_lists": "{2}"}], "list", False, "{1}"),
        ([{"lists": "{1,2}", "flagged_lists": "{1,2}"}], "list", True, "{}"),
        ([{"lists": "{}"}], "list", False, "{}"),
        ([{"lists": "{2}", "flagged_lists": "{2}"}, {"lists": "{3}"}], "contact", True, "{2,3}"),
        ([{"lists": "{1,2}", "flagged_lists": "{1}"}, {"lists": "{1,2}"}], "list", False, "{2}"),
        ([{"lists": "{1,2}"}, {"lists": "{1,2}", "flagged_lists": "{1}"}], "list", False, "{2}"),
        ([{"lists": "{2}", "flagged_lists": "{2}"}, {"lists": "{3}"}], "list", False, "{3}"),
        ([{"lists": "{1}", "flagged_lists": "{1}"}, {"lists": "{1}"}], "list", True, "{}"),
        ([{"lists": "{1,2}", "flagged_lists": "{1}"}, {"lists": "{1,2}", "flagged_lists": "{2}"}], "list", True, "{}"),
        ([{"flagged_lists": "{1}"}, {}, {"lists": "{2,3}", "flagged_lists": "{3}"}], "list", False, "{2}"),
        ([{"lists": "{1,2}", "flagged_lists": "{1}", "frozen": True}, {"lists": "{1,2}"}], "list", False, "{2}"),
        ([{"lists": "{1,2}", "flagged_lists": "{1}"}, {"lists": "{2}", "do_not_contact": True}], "list", True, "{2}"),
    ],
)
def test_do_not_contact_of_any_wins_in_the_scope_that_is_set(
    rows: list[dict[str, Any]], scope: str, blocked: bool, lists: str
) -> None:
    one = wanted(*rows, scope=scope).loc["one@example.org"]
    assert (bool(one["blocked"]), bool(one["wanted"]), one["lists"]) == (blocked, not blocked and lists != "{}", lists)


def test_a_flag_in_the_scope_of_lists_concerns_its_own_address_alone() -> None:
    answer = wanted(
        {"lists": "{1,2}", "flagged_lists": "{1}"},
        {"lists": "{1,2}", "subscriber_key": "two@example.org"},
        scope="list",
    )
    assert answer["lists"].to_dict() == {"one@example.org": "{2}", "two@example.org": "{1,2}"}


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("bell\x07and\ttab\r\n", "bell and tab"),
        ("line\u2028sep\u2029par\x85next", "line\u2028sep\u2029par\x85next"),
        ("\U0001f600", "\U0001f600"),
        ("\u0645\u0631\u064a\u0645 \u202eabc", "\u0645\u0631\u064a\u0645 \u202eabc"),
        ('"quoted" \\ {1,2} </b>', '"quoted" \\ {1,2} </b>'),
    ],
)
def test_names_are_sent_as_written_but_for_control_characters(written: str, sent: str) -> None:
    answer = wanted({"first_name": written}, {"subscriber_key": "z@example.org", "first_name": "Next"})
    assert [json.loads(text)["FNAME"] for text in answer["fields"]] == [sent, "Next"]


def test_a_name_of_blanks_is_none_and_is_left_out() -> None:
    assert json.loads(wanted({"first_name": "  ", "last_name": "Lee"}).iloc[0]["fields"]) == {"LNAME": "Lee"}


def test_an_organization_is_greeted_by_its_name() -> None:
    one = wanted({"kind": "organization", "organization_name": "Acme", "first_name": "", "last_name": "x"}).iloc[0]
    assert json.loads(str(one["fields"])) == {"FNAME": "Acme", "LNAME": ""}
