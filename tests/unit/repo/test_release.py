"""The version is said in three files, and they agree."""

from __future__ import annotations

import re
import tomllib

from architecture.source import REPOSITORY


def test_the_version_is_that_of_the_changelog_and_of_the_images() -> None:
    version = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    changelog = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(.+?)\](?: - (\d{4}-\d\d-\d\d))?$", changelog, re.MULTILINE)
    assert headings[0] == ("Unreleased", "")
    assert headings[1][0] == version
    assert all(day for _, day in headings[1:])
    images = re.findall(r"CRM_SYNC_VERSION:-([^}]+)", (REPOSITORY / "docker-compose.yml").read_text(encoding="utf-8"))
    assert images
    assert set(images) == {version}
