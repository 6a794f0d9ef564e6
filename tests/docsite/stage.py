"""``python -m docsite.stage FOLDER``: lays there what the site is built from (make docs).

Pages lie where the site has them, links are made to fit, and a file of the source that a page links to, a test of the
promise above all, is a page too: the site has no repository beside it that a link could lead to.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections import defaultdict
from pathlib import Path, PurePosixPath

from docsite.pages import DOCS, REPOSITORY, Link, all_pages, with_folders

LANGUAGES = {".py": "python", ".sql": "sql", ".yml": "yaml", ".yaml": "yaml", ".json": "json", ".toml": "toml"}


def main(folder: Path) -> None:
    """Lay everything anew."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DOCS, folder / "docs", ignore=shutil.ignore_patterns("*.md", "*.toml"))
    site = (DOCS / "zensical.toml").read_text(encoding="utf-8")
    (folder / "zensical.toml").write_text(with_folders(site), encoding="utf-8")
    Stage(folder / "docs").lay()


class Stage:
    """The folder of pages, and which files of the source they link to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._places = {page.path: page.place for page in all_pages()}
        # File of the source → the functions in it that links name.
        self._sources: defaultdict[Path, set[str]] = defaultdict(set)

    def lay(self) -> None:
        """Write all pages, those of the source last, when it is known which there are."""
        for page in all_pages():
            self._write(page.place, page.with_links(self._fitting))
        folders = {path for path in self._sources if path.is_dir()}
        for path in {file for each in folders for file in each.rglob("*.py")} - self._sources.keys():
            self._sources[path] = set()
        for path, names in self._sources.items():
            self._write(source_place(path), listing(path) if path in folders else source_page(path, names))

    def _write(self, place: PurePosixPath, text: str) -> None:
        path = self._folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def _fitting(self, link: Link) -> str:
        """What a link is in the site."""
        written = f"#{link.anchor}" if link.anchor else ""
        here = link.page.place.parent
        return (os.path.relpath(self._place(link), here) if link.path != link.page.path else "") + written

    def _place(self, link: Link) -> PurePosixPath:
        path = link.path / "README.md" if (link.path / "README.md") in self._places else link.path
        if path in self._places:
            return self._places[path]
        if path.is_relative_to(DOCS) and path.is_file():  # pictures and dashboards
            return PurePosixPath(path.relative_to(DOCS))
        self._sources[path].update({link.anchor} - {""})
        return source_place(path)


def source_place(path: Path) -> PurePosixPath:
    """Where the page of a file or folder of the source lies."""
    inside = PurePosixPath("source", path.relative_to(REPOSITORY))
    return inside / "index.md" if path.is_dir() else inside.with_name(f"{inside.name}.md")


def listing(folder: Path) -> str:
    """The page of a folder of the source: its files."""
    files = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.py"))]
    return "\n".join([f"# {folder.relative_to(REPOSITORY)}", "", *(f"* [{file}]({file}.md)" for file in files), ""])


def source_page(path: Path, names: set[str]) -> str:
    """The page of a file of the source: its text, with a heading before each function that links name."""
    lines = path.read_text(encoding="utf-8").splitlines()
    starts = {number: found[1] for number, line in enumerate(lines) if (found := re.match(r"\s*def (\w+)", line))}
    parts, start = [f"# {path.relative_to(REPOSITORY)}"], 0
    for number, name in starts.items():
        if name in names:
            while number and lines[number - 1].strip():  # its decorators
                number -= 1
            parts += [fenced(path, lines[start:number]), f"## {name}"]
            start = number
    return "\n\n".join([*parts, fenced(path, lines[start:])]) + "\n"


def fenced(path: Path, lines: list[str]) -> str:
    """Lines of a file as a block of its language."""
    text = "\n".join(lines).strip("\n")
    return f"~~~~~~ {LANGUAGES.get(path.suffix, 'text')}\n{text}\n~~~~~~"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
