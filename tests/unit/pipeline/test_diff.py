"""The rules, a row of the ledger at a time: what the plan asks for, and what it leaves alone."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from crm_sync import providers
from crm_sync.pipeline import diff as rules
from local.parts import parts

MAILCHIMP = providers.get("mailchimp")

DEFAULTS: dict[str, Any] = {
    "subscriber_key": "one@example.org",
    "is_desired": True,
    "is_blocked": False,
    "is_frozen": False,
    "is_organization": False,
    "address": "One@example.org",
    "payload_hash": "new",
    "lists": "{1}",
    "held_state": "",
    "held_address": "",
    "held_hash": "",
    "held_lists": "{}",
    "is_managed": True,
    "refused_hash": "",
    "may_retry": True,
    "rests": False,
    "closed_reason": "",
    "keeps_address": False,
    "moves_from": "",
    "moves_from_address": "",
    "moved_lists": "",
    "is_leaving": False,
    "is_outside": False,
    "owner_is_blocked": False,
}
HELD = {"held_state": "active", "held_address": "One@example.org", "held_hash": "new", "held_lists": "{1}"}
GONE = {"is_desired": False, "address": "", "payload_hash": "", "lists": "{}"}


def scope(*rows: dict[str, Any]) -> pd.DataFrame:
    filled = [{**DEFAULTS, **row} for row in rows]
    return pd.DataFrame([{"is_wanted": not row["is_blocked"] and row["lists"] != "{}", **row} for row in filled])


def planned(*rows: dict[str, Any], **options: Any) -> list[tuple[Any, ...]]:
    """verb, list, status, reason or cause of each operation."""
    return [
        (
            part.verb,
            *([part.list_id] if part.list_id is not None else []),
            *([part.status, part.reason] if part.status != "pending" else []),
            *([part.cause] if part.cause else []),
        )
        for part in parts(rules.plan(scope(*rows), MAILCHIMP, **options))
    ]


RULES: dict[str, tuple[dict[str, Any], list[tuple[Any, ...]]]] = {
    "E2 somebody new is created and joins": ({"lists": "{1,2}"}, [("create",), ("add_to_list", 1), ("add_to_list", 2)]),
    "E2 whoever was refused before is new too": ({"held_state": "absent"}, [("create",), ("add_to_list", 1)]),
    "E3 Do Not Contact sends nothing": ({"is_blocked": True}, []),
    "E3 nobody in no list is sent": ({"lists": "{}"}, []),
    "E4 Do Not Contact suppresses and leaves": (
        {**HELD, "is_blocked": True},
        [("suppress", "do_not_contact"), ("remove_from_list", 1)],
    ),
    "E4 once suppressed, nothing more": (
        {**HELD, "held_state": "suppressed", "held_lists": "{}", "is_blocked": True},
        [],
    ),
    "E4 the contact left and another with Do Not Contact owned the address": (
        {**GONE, **HELD, "lists": "{}", "owner_is_blocked": True},
        [("suppress", "do_not_contact"), ("remove_from_list", 1)],
    ),
    "E5 suppressed comes back": (
        {**HELD, "held_state": "suppressed", "held_lists": "{}"},
        [("enable",), ("add_to_list", 1)],
    ),
    "E5 archived comes back": ({**HELD, "held_state": "archived", "held_lists": "{1}"}, [("enable",)]),
    "E6 a new name updates": ({**HELD, "held_hash": "old"}, [("update",)]),
    "E6 the same is left alone": (HELD, []),
    "E6 a new address moves the member with its lists": (
        {"moves_from": "old@example.org", "moved_lists": "{1,2}"},
        [("change_address",), ("remove_from_list", 2)],
    ),
    "E6 the old address of a mover is left alone": ({**GONE, **HELD, "lists": "{}", "is_leaving": True}, []),
    "E6 who stands refused under a new address leaves lists under the old one": (
        {
            "held_state": "absent",
            "moves_from": "old@example.org",
            "moves_from_address": "Old@example.org",
            "moved_lists": "{1,2}",
            "refused_hash": "new",
            "may_retry": False,
        },
        [("remove_from_list", 2)],
    ),
    "E7 leaves one list and stays in another": ({**HELD, "held_lists": "{1,2}"}, [("remove_from_list", 2)]),
    "E7 in no list any more is archived": (
        {**HELD, "lists": "{}"},
        [("archive", "in_no_list"), ("remove_from_list", 1)],
    ),
    "E9 deleted from the CRM is archived": (
        {**GONE, **HELD, "lists": "{}"},
        [("archive", "gone_from_crm"), ("remove_from_list", 1)],
    ),
    "an unmanaged stranger only leaves our lists": (
        {**GONE, **HELD, "lists": "{}", "is_managed": False},
        [("remove_from_list", 1)],
    ),
    "an unmanaged person whom the CRM wants is updated": (
        {**HELD, "is_managed": False, "held_hash": "old"},
        [("update",)],
    ),
    "frozen data is not sent": ({**HELD, "is_frozen": True, "held_hash": "old", "lists": "{1,2}"}, []),
    "frozen data keeps nobody in a list": (
        {**HELD, "is_frozen": True, "held_lists": "{1,2}"},
        [("remove_from_list", 2)],
    ),
    "frozen data does not protect from Do Not Contact": (
        {**HELD, "is_frozen": True, "is_blocked": True},
        [("suppress", "do_not_contact"), ("remove_from_list", 1)],
    ),
    "frozen and new is not sent": ({"is_frozen": True}, []),
    "who opted out is refused before the call": (
        {"closed_reason": "unsubscribed"},
        [("create", "refused", "opted_out")],
    ),
    "who opted out leaves the lists": (
        {**HELD, "held_state": "opted_out", "closed_reason": "unsubscribed"},
        [("create", "refused", "opted_out"), ("remove_from_list", 1)],
    ),
    "who opted out, with bad data, is a row for the data alone": (
        {"closed_reason": "unsubscribed", "is_frozen": True},
        [],
    ),
    "who bounces is refused before the call": ({"closed_reason": "cleaned"}, [("create", "refused", "cleaned")]),
    "who opted out and is not wanted is no exception": ({"closed_reason": "unsubscribed", "lists": "{}"}, []),
    "who awaits confirmation is left alone": ({**HELD, "held_state": "pending", "held_lists": "{}"}, []),
    "refused unchanged stands refused": ({"held_state": "absent", "refused_hash": "new", "may_retry": False}, []),
    "refused is offered again in time": (
        {"held_state": "absent", "refused_hash": "new", "may_retry": True},
        [("create",), ("add_to_list", 1)],
    ),
    "refused and changed is offered again": (
        {"held_state": "absent", "refused_hash": "old", "may_retry": False},
        [("create",), ("add_to_list", 1)],
    ),
    "an active one whose update stands refused still joins and leaves": (
        {**HELD, "held_hash": "old", "held_lists": "{2}", "refused_hash": "new", "may_retry": False},
        [("add_to_list", 1), ("remove_from_list", 2)],
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_rule(rule: str) -> None:
    row, expected = RULES[rule]
    assert planned(row) == expected


def test_missing_reasons_count_as_none() -> None:
    frame = scope({}).assign(closed_reason=pd.Series([None], dtype="str"), moves_from=pd.Series([None], dtype="str"))
    assert [part.verb for part in parts(rules.plan(frame, MAILCHIMP))] == ["create", "add_to_list"]


def test_a_doomed_list_is_not_left_singly() -> None:
    row = {**HELD, "held_lists": "{1,2,3}"}
    assert planned(row, doomed_lists=[2]) == [("remove_from_list", 3)]


def test_a_backfill_sends_what_is_unchanged_and_what_stands_refused() -> None:
    refused = {"subscriber_key": "two@example.org", "held_state": "absent", "refused_hash": "new", "may_retry": False}
    assert planned(HELD, refused, resend=True) == [("update",), ("create",), ("add_to_list", 1)]


def test_a_full_run_offers_again_what_stands_refused_and_nothing_else() -> None:
    refused = {"subscriber_key": "two@example.org", "held_state": "absent", "refused_hash": "new", "may_retry": False}
    assert planned(HELD, refused, retry_refused=True) == [("create",), ("add_to_list", 1)]


def test_leavers_are_addressed_as_they_are_held() -> None:
    answer = rules.plan(scope({**GONE, **HELD, "lists": "{}", "held_address": "Held@example.org"}), MAILCHIMP)
    assert set(answer["address"]) == {"Held@example.org"}


def test_a_mover_is_addressed_by_the_new_address_and_knows_the_old_subject() -> None:
    answer = rules.plan(scope({"moves_from": "old@example.org", "moved_lists": "{2}"}), MAILCHIMP)
    move = answer[answer["verb"] == "change_address"].iloc[0]
    assert (move["subscriber_key"], move["address"], move["from_subscriber_key"]) == (
        "one@example.org",
        "One@example.org",
        "old@example.org",
    )
    assert set(answer["address"]) == {"One@example.org"}


OWN = {**HELD, "held_address": "Own@example.org", "keeps_address": True}


@pytest.mark.parametrize(
    "row",
    [
        {"held_hash": "old", "lists": "{1,2}"},
        {"held_state": "archived", "lists": "{1,2}"},
        {"lists": "{2}"},
        {"is_blocked": True, "lists": "{}"},
        {**GONE},
    ],
)
def test_whoever_chose_another_address_there_is_addressed_by_it(row: dict[str, Any]) -> None:
    answer = rules.plan(scope({**OWN, **row}), MAILCHIMP)
    assert len(parts(answer)) > 1
    assert set(answer["address"]) == {"Own@example.org"}
    assert set(answer["subscriber_key"]) == {"one@example.org"}


def test_the_crm_moves_whoever_chose_another_address_there() -> None:
    moving = {"moves_from": "old@example.org", "moves_from_address": "Own@example.org", "moved_lists": "{2}"}
    answer = rules.plan(scope(moving), MAILCHIMP)
    assert set(answer["address"]) == {"One@example.org"}
    stays = {**moving, "held_state": "absent", "refused_hash": "new", "may_retry": False}
    (refused,) = parts(rules.plan(scope(stays), MAILCHIMP))
    assert (refused.verb, refused.subscriber_key, refused.address) == (
        "remove_from_list",
        "old@example.org",
        "Own@example.org",
    )


def test_nobody_gives_no_operation() -> None:
    assert rules.plan(scope({}).head(0), MAILCHIMP).empty
    assert list(rules.plan(scope({}).head(0), MAILCHIMP).columns) == rules.COLUMNS


def test_a_refused_move_is_replaced_by_a_new_member_and_an_archived_old_one() -> None:
    refused = pd.DataFrame(
        [
            {
                "subscriber_key": "new@example.org",
                "from_subscriber_key": "old@example.org",
                "reason": "address_taken",
                "address": "New@example.org",
                "lists": "{1,2}",
                "held_address": "Old@example.org",
                "held_lists": "{1}",
            }
        ]
    )
    asked = parts(rules.replacements(refused))
    assert [(part.verb, part.list_id, part.subscriber_key, part.address) for part in asked] == [
        ("create", None, "new@example.org", "New@example.org"),
        ("add_to_list", 1, "new@example.org", "New@example.org"),
        ("add_to_list", 2, "new@example.org", "New@example.org"),
        ("archive", None, "old@example.org", "Old@example.org"),
        ("remove_from_list", 1, "old@example.org", "Old@example.org"),
    ]
    assert {part.status for part in asked} == {"pending"}
