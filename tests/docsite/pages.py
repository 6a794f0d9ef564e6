"""The pages of the site, where each lies in it, and the links between them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

REPOSITORY = Path(__file__).resolve().parents[2]
DOCS = REPOSITORY / "docs"
# Pages that lie elsewhere in the repository, and where they are in the site.
FROM_ELSEWHERE = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "tests/README.md": "tests.md",
    "tests/standins/README.md": "standins.md",
}
_FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1\s*?$", re.MULTILINE | re.DOTALL)
# [text](target), and [name]: target on a line of its own. What is written `so` is no link.
_LINK = re.compile(r"(?<=\]\()[^)\s]+(?=\))|(?<=\]: )\S+$", re.MULTILINE)
_HEADING = re.compile(r"^#+ (.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """One page: ``path`` in the repository, ``place`` in the site."""

    path: Path
    place: PurePosixPath

    @property
    def text(self) -> str:
        """As it lies in the repository."""
        return self.path.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """Its text without blocks of code."""
        return _FENCED.sub("", self.text)

    @property
    def anchors(self) -> set[str]:
        """What a # may lead to: headings, as GitHub and the site both name them."""
        return {anchor(heading) for heading in _HEADING.findall(self.prose)}

    def links(self) -> Iterator[Link]:
        """Its links to files of the repository, pictures too; not those to other hosts."""
        found: list[Link] = []

        def keep(link: Link) -> str:
            found.append(link)
            return link.target

        self.with_links(keep)
        return iter(found)

    def with_links(self, replace: Callable[[Link], str]) -> str:
        """Its text with each of these links replaced."""

        def replaced(target: re.Match[str]) -> str:
            is_ours = not re.match(r"[a-z]+:", target[0])
            return replace(Link(self, target[0])) if is_ours else target[0]

        parts, start = [], 0
        for fenced in _FENCED.finditer(self.text):
            parts += [_LINK.sub(replaced, self.text[start : fenced.start()]), fenced[0]]
            start = fenced.end()
        return "".join([*parts, _LINK.sub(replaced, self.text[start:])])


@dataclass(frozen=True)
class Link:
    """A link of a page: ``target`` as it is written, a relative path and perhaps # and the name of a place in it."""

    page: Page
    target: str

    @property
    def path(self) -> Path:
        """The file or folder that it leads to."""
        written = self.target.partition("#")[0]
        return (self.page.path.parent / written).resolve() if written else self.page.path

    @property
    def anchor(self) -> str:
        """The place in it; "" for the whole."""
        return self.target.partition("#")[2]


def anchor(heading: str) -> str:
    """The name of the place that a heading makes: letters, digits, _ and - in lower case, a blank as -."""
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())


def all_pages() -> list[Page]:
    """Every page of the site that a person wrote. A README.md is the first page of its folder."""
    below = sorted(DOCS.rglob("*.md"))
    ours = [Page(path, PurePosixPath(path.relative_to(DOCS))) for path in below]
    ours = [
        Page(each.path, each.place.with_name("index.md")) if each.path.name == "README.md" else each for each in ours
    ]
    return [*(Page(REPOSITORY / path, PurePosixPath(place)) for path, place in FROM_ELSEWHERE.items()), *ours]


def with_folders(navigation: str) -> str:
    """The text of zensical.toml with each folder of the navigation, such as "providers/", in the place of its pages:
    the first page of the folder, then the others by name."""

    def pages_of(folder: re.Match[str]) -> str:
        below = [each.place for each in all_pages() if each.place.parent == PurePosixPath(folder[1])]
        ordered = sorted(below, key=lambda place: (place.name != "index.md", place.name))
        return f"[{', '.join(json.dumps(str(place)) for place in ordered)}]"

    return re.sub(r'(?<== )"([a-z_]+)/"', pages_of, navigation)
