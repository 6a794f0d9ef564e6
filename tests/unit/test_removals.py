"""What needs approval is told by cause and list, with nothing in a list's name that a page would take for its own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from crm_sync import removals


def rows(*found: tuple[str, str | None, int | None, str | None, int]) -> Any:
    names = ("kind", "cause", "list_id", "list_name", "number")
    return [SimpleNamespace(**dict(zip(names, each, strict=True))) for each in found]


def told(*found: tuple[str, str | None, int | None, str | None, int]) -> list[str]:
    """The lines of the table beneath its head."""
    return removals.as_table(removals.kept(removals.of_rows(rows(*found)))).splitlines()[2:]


def test_each_cause_and_list_is_a_line() -> None:
    assert told(
        ("people", "gone_from_crm", None, None, 1200),
        ("memberships", "not_in_list", 1, "News", 7),
        ("memberships", "list_gone", 2, None, 3),
        ("names", None, None, None, 60),
    ) == [
        "| People disabled | deleted from the CRM, or without an address |  | 1,200 |",
        "| Taken out of a list | not in the list in the CRM any more | News | 7 |",
        "| Taken out of a list | the list is deleted, or not synchronized any more | list 2 | 3 |",
        "| People left without a name |  |  | 60 |",
    ]


def test_the_name_of_a_list_is_text() -> None:
    (line,) = told(("memberships", "list_gone", 1, "a|b [c](https://example.org)\n<b>", 1))
    assert r"a\|b \[c\]\(https://example.org\) \<b\>" in line


def test_a_large_plan_is_told_in_few_lines_and_a_plan_that_may_be_sent_in_none() -> None:
    lines = told(*[("memberships", "not_in_list", number, f"List {number}", 1) for number in range(50)])
    assert len(lines) == 21
    assert "and 30 more" in lines[-1]
    assert removals.as_table(removals.kept(None)) == ""
