"""Lists appear, are renamed and go; two of one name, names too long, and names that wait for each other."""

from __future__ import annotations

from typing import Any

import pandas as pd

from crm_sync.pipeline import diff as rules

TYPES = {"wanted_id": "Int64", "held_id": "Int64", "may_retry": "boolean"}


def both(number: int, wanted: str | None, held: str | None, **columns: Any) -> dict[str, Any]:
    """A list the CRM wants by one name (None: not any more), and that is there by another (None: not there)."""
    row: dict[str, Any] = {
        "wanted_id": number if wanted is not None else None,
        "wanted_name": wanted or "",
        "held_id": number if held is not None else None,
        "held_name": held or "",
        "remote_id": f"r{number}" if held is not None else "",
        "crm_name": held or "",
        "reason": "",
        "may_retry": True,
    }
    return {**row, **columns}


def planned(*rows: dict[str, Any], **options: Any) -> list[tuple[Any, ...]]:
    lists = pd.DataFrame(list(rows)).astype(TYPES)
    answer = rules.plan_lists(lists, name_characters=options.pop("name_characters", 20), **options)
    columns = (answer[each].tolist() for each in ("verb", "list_id", "list_name", "reason"))
    return [
        (verb, list_id, name, *([reason] if reason else []))
        for verb, list_id, name, reason in zip(*columns, strict=True)
    ]


def test_new_renamed_gone_and_unchanged() -> None:
    rows = (both(1, "News", None), both(2, "New", "Old"), both(3, None, "Gone"), both(4, "Same", "Same"))
    assert planned(*rows) == [("delete_list", 3, "Gone"), ("rename_list", 2, "New"), ("create_list", 1, "News")]


def test_no_lists_give_no_operation() -> None:
    assert rules.plan_lists(pd.DataFrame([both(1, "a", "a")]).astype(TYPES).head(0), name_characters=5).empty


def test_of_two_with_one_name_the_lower_id_keeps_it_whatever_its_case_and_blanks() -> None:
    assert planned(both(7, " news ", None), both(3, "News", None)) == [
        ("create_list", 3, "News"),
        ("create_list", 7, "news (#7)"),
    ]


def test_the_second_gets_the_plain_name_when_the_first_goes() -> None:
    assert planned(both(3, None, "News"), both(7, "News", "News (#7)")) == [
        ("delete_list", 3, "News"),
        ("rename_list", 7, "News"),
    ]


def test_names_are_traded_over_a_passing_name() -> None:
    assert planned(both(1, "B", "A"), both(2, "A", "B")) == [
        ("rename_list", 1, "B (#1)"),
        ("rename_list", 2, "A (#2)"),
        ("rename_list", 1, "B"),
        ("rename_list", 2, "A"),
    ]


def test_a_list_whose_name_is_not_known_gives_way_to_the_others_first() -> None:
    assert planned(both(1, "B", ""), both(2, "A", "X")) == [
        ("rename_list", 1, "B (#1)"),
        ("rename_list", 1, "B"),
        ("rename_list", 2, "A"),
    ]


def test_a_list_whose_name_is_not_known_and_that_is_alone_is_renamed_once() -> None:
    assert planned(both(1, "B", ""), both(2, "X", "X")) == [("rename_list", 1, "B")]


def test_a_name_too_long_is_refused_before_the_call() -> None:
    long = "x" * 21
    assert planned(both(1, long, None), both(2, long + "y", "Old"), both(3, "x" * 20, None)) == [
        ("rename_list", 2, long + "y", "list_name_too_long"),
        ("create_list", 1, long, "list_name_too_long"),
        ("create_list", 3, "x" * 20),
    ]


def test_the_name_of_a_list_that_goes_is_not_measured() -> None:
    assert planned(both(1, None, "x" * 30)) == [("delete_list", 1, "x" * 30)]


def test_a_refused_list_stands_until_its_name_or_the_time_changes() -> None:
    refused = {"held_id": 1, "crm_name": "News", "reason": "list_name_taken", "may_retry": False}
    assert planned(both(1, "News", None, **refused)) == []
    assert planned(both(1, "News", None, **{**refused, "may_retry": True})) == [("create_list", 1, "News")]
    assert planned(both(1, "Other", None, **refused)) == [("create_list", 1, "Other")]
    assert planned(both(1, "News", None, **refused), retry_refused=True) == [("create_list", 1, "News")]


def test_a_list_that_never_was_there_and_is_not_wanted_needs_nothing() -> None:
    assert planned(both(1, None, None, held_id=1, reason="list_name_taken")) == []


def test_a_name_made_up_for_one_list_is_no_other_lists() -> None:
    assert planned(both(1, "News", None), both(2, "News", None), both(3, "news (#2)", None)) == [
        ("create_list", 1, "News"),
        ("create_list", 2, "News (#2) (#2)"),
        ("create_list", 3, "news (#2)"),
    ]


def test_a_passing_name_is_no_other_lists_and_fits() -> None:
    rows = (both(1, "B", "A"), both(2, "A", "B"), both(3, "B (#1)", "B (#1)"))
    assert planned(*rows, name_characters=10) == [
        ("rename_list", 1, " (#1) (#1)"),
        ("rename_list", 2, "A (#2)"),
        ("rename_list", 1, "B"),
        ("rename_list", 2, "A"),
    ]
