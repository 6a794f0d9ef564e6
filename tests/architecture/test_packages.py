"""Every folder of the product is a package that says what it is for: what documents and packs it passes over others."""

from __future__ import annotations

import ast
from pathlib import Path

PRODUCT = Path(__file__).resolve().parents[2] / "plugins" / "crm_sync"


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
