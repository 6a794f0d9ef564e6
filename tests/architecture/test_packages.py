"""Every folder of the product is a package that says what it is for, and that the wheel holds."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PRODUCT = REPOSITORY / "plugins" / "crm_sync"


def test_every_folder_is_a_package_with_a_docstring() -> None:
    folders = {path.parent for path in PRODUCT.rglob("*.py")}
    assert len(folders) > 10
    texts = {folder: folder / "__init__.py" for folder in folders}
    silent = [
        str(folder.relative_to(PRODUCT))
        for folder, text in texts.items()
        if not text.exists() or not ast.get_docstring(ast.parse(text.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_the_wheel_holds_every_package() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    folders = {path.parent for path in PRODUCT.rglob("*.py")}
    packages = {".".join(folder.relative_to(PRODUCT.parent).parts) for folder in folders}
    assert set(project["tool"]["setuptools"]["packages"]) == packages | {"crm_sync.sql"}
