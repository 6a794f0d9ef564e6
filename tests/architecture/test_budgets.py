"""Files and functions stay small enough to be read at one sitting; each offender is named."""

from __future__ import annotations

import ast

import pytest

from architecture.source import DAGS, PLUGINS, TESTS, Module, modules

LONGEST_FILE = 300
LONGEST_FUNCTION = 35
SHORT_FUNCTION = 20

EVERYTHING = [*modules(PLUGINS), *modules(DAGS), *modules(TESTS)]


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from def to the last, decorators left out."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def functions(files: list[Module]) -> dict[str, int]:
    """Every function's length in lines."""
    return {f"{file.label}:{each.name}": length(each) for file in files for each in file.functions()}


def test_files_are_not_too_long() -> None:
    assert len(EVERYTHING) >= 40
    lengths = {module.label: len(module.path.read_text().splitlines()) for module in EVERYTHING}
    assert {label: lines for label, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_functions_are_not_too_long() -> None:
    lengths = functions(EVERYTHING)
    assert len(lengths) >= 200
    assert {label: lines for label, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_most_functions_of_the_product_are_short() -> None:
    lengths = sorted(functions(modules(PLUGINS)).values())
    assert len(lengths) >= 80
    assert lengths[len(lengths) * 9 // 10] <= SHORT_FUNCTION


@pytest.mark.parametrize("module", modules(PLUGINS), ids=lambda module: module.label)
def test_every_module_says_why_it_exists(module: Module) -> None:
    first = module.tree.body[0] if module.tree.body else None
    assert first is not None, f"{module.label} is empty"
    assert getattr(getattr(first, "value", None), "value", ""), f"{module.label} has no docstring"
