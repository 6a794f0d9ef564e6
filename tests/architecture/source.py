"""The product's source as data: which files there are, what each imports, and the texts in it."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PLUGINS = REPOSITORY / "plugins"
DAGS = REPOSITORY / "dags"
TESTS = REPOSITORY / "tests"
TEXT_FILES = {".py", ".sql", ".md", ".toml", ".txt", ".yml", ".yaml", ".json", ".cfg", ""}
PLACES = ("dags", "plugins", "sql", "tests", "docs", ".ci", ".github")


@dataclass(frozen=True)
class Module:
    """One Python file; ``name`` is what it is imported as."""

    path: Path
    root: Path

    @cached_property
    def name(self) -> str:
        """For example crm_sync.pipeline.diff; a package's __init__ has the package's name."""
        parts = self.path.relative_to(self.root).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @cached_property
    def label(self) -> str:
        """The path in the repository, for messages."""
        return str(self.path.relative_to(REPOSITORY)) if self.path.is_relative_to(REPOSITORY) else str(self.path)

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return ast.parse(self.path.read_text())

    @cached_property
    def imports(self) -> frozenset[str]:
        """Every module named by an import statement anywhere in the file, type checking included.

        ``from a import b`` counts as a.b: b may be a module, and a wall is told by prefixes.
        """
        return frozenset(self._imports())

    @cached_property
    def loads(self) -> frozenset[str]:
        """The same without what type checkers alone read."""
        unread = {
            id(inner)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
            for inner in ast.walk(node)
        }
        return frozenset(self._imports(unread))

    def _imports(self, unread: Collection[int] = ()) -> Iterator[str]:
        for node in ast.walk(self.tree):
            if id(node) in unread:
                continue
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)

    def relative_imports(self) -> list[str]:
        """Where the file imports relative to itself."""
        nodes = [node for node in ast.walk(self.tree) if isinstance(node, ast.ImportFrom) and node.level]
        return [f"{self.label}:{node.lineno}" for node in nodes]

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """All functions and methods."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def texts(self) -> Iterator[tuple[int, str]]:
        """Line and text of every string that is not a docstring."""
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(self.tree)
            if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                yield node.lineno, node.value


def modules(root: Path, below: str = "") -> list[Module]:
    """All Python files below ``root``/``below``, named from ``root``."""
    return [Module(path, root) for path in sorted((root / below).rglob("*.py"))]


def is_below(name: str, package: str) -> bool:
    """Whether ``name`` is ``package`` or something in it."""
    return name == package or name.startswith(f"{package}.")


def text_files() -> list[Path]:
    """The repository's own text files: what is at the top, and all below its folders."""
    top = [path for path in REPOSITORY.iterdir() if path.is_file()]
    below = [path for place in PLACES for path in (REPOSITORY / place).rglob("*") if path.is_file()]
    return [path for path in top + below if path.suffix in TEXT_FILES and "__pycache__" not in path.parts]
