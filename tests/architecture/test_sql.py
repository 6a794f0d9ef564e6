"""Statements and code agree: each statement is used, each name is one, each declared parameter is given."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from architecture.source import PLUGINS, REPOSITORY, modules
from crm_sync.ledger import sources
from crm_sync.ledger.sources import SQL
from crm_sync.ledger.statements import Statement, statements_in

LONGEST_LINE = 120
METHODS = {"rows", "row", "value", "run", "frame", "frames", "records", "copy_into"}
# Literals, quoted names and comments: what is left of a statement is keywords and names.
SILENT = re.compile(r"--[^\n]*|'(?:[^']|'')*'|\"[^\"]*\"")


def all_statements() -> dict[str, Statement]:
    """Every statement by the name that code calls it."""
    folders = {"": SQL / "ledger", "crm/": SQL / "crm/reference"}
    return {
        f"{before}{path.stem}/{each.name}": each
        for before, folder in folders.items()
        for path in sorted(folder.glob("*.sql"))
        if path.stem != "schema"
        for each in statements_in(path, path.name).values()
    }


ALL = all_statements()
FILES = {name.rpartition("/")[0] for name in ALL}


def matches(node: ast.expr) -> list[str]:
    """The statements that a text, or one with parts to come, may name."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value] if node.value.rpartition("/")[0] in FILES else []
    if isinstance(node, ast.JoinedStr):
        pattern = "".join(map(part_of, node.values))
        return [name for name in ALL if "/" in pattern and re.fullmatch(pattern, name)]
    return []


def part_of(node: ast.expr) -> str:
    """A pattern for a part of a text."""
    if isinstance(node, ast.Constant):
        return re.escape(str(node.value))
    return "(subscribers|members)" if ast.unparse(node).endswith("audience}") else "[a-z_]+"


@dataclass(frozen=True)
class Call:
    """Where a statement is called, what it is surely given, and whether it may be given more."""

    where: str
    name: str
    given: frozenset[str]
    is_all: bool

    @property
    def fault(self) -> str:
        """What it gets that it does not declare, or the other way round; "" for nothing."""
        declared = set(ALL[self.name].parameters)
        wrong = self.given ^ declared if self.is_all else self.given - declared
        return f"{self.where} {self.name}: {', '.join(sorted(wrong))}" if wrong else ""


def calls() -> Iterator[Call]:
    """Every call of a statement by its name."""
    for module in modules(PLUGINS):
        constants = dict(assigned(module.tree.body))
        for function in module.functions():
            known = constants | dict(assigned(ast.walk(function)))
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
                    yield from of_call(node, node.func.attr, f"{module.label}:{node.lineno}", known)


def assigned(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    """What names stand for; a dictionary that is written out is of use here."""
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            values = node.value.elts if isinstance(node.value, ast.Tuple) else []
            yield from (
                (each.id, value)
                for each, value in zip(node.targets[0].elts, values, strict=False)
                if isinstance(each, ast.Name)
            )
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node.value


def of_call(node: ast.Call, method: str, where: str, known: dict[str, ast.expr]) -> Iterator[Call]:
    """One for each statement that it may call."""
    for argument in node.args:
        for name in matches(known.get(argument.id, argument) if isinstance(argument, ast.Name) else argument):
            given = {keyword.arg for keyword in node.keywords if keyword.arg}
            is_all = True
            for spread in (keyword.value for keyword in node.keywords if keyword.arg is None):
                keys = keys_of(spread, known)
                given |= keys or set()
                is_all = is_all and keys is not None
            if method == "copy_into":
                given -= {"required", "constant", "copied"}
            if method == "frames" and len(node.args) == 2 and argument is node.args[1]:
                given |= {"run_id"}  # Sync.frames
            yield Call(where, name, frozenset(given), is_all)


def keys_of(node: ast.expr, known: dict[str, ast.expr]) -> set[str] | None:
    """The keys of a dictionary that is written out here; None where it is made elsewhere."""
    if isinstance(node, ast.Name) and node.id in known:
        return keys_of(known[node.id], {name: value for name, value in known.items() if name != node.id})
    if not isinstance(node, ast.Dict):
        return None
    found: set[str] = set()
    for key, value in zip(node.keys, node.values, strict=True):
        inner = {str(key.value)} if isinstance(key, ast.Constant) else keys_of(value, known) if key is None else None
        if inner is None:
            return None
        found |= inner
    return found


def test_each_call_gives_what_its_statement_declares() -> None:
    found = list(calls())
    assert len(found) > 200
    assert sum(call.is_all for call in found) > 180
    assert [call.fault for call in found if call.name in ALL and call.fault] == []


def test_each_statement_is_used_and_each_name_is_one() -> None:
    nodes = [node for module in modules(PLUGINS) for node in ast.walk(module.tree)]
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    named = {name for node in nodes if isinstance(node, ast.expr) and id(node) not in parts for name in matches(node)}
    assert len(named) > 200
    assert (named - ALL.keys(), ALL.keys() - named) == (set(), set())


@pytest.mark.parametrize("path", sorted(SQL.rglob("*.sql")), ids=lambda path: path.relative_to(SQL).as_posix())
def test_keywords_are_lower_case_and_lines_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if len(line) > LONGEST_LINE] == []
    spoken = SILENT.sub("", text)
    assert set(re.findall(r"\b[A-Z][A-Z_]+\b", spoken)) == set()


def test_no_file_of_before_is_left() -> None:
    folders = {
        path.relative_to(REPOSITORY / "sql").as_posix() for path in (REPOSITORY / "sql").rglob("*") if path.is_dir()
    }
    of_crms = {f"crm/{name}" for name in sources.names()}
    to_install = {f"crm/{name}/install" for name in sources.names() if sources.named(name).database == "postgresql"}
    assert folders == {"crm", "ledger", "ledger/migrations"} | of_crms | to_install
