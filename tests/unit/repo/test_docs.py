"""The documentation site, as far as it can be checked without building it: `make docs` does the rest."""

from __future__ import annotations

import importlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from docsite.pages import DOCS, REPOSITORY, Link, Page, all_pages, anchor, with_folders
from docsite.stage import main as stage

PAGES = {page.path: page for page in all_pages()}
SITE = tomllib.loads(with_folders((DOCS / "zensical.toml").read_text(encoding="utf-8")))["project"]


def nav_places(entries: list[Any]) -> Iterator[str]:
    """The pages that the navigation names, in order."""
    for entry in entries:
        for value in entry.values() if isinstance(entry, dict) else [entry]:
            yield from [value] if isinstance(value, str) else nav_places(value)


def leads_somewhere(link: Link) -> bool:
    """Whether there is what a link names, the place in it too."""
    if not link.anchor:
        return link.path.exists()
    if link.path in PAGES:
        return link.anchor in PAGES[link.path].anchors
    return link.path.is_file() and f"def {link.anchor}(" in link.path.read_text(encoding="utf-8")


def page(folder: Path, text: str) -> Page:
    """A page that no file of the repository is."""
    path = folder / "page.md"
    path.write_text(text, encoding="utf-8")
    return Page(path, PurePosixPath("page.md"))


def test_the_navigation_names_each_page_once() -> None:
    named = list(nav_places(SITE["nav"]))
    assert len(named) > 30
    assert sorted(named) == sorted(str(each.place) for each in PAGES.values())


def test_a_folder_of_the_navigation_stands_for_its_pages() -> None:
    named = list(nav_places(SITE["nav"]))
    assert "providers/mailchimp.md" in named
    first, *others = [place for place in named if place.startswith("decisions/")]
    assert first == "decisions/index.md"
    assert others == sorted(others) != []


def test_every_link_and_picture_leads_somewhere() -> None:
    links = [link for each in PAGES.values() for link in each.links()]
    assert len(links) > 100
    assert [f"{link.page.path}: {link.target}" for link in links if not leads_somewhere(link)] == []
    assert [link.target for link in links if not link.path.is_relative_to(REPOSITORY)] == []


def test_every_picture_is_shown() -> None:
    shown = {link.path for each in PAGES.values() for link in each.links()}
    pictures = set((DOCS / "pictures").iterdir())
    assert pictures
    assert pictures - shown == set()


def test_every_decision_is_listed_under_its_title() -> None:
    listed = PAGES[DOCS / "decisions/README.md"].text.splitlines()
    decisions = sorted((DOCS / "decisions").glob("0*.md"))
    assert len(decisions) > 20
    for path in decisions:
        number, title = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ").split(". ", 1)
        assert f"{int(path.name[:4])}. [{title}]({path.name})" in listed
        assert int(number) == int(path.name[:4])


def test_the_api_that_pages_show_is_there() -> None:
    shown = [(each, name) for each in PAGES.values() for name in re.findall(r"^::: (\S+)", each.text, re.MULTILINE)]
    assert len(shown) > 5
    for each, name in shown:
        module = importlib.import_module(name)
        assert module.__doc__, name
        listed = re.search(rf"^::: {name}\n    options:\n      members: \[(.+)\]$", each.text, re.MULTILINE)
        assert [member for member in (listed[1].split(", ") if listed else []) if not hasattr(module, member)] == []


def test_a_list_has_a_blank_line_before_it() -> None:
    """Python's Markdown takes it for the end of the paragraph otherwise; GitHub shows it all the same."""
    torn = re.compile(r"^(?![-*] |[|#> ]|\d+\. )[^\n]+\n(?:[-*]|\d+\.) .*$", re.MULTILINE)
    assert torn.search("**Choice.**\n* One.")
    assert not torn.search("Text.\n\n* One\n  more of it.\n* Two.\n")
    assert [(str(each.path), found[0]) for each in PAGES.values() for found in torn.finditer(each.prose)] == []


def test_every_table_has_a_head() -> None:
    """Rows after a blank line are a table of their own, and show as raw pipes where they have no head."""
    headless = re.compile(r"(?:\A|\n)\n(\|[^\n]+)\n(?!\|[-:| ]+\|\n)")
    assert headless.search("text\n\n| C1 | a row |\n| C2 | another |\n")
    assert not headless.search("text\n\n| | of |\n|---|:-:|\n| C1 | a row |\n")
    assert [(str(each.path), found[1]) for each in PAGES.values() for found in headless.finditer(each.prose)] == []


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("[a](promise.md) and ![b](pictures/why.png)", ["promise.md", "pictures/why.png"]),
        ("[![b](x.png)](y.md)", ["x.png", "y.md"]),
        ("[a][b]\n\n[b]: ../tests/x.py#test_y\n", ["../tests/x.py#test_y"]),
        ("[a](https://example.org/x) [m](mailto:ann@example.org)", []),
        ("```\n[a](x.md)\n```\n[b](y.md)", ["y.md"]),
        ("[a](#here)", ["#here"]),
    ],
)
def test_links_are_found(tmp_path: Path, text: str, targets: list[str]) -> None:
    assert [link.target for link in page(tmp_path, text).links()] == targets


@pytest.mark.parametrize("target", ["gone.md", "promise.md#gone", "../tests/conftest.py#test_gone", "../gone/"])
def test_a_link_that_leads_nowhere_is_noticed(target: str) -> None:
    assert not leads_somewhere(Link(PAGES[DOCS / "operating.md"], target))


def test_anchors_are_those_of_github_and_of_the_site() -> None:
    headings = {
        "Five questions to the ledger": "five-questions-to-the-ledger",
        "`make docs`, strictly": "make-docs-strictly",
    }
    assert {heading: anchor(heading) for heading in headings} == headings


def test_what_is_laid_for_the_site_links_only_to_itself(tmp_path: Path) -> None:
    stage(tmp_path / "site")
    laid = tmp_path / "site/docs"
    pages = {path: Page(path, PurePosixPath(path.relative_to(laid))) for path in laid.rglob("*.md")}
    assert len(pages) > len(PAGES), "no page of the source was laid"
    links = [link for each in pages.values() for link in each.links()]
    assert len(links) > 100
    gone = [f"{link.page.place}: {link.target}" for link in links if not link.path.is_file()]
    gone += [
        f"{link.page.place}: {link.target}"
        for link in links
        if link.anchor and link.anchor not in pages[link.path].anchors
    ]
    assert gone == []
    assert (tmp_path / "site/zensical.toml").is_file()
