"""A mutant meets the tests that execute it, the quickest first."""

from __future__ import annotations

from pathlib import Path

import pytest

from mutations.mutants import Mutant
from mutations.nearest import FEWEST_TESTS, MOST_SECONDS, Recorded, executed_at, nearest

SOURCE = """
TOP = 1 == 2

class Thing:
    @property
    def one(self):
        return 1 == 2

def outer():
    def inner():
        return 1 == 2
    return inner() == 3
"""
STATEMENTS = """
-- name: first () -> n
select 1 = 1 as n;

-- name: second () -> n
select 2 = 2 as n;
"""
STATEMENT = Mutant("plan.sql", STATEMENTS.index("= 1"), STATEMENTS.index("= 1") + 1, "<>", 3)
EXECUTED = "plan.sql:first"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "thing.py").write_text(SOURCE)
    (tmp_path / "plan.sql").write_text(STATEMENTS)
    return tmp_path


@pytest.mark.parametrize(("line", "places"), [(7, {5}), (11, {10}), (12, {9}), (2, {5, 9, 10})])
def test_a_line_is_executed_with_the_innermost_function_around_it(root: Path, line: int, places: set[int]) -> None:
    assert executed_at(Mutant("thing.py", 0, 0, "", line), root) == {f"thing.py:{each}" for each in places}


def test_the_quickest_tests_that_execute_a_statement_come_first(root: Path) -> None:
    does, does_not = frozenset({EXECUTED, "other"}), frozenset({"plan.sql:second"})
    tests = [Recorded("slow", 9.0, does), Recorded("strange", 0.1, does_not), Recorded("quick", 1.0, does)]
    assert nearest(STATEMENT, root, tests) == ["quick", "slow"]


def test_so_many_tests_are_enough(root: Path) -> None:
    tests = [Recorded(str(number), MOST_SECONDS / 2, frozenset({EXECUTED})) for number in range(20)]
    assert len(nearest(STATEMENT, root, tests)) == FEWEST_TESTS
