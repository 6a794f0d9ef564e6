"""Each reason that a client can give has its meaning and a remedy, in the provider's data and on its page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from architecture.source import PLUGINS, REPOSITORY, modules
from crm_sync import providers, reasons

# Functions whose first argument, and parameters whose value, is a reason.
GIVING, NAMED = {"refused", "deferred"}, {"reason"}
# Module constants that map what a provider says to reasons.
TABLES = re.compile(r"_?(REFUSALS|REASONS|TITLES|STATUS_REFUSES)")
NAMES = providers.names()


def constants(tree: ast.Module) -> dict[str, str]:
    """The module's texts by name."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                names = target.elts if isinstance(target, ast.Tuple) else [target]
                values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
                for name, value in zip(names, values, strict=False):
                    if isinstance(name, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
                        found[name.id] = value.value
    return found


def given(tree: ast.Module) -> Iterator[str]:
    """The reasons that a module gives, where the text shows them."""
    known = constants(tree)
    values: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            values += node.args[:1] if name in GIVING else []
            values += [each.value for each in node.keywords if each.arg in NAMED]
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
            is_table = any(isinstance(each, ast.Name) and TABLES.fullmatch(each.id) for each in node.targets)
            values += node.value.values if is_table else []
    for value in values:
        yield from texts(value, known)


def texts(value: ast.expr, known: dict[str, str]) -> Iterator[str]:
    """What an expression may stand for, with an x for each part that is known at run time only."""
    for each in (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,):
        if isinstance(each, ast.Constant) and each.value:
            yield str(each.value)
        elif isinstance(each, ast.Name) and each.id in known:
            yield known[each.id]
        elif isinstance(each, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in each.values)


@pytest.mark.parametrize("name", NAMES)
def test_each_reason_of_a_client_has_words(name: str) -> None:
    trees = [each.tree for each in modules(PLUGINS, f"crm_sync/providers/{name}") if each.path.stem != "reasons"]
    codes = {code for tree in trees for code in given(tree)}
    assert codes
    assert sorted(code for code in codes if reasons.find(providers.get(name).reasons, code) is None) == []


@pytest.mark.parametrize("name", NAMES)
def test_each_reason_says_what_it_means_and_what_to_do(name: str) -> None:
    for code, reason in providers.get(name).reasons.items():
        assert reason.meaning, code
        assert reason.remedy, code
        assert ("{}" in code) >= ("{}" in reason.meaning), code


@pytest.mark.parametrize("name", NAMES)
def test_the_page_of_a_provider_has_the_same_reasons(name: str) -> None:
    page = (REPOSITORY / "docs/providers" / f"{name}.md").read_text(encoding="utf-8")
    own = providers.get(name).reasons.keys() - reasons.ENGINE.keys()
    assert own
    assert [code for code in sorted(own) if f"`{code.replace('{}', 'X')}`" not in page] == []


def test_a_part_of_a_code_is_told() -> None:
    known = providers.get("mailchimp").reasons
    refused, too_long = reasons.find(known, "field_refused:FNAME"), reasons.find(known, "fname_too_long")
    assert refused is not None
    assert refused.meaning.startswith("the field FNAME ")
    assert too_long is not None
    assert too_long.meaning == "the field fname is too long"
    assert reasons.find(known, "never_heard_of") is None
