"""A CRM with columns of its own, and an extract that returns them, for tests of fields that the settings fill."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from crm_sync.ledger import statements
from local.world import World

_LAST_COLUMN_OF_OURS = "contact.do_not_contact,"


@contextmanager
def adapted(world: World, audience: str, columns: Mapping[str, str], folder: Path) -> Iterator[None]:
    """``columns``: name → type in PostgreSQL, added to the contacts. ``folder``: for the adapted statements."""
    for name, kind in columns.items():
        world.crm_do(f"alter table crm.contact add column if not exists {name} {kind}")
    ours = statements.contract(f"crm/extract/{audience}")
    text = ours.text.replace(_LAST_COLUMN_OF_OURS, f"{_LAST_COLUMN_OF_OURS} {', '.join(columns)},", 1)
    assert text != ours.text
    header = f"-- name: {audience} ({', '.join(ours.parameters)}) -> {', '.join([*ours.columns, *columns])}"
    (folder / "extract.sql").write_text(f"{header}\n{text};\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(statements.SETTING, str(folder))
        statements.forget()
        yield
    statements.forget()
