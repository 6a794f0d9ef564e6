"""The wheel holds every package of the project, and every statement."""

from __future__ import annotations

import tomllib

from architecture.source import PLUGINS, REPOSITORY, modules

SETUPTOOLS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]


def test_every_package_is_named() -> None:
    folders = {module.path.parent for module in modules(PLUGINS, "crm_sync")}
    packages = {".".join(folder.relative_to(PLUGINS).parts) for folder in folders}
    assert len(packages) > 10
    assert set(SETUPTOOLS["packages"]) == packages | {"crm_sync.sql"}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []
