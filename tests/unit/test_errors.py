"""The tree of errors is the one that is drawn, and no class is an ornament: each is raised and caught somewhere."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

from crm_sync import errors

PACKAGE = Path(errors.__file__).parent
CLASSES = [each for _, each in inspect.getmembers(errors, inspect.isclass) if each.__module__ == errors.__name__]
# How far a class is indented in the docstring: four as code, two more below its parent.
FIRST, STEP = 4, 2


def drawn() -> dict[str, str]:
    """Each class of the docstring with its parent's name."""
    found: dict[str, str] = {}
    above = ["Exception"]
    for blanks, name in re.findall(r"^( {4,})(\w+)", errors.__doc__ or "", re.MULTILINE):
        depth = (len(blanks) - FIRST) // STEP
        above = [*above[: depth + 1], name]
        found[name] = above[depth]
    return found


def mentioned() -> tuple[set[str], set[str]]:
    """Names that are constructed, and names that stand in an except clause or a retry condition."""
    made, caught = set(), set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                made.add(node.func.id)
            held = node.type if isinstance(node, ast.ExceptHandler) else None
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "retry_if_exception_type":
                held = node
            if held is not None:
                caught |= {name.id for name in ast.walk(held) if isinstance(name, ast.Name)}
    return made, caught


def test_the_tree_in_the_docstring_is_that_of_the_classes() -> None:
    assert CLASSES
    assert drawn() == {each.__name__: each.__bases__[0].__name__ for each in CLASSES}


def test_every_class_says_what_it_means() -> None:
    assert all(each.__doc__ for each in CLASSES)


@pytest.mark.parametrize("name", sorted(set(drawn()) - {"CrmSyncError"}))
def test_every_class_is_raised_and_it_or_its_parent_is_caught(name: str) -> None:
    made, caught = mentioned()
    assert name in made, "an error that nobody raises is an ornament"
    family = {each.__name__ for each in getattr(errors, name).__mro__}
    assert family & caught & set(drawn()), "an error that nobody catches is an ornament"
