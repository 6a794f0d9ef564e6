"""Mutants are tried in processes that have the libraries loaded; coverage says what a test has executed."""

from __future__ import annotations

import json
from pathlib import Path

from coverage import CoverageData

from mutations import nearest
from mutations.trying import are_passed

MODULE = '''
def one():
    """Of which only the body counts: a module executes the first line as it is loaded."""
    return 1


def two():
    return 2
'''


def test_the_tests_of_a_tree_pass_or_they_do_not(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "mutated.py").write_text("ANSWER = 42")
    (tmp_path / "test_answer.py").write_text(
        "import mutated\ndef test_right():\n    assert mutated.ANSWER == 42\n"
        "def test_wrong():\n    assert mutated.ANSWER == 41\n"
    )
    assert are_passed(tmp_path, ["test_answer.py::test_right"])
    assert not are_passed(tmp_path, ["test_answer.py::test_right", "test_answer.py::test_wrong"])


def test_what_a_test_has_executed_is_read_from_both_records(tmp_path: Path) -> None:
    module = tmp_path / nearest.PIPELINE / "thing.py"
    module.parent.mkdir(parents=True)
    module.write_text(MODULE)
    record, coverage = tmp_path / "map", CoverageData(str(tmp_path / "coverage"))
    record.write_text(json.dumps({"test": "test_it", "seconds": 0.5, "executed": ["sql/ledger/plan.sql:first"]}) + "\n")
    for context, lines in (("", [2, 7]), ("test_it|run", [4])):
        coverage.set_context(context)
        coverage.add_lines({str(module): lines})
    coverage.write()
    (found,) = nearest.read(record, tmp_path / "coverage", tmp_path)
    assert found.executed == {"sql/ledger/plan.sql:first", f"{nearest.PIPELINE}/thing.py:2"}
    assert found.seconds == 0.5
