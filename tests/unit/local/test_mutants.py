"""Mutants are one fault each, in code and statements alone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from mutations import mutants

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("if a == b and c: pass\n", {"if a != b and c: pass\n", "if a == b or c: pass\n"}),
        ("x = not (a in b)\n", {"x = not (a not in b)\n", "x = (a in b)\n"}),
        ("é = a is not None\n", {"é = a is None\n"}),
        ("s = 'a == b'\n", set()),
    ],
)
def test_each_condition_of_a_module_is_turned_once(source: str, expected: set[str]) -> None:
    made = {source[:start] + text + source[end:] for start, end, text in mutants.of_python(source)}
    assert made == expected


def test_each_condition_of_a_statement_is_turned_once() -> None:
    source = "-- is null\nselect from t where a is null and b <> 'x and y'"
    made = {source[:start] + text + source[end:] for start, end, text in mutants.of_sql(source)}
    assert made == {
        "-- is null\nselect from t where a is not null and b <> 'x and y'",
        "-- is null\nselect from t where a is null or b <> 'x and y'",
        "-- is null\nselect from t where a is null and b = 'x and y'",
    }


def test_every_mutant_of_the_tree_is_another_text_that_can_be_read() -> None:
    found = mutants.all_of(ROOT)
    assert len(found) > 300
    for each in found:
        source = (ROOT / each.path).read_text(encoding="utf-8")
        changed = each.applied(source)
        assert changed != source, each
        if each.path.endswith(".py"):
            ast.parse(changed)


def test_a_sample_is_the_same_each_time() -> None:
    found = mutants.all_of(ROOT)
    assert mutants.sample(found, 20, 1) == mutants.sample(found, 20, 1) != mutants.sample(found, 20, 2)
