"""The tests that can notice a mutant: those that execute its statement, or its function; the quickest first."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path

from coverage import CoverageData

from mutations.mutants import Mutant

# Names the file that tests are recorded in.
MAP = "CRMSYNC_MUTATIONS_MAP"
PIPELINE = "plugins/crm_sync/pipeline"
Function = ast.FunctionDef | ast.AsyncFunctionDef

# Of the tests that execute it, as many as take so long together.
MOST_SECONDS = 90.0
# A test of a whole association executes nearly everything.
FEWEST_TESTS = 5
_NAMES = re.compile(r"^-- name: (\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Recorded:
    """A test: how long it took when it was recorded, and what it executed."""

    name: str
    seconds: float
    executed: frozenset[str]


def read(file: Path, coverage: Path, root: Path) -> list[Recorded]:
    """What ``mutations.recording`` and coverage.py have written of the tests."""
    functions = _functions_by_test(coverage, root)
    told = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return [
        Recorded(each["test"], each["seconds"], frozenset(each["executed"]) | functions.get(each["test"], set()))
        for each in told
    ]


def _functions_by_test(coverage: Path, root: Path) -> dict[str, set[str]]:
    """The functions of the pipeline whose body each test has entered."""
    data = CoverageData(str(coverage))
    data.read()
    found: dict[str, set[str]] = {}
    for measured in data.measured_files():
        path = Path(measured)
        if path.parent == root / PIPELINE:
            contexts = data.contexts_by_lineno(measured)
            for function in _functions_of(path):
                lines = range(function.body[0].lineno, (function.end_lineno or 0) + 1)
                for test in {context.rpartition("|")[0] for line in lines for context in contexts.get(line, ())}:
                    found.setdefault(test, set()).add(f"{PIPELINE}/{path.name}:{_first_line(function)}")
    return found


def _functions_of(path: Path) -> list[Function]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return [node for node in nodes if isinstance(node, Function)]


def nearest(mutant: Mutant, root: Path, tests: list[Recorded]) -> list[str]:
    """Names of tests, the quickest first."""
    places = executed_at(mutant, root)
    chosen: list[str] = []
    seconds = 0.0
    for each in sorted((each for each in tests if each.executed & places), key=lambda test: test.seconds):
        if seconds + each.seconds > MOST_SECONDS and len(chosen) >= FEWEST_TESTS:
            break
        seconds += each.seconds
        chosen.append(each.name)
    return chosen


def executed_at(mutant: Mutant, root: Path) -> set[str]:
    """What a test must have executed: the statement, or the innermost function around the line, or, at the level of a
    module, any function of it."""
    if mutant.path.endswith(".sql"):
        before = (root / mutant.path).read_text(encoding="utf-8")[: mutant.start]
        return {f"{mutant.path}:{name}" for name in _NAMES.findall(before)[-1:]}
    functions = _functions_of(root / mutant.path)
    around = [each for each in functions if _first_line(each) <= mutant.line <= (each.end_lineno or 0)]
    innermost = max(around, key=_first_line, default=None)
    return {f"{mutant.path}:{_first_line(each)}" for each in ([innermost] if innermost else functions)}


def _first_line(function: Function) -> int:
    """As the code object has it: a decorator comes first."""
    return min([function.lineno, *(each.lineno for each in function.decorator_list)])
