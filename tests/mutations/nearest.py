"""The tests that can notice a mutant: those that execute its statement, or its function; the quickest first."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass
from pathlib import Path

from mutations.mutants import Mutant

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


def read(file: Path) -> list[Recorded]:
    """What ``mutations.recording`` has written."""
    told = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    return [Recorded(each["test"], each["seconds"], frozenset(each["executed"])) for each in told]


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
    functions = [
        node
        for node in ast.walk(ast.parse((root / mutant.path).read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    around = [each for each in functions if _first_line(each) <= mutant.line <= (each.end_lineno or 0)]
    innermost = max(around, key=_first_line, default=None)
    return {f"{mutant.path}:{_first_line(each)}" for each in ([innermost] if innermost else functions)}


def _first_line(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """As the code object has it: a decorator comes first."""
    return min([function.lineno, *(each.lineno for each in function.decorator_list)])
