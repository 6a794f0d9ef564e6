"""Small faults, one condition each: what a slip of the hand would make of the pipeline and of its statements."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# In Python: a comparison, a connective, a negation. By their node, so that no text is mistaken for one.
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Is: "is not",
    ast.IsNot: "is",
}
# In SQL: word by word. What stands in a literal or a comment is left alone.
STATEMENT = [
    (r"\bis not null\b", "is null"),
    (r"\bis null\b", "is not null"),
    (r"\bnot exists\b", "exists"),
    (r"(?<!not )(?<!if )\bexists \(", "not exists ("),
    (r"\bis distinct from\b", "is not distinct from"),
    (r"\bis not distinct from\b", "is distinct from"),
    (r" <> ", " = "),
    (r"(?<= )= any \(", "<> all ("),
    (r" < ", " <= "),
    (r" > ", " >= "),
    (r" <= ", " < "),
    (r" and ", " or "),
    (r" or ", " and "),
    (r"\bunion all\b", "except all"),
    (r"\bdesc\b", "asc"),
]
_SILENT = re.compile(r"--[^\n]*|'(?:[^']|'')*'")


@dataclass(frozen=True)
class Mutant:
    """A file of the tree with one stretch of it replaced."""

    path: str
    start: int
    end: int
    text: str
    line: int

    def applied(self, source: str) -> str:
        """The file with the fault."""
        return source[: self.start] + self.text + source[self.end :]

    def __str__(self) -> str:
        """Where it is, and what it says instead."""
        return f"{self.path}:{self.line} -> {self.text.strip()}"


def all_of(root: Path) -> list[Mutant]:
    """Every mutant of the pipeline and of the statements of the ledger, in the order of their files."""
    found: list[Mutant] = []
    # What schema.sql shows, migrations make.
    statements = [path for path in root.glob("sql/ledger/*.sql") if path.stem != "schema"]
    for path in sorted([*root.glob("plugins/crm_sync/pipeline/*.py"), *statements]):
        source = path.read_text(encoding="utf-8")
        stretches = of_python(source) if path.suffix == ".py" else of_sql(source)
        name = path.relative_to(root).as_posix()
        found += [Mutant(name, *each, source.count("\n", 0, each[0]) + 1) for each in stretches]
    return found


def sample(mutants: list[Mutant], size: int, seed: int) -> list[Mutant]:
    """So many of them, always the same of the same tree."""
    return random.Random(seed).sample(mutants, min(size, len(mutants)))


def of_python(source: str) -> Iterator[tuple[int, int, str]]:
    """Stretches of a module, and what stands there instead."""
    lines = [0]
    for line in source.splitlines(keepends=True):
        lines.append(lines[-1] + len(line.encode()))
    for node in ast.walk(ast.parse(source)):
        yield from _of_node(node, source, lines)


def _of_node(node: ast.AST, source: str, lines: list[int]) -> Iterator[tuple[int, int, str]]:
    def place(line: int, column: int) -> int:
        return len(source.encode()[: lines[line - 1] + column].decode())

    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        after, before = node.comparators[0], node.left
        start, end = place(before.end_lineno or 0, before.end_col_offset or 0), place(after.lineno, after.col_offset)
        kept = re.fullmatch(r"([\s)]*)[^\s()]+(?: in| not)?([\s(]*)", source[start:end])
        if kept:
            yield start, end, f"{kept[1]}{COMPARISONS[type(node.ops[0])]}{kept[2]}"
    elif isinstance(node, ast.BoolOp):
        word, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            start = place(left.end_lineno or 0, left.end_col_offset or 0)
            end = place(right.lineno, right.col_offset)
            yield start, end, re.sub(rf"\b{word}\b", other, source[start:end], count=1)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        start = place(node.lineno, node.col_offset)
        negation = re.compile(r"not\s*").match(source, start)
        yield start, negation.end() if negation else start, ""


def of_sql(source: str) -> Iterator[tuple[int, int, str]]:
    """Stretches of a statement, and what stands there instead."""
    spoken = _SILENT.sub(lambda found: "\0" * len(found[0]), source)
    for pattern, text in STATEMENT:
        for found in re.finditer(pattern, spoken):
            yield found.start(), found.end(), text
