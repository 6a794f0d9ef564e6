"""Where lists travel inside a record: memberships ride on the push of their person, organizations go first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from crm_sync import providers
from crm_sync.model import Verb
from crm_sync.pipeline import diff as rules
from local.parts import parts
from unit.pipeline.test_diff import HELD, scope

MEMBERSHIPS = frozenset({Verb.ADD_TO_LIST, Verb.REMOVE_FROM_LIST})
SHEET = replace(
    providers.get("mailchimp"),
    verbs=frozenset({Verb.CREATE, Verb.UPDATE, Verb.ENABLE, Verb.ARCHIVE}),
    carries={"enroll": MEMBERSHIPS, "archive": frozenset({Verb.REMOVE_FROM_LIST})},
    organizations_first=True,
)


def planned(*rows: dict[str, Any]) -> pd.DataFrame:
    return rules.plan(scope(*rows), SHEET).astype(object).fillna("")


def told(frame: pd.DataFrame) -> list[tuple[str, str, str]]:
    return [(part.verb, part.carried_by, part.bundle) for part in parts(frame)]


def test_who_joins_rides_on_the_push_and_shares_its_call() -> None:
    assert told(planned({"lists": "{1,2}"})) == [
        ("create", "", "2"),
        ("add_to_list", "create", "2"),
        ("add_to_list", "create", "2"),
    ]


def test_organizations_are_in_calls_of_their_own_before_the_others() -> None:
    answer = planned(
        {"lists": "{1}"}, {"subscriber_key": "9", "lists": "{}", "is_wanted": True, "is_organization": True}
    )
    bundles = dict(zip(answer["subscriber_key"], answer["bundle"], strict=True))
    assert bundles["9"] < bundles["one@example.org"]


def test_other_lists_are_an_update_even_where_the_record_says_the_same() -> None:
    assert told(planned({**HELD, "lists": "{2}"})) == [
        ("update", "", "2"),
        ("add_to_list", "update", "2"),
        ("remove_from_list", "update", "2"),
    ]


def test_nobody_changes_lists_without_a_push() -> None:
    refused = {"refused_hash": "new", "may_retry": False}
    assert planned({**HELD, **refused, "lists": "{2}"}).empty
    assert planned({**refused, "held_state": "absent"}).empty


def test_who_no_longer_qualifies_loses_lists_along_with_the_flag() -> None:
    answer = planned({**HELD, "is_wanted": False})
    assert told(answer) == [("archive", "", "2"), ("remove_from_list", "archive", "2")]
    assert answer["cause"].tolist()[0] == "not_eligible"
