"""Which CRM is read. A source is a folder of sql/crm: its data sheet, ``source.toml``, and the statements in which it
differs from the reference CRM."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from crm_sync.errors import ConfigError

_PACKAGE = Path(__file__).resolve().parents[1]
# In an installed package the statements are inside it; in a checkout, beside plugins/.
SQL = next((each for each in (_PACKAGE / "sql", _PACKAGE.parents[1] / "sql") if each.is_dir()), _PACKAGE / "sql")
REFERENCE = "reference"
SETTING, CHANGES_SETTING = "CRM_SYNC_CRM", "CRM_SYNC_CRM_CHANGES"
LOG, COMPARISON = "log", "comparison"
POSTGRESQL, MARIADB = "postgresql", "mariadb"


@dataclass(frozen=True)
class Source:
    """Facts about a CRM.

    ``name``: its folder; ``title``: what people call it; ``database``: in which kind of database it is.
    ``changes``: how a run learns what changed. ``log``: from a change log that triggers write. ``comparison``: it reads
    a hash of everyone and compares it with the last read; this needs no right to write, and works on a replica.
    ``api``: the module of ``crm_sync.crms`` that writes opt-outs to it; "" where SQL does.
    ``forgets_opt_outs``: whether an opt-out that was written to it may vanish with its row and the row come back
    without it, as at a renewal. The ledger then keeps it in force and writes it again.
    ``depends_on_date``: whether what it says of people changes at a date without any row being written, so that
    everyone must be compared once a day whatever the settings say.
    """

    name: str
    title: str
    database: str = POSTGRESQL
    api: str = ""
    changes: str = LOG
    depends_on_date: bool = False
    forgets_opt_outs: bool = False

    @property
    def compares(self) -> bool:
        """Whether each run compares everyone with the last read."""
        return self.changes == COMPARISON


def names() -> list[str]:
    """All sources of this release."""
    return sorted(path.parent.name for path in (SQL / "crm").glob("*/source.toml"))


@cache
def chosen() -> Source:
    """The source that CRM_SYNC_CRM names, with CRM_SYNC_CRM_CHANGES in place of its own way to learn of changes. A
    ConfigError if there is no such source or way."""
    source = named(os.environ.get(SETTING) or REFERENCE)
    changes = os.environ.get(CHANGES_SETTING) or source.changes
    if changes not in {LOG, COMPARISON}:
        raise ConfigError(f"{CHANGES_SETTING} must be {LOG} or {COMPARISON}")
    if changes == LOG and not (SQL / "crm" / source.name / "install/change_log.sql").is_file():
        raise ConfigError(f"{source.title} has no change log to install; remove {CHANGES_SETTING}")
    return replace(source, changes=changes)


@cache
def named(name: str) -> Source:
    """The source in the folder of that name."""
    if name not in names():
        raise ConfigError(f"{SETTING} must be one of {', '.join(names())}")
    sheet = SQL / "crm" / name / "source.toml"
    return Source(name, **tomllib.loads(sheet.read_text(encoding="utf-8")))
