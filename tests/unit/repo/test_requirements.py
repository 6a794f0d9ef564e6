"""The pins cover what pyproject.toml asks for, and a package has one version wherever it is pinned on purpose."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from architecture.source import REPOSITORY

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OPTIONAL = PROJECT["optional-dependencies"]
EXTRAS = sorted(OPTIONAL.keys() - {"dev", "docs"})
ASKED = {
    "requirements.txt": PROJECT["dependencies"] + [each for name in EXTRAS for each in OPTIONAL[name]],
    "requirements-dev.txt": OPTIONAL["dev"],
    "requirements-docs.txt": OPTIONAL["docs"],
}


def pins(name: str) -> dict[NormalizedName, str]:
    """Package → version of a file, and of the one that it includes."""
    lines = (REPOSITORY / name).read_text(encoding="utf-8").splitlines()
    found: dict[NormalizedName, str] = {}
    for line in lines:
        if included := re.match(r"-r (\S+)", line):
            found |= pins(included[1])
        elif pinned := re.match(r"([\w.\[\]-]+)==([^\s;]+)", line):
            found[canonicalize_name(pinned[1].partition("[")[0])] = pinned[2]
    return found


@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked_for_is_pinned_as_asked(name: str) -> None:
    pinned = pins(name)
    asked = [Requirement(each) for each in ASKED[name]]
    assert asked
    for each in asked:
        assert pinned[canonicalize_name(each.name)] in each.specifier, f"{name}: {each}"


def test_the_site_is_built_by_the_ruff_of_the_checks_and_its_packages_are_nowhere_else() -> None:
    docs, dev = pins("requirements-docs.txt"), pins("requirements-dev.txt")
    ruff = canonicalize_name("ruff")
    assert docs[ruff] == dev[ruff]
    assert {"zensical", "mkdocs", "mkdocstrings-python"} & set(dev) == set()
