"""Finds statements by name: ``record/fold_subscribers`` is the statement fold_subscribers of sql/ledger/record.sql,
``crm/extract/members`` is members of the CRM's extract.sql, adapted by a data team or ours.

A file contains statements in the order they run. Each begins with a header: its name, its parameters, and what it
returns (columns, "rows touched", or "nothing"). A long header continues in lines that begin with ``--`` and five
spaces.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from crm_sync.errors import ConfigError
from crm_sync.ledger import sources
from crm_sync.ledger.sources import SQL as SQL  # read here by others, and replaced by tests

SETTING = "CRM_SYNC_SQL_FOLDER"
CRM = "crm/"
# What a statement without columns returns, by its header.
ROWS_TOUCHED, NOTHING = "rows touched", "nothing"

_BEGINNING = "-- name: "
_GOES_ON = "--     "
_HEADER = re.compile(r"(\w+) \(([\w, ]*)\) -> ([\w, ]+)")
_REMEDY = 'see "The SQL you adapt" in docs/operating.md'
# Statements that were merged or renamed since the time when each had a file of its own.
_RENAMED = {
    "members_all": "members",
    "members_some": "members",
    "subscribers_all": "subscribers",
    "subscribers_some": "subscribers",
    "crm_behind": "behind",
    "crm_find_people": "find_people",
    "crm_lists_of": "lists_of",
}


@dataclass(frozen=True)
class Statement:
    """``place``: its file, for messages. ``text``: without the header and the last semicolon."""

    name: str
    parameters: tuple[str, ...]
    returns: str
    text: str
    place: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its rows; empty for a statement that returns none."""
        return () if self.returns in {ROWS_TOUCHED, NOTHING} else tuple(self.returns.split(", "))


@cache
def named(name: str) -> Statement:
    """The statement of that name; one that runs in the CRM may be the data team's. A ConfigError if there is none."""
    ours = _ours(name)
    return _adapted().get(name, ours) if name.startswith(CRM) else ours


@cache
def statement(name: str) -> str:
    """Its text."""
    return named(name).text


def where(name: str) -> str:
    """A statement and its file, for messages."""
    found = named(name)
    return f"{found.name} of {found.place}"


def is_adapted(name: str) -> bool:
    """Whether a data team has adapted the statement."""
    return name.startswith(CRM) and name in _adapted()


def contract(name: str) -> Statement:
    """The statement of this release. An adapted one gets the same parameters and must return the same columns."""
    return _ours(name)


def forget() -> None:
    """Read all files again; for tests, which change them."""
    for each in (named, statement, _adapted, _file, sources.chosen):
        each.cache_clear()


def migrations() -> list[Path]:
    """The migrations of the ledger, in the order they run."""
    return sorted((SQL / "ledger/migrations").glob("*.sql"))


def statements_in(path: Path, place: str) -> dict[str, Statement]:
    """The statements of a file by name, in their order. A ConfigError if the file has another form."""
    before, *blocks = re.split(rf"^{_BEGINNING}", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found: dict[str, Statement] = {}
    if not blocks or re.sub(r"--[^\n]*", "", before).strip():
        raise ConfigError(
            f"{place}: each statement must begin with a line such as -- name: lists () -> list_id, name, kind"
        )
    for block in blocks:
        each = _parsed(block, place)
        if each.name in found or not each.text:
            raise ConfigError(f"{place}: the statement {each.name} appears twice or has no text")
        found[each.name] = each
    return found


def _parsed(block: str, place: str) -> Statement:
    lines = block.splitlines()
    end = next((number for number, line in enumerate(lines[1:], 1) if not line.startswith(_GOES_ON)), len(lines))
    header = " ".join(line.removeprefix(_GOES_ON).strip() for line in lines[:end])
    written = _HEADER.fullmatch(header)
    if written is None:
        raise ConfigError(f"{place}: cannot read {_BEGINNING}{header}; the form is: name (parameters) -> columns")
    text = "\n".join(lines[end:]).strip().rstrip(";")
    return Statement(written[1], tuple(filter(None, written[2].split(", "))), written[3], text, place)


@cache
def _file(folder: str, file: str) -> dict[str, Statement]:
    path = SQL / folder / f"{file}.sql"
    return statements_in(path, f"sql/{folder}/{file}.sql") if path.is_file() else {}


def _ours(name: str) -> Statement:
    file, _, own = name.removeprefix(CRM).partition("/")
    of_crm = name.startswith(CRM)
    found = (_file_of_crm(file) if of_crm else _file("ledger", file)).get(own)
    if found is None:
        folder = f"crm/{sources.REFERENCE}" if of_crm else "ledger"
        raise ConfigError(f"no statement {own} in sql/{folder}/{file}.sql; reinstall this release with its sql/ folder")
    return found


def _file_of_crm(file: str) -> dict[str, Statement]:
    """The statements of a file: those of the source, and the reference CRM's for the rest."""
    own = _file(f"crm/{sources.chosen().name}", file)
    return {**_file(f"crm/{sources.REFERENCE}", file), **own}


# -- what a data team adapts


@cache
def _adapted() -> dict[str, Statement]:
    """The statements in CRM_SYNC_SQL_FOLDER by name. A ConfigError names every file that would have no effect and every
    statement that lacks something: an adaptation that is silently ignored sends wrong data."""
    folder = os.environ.get(SETTING)
    if not folder:
        return {}
    if not Path(folder).is_dir():
        raise ConfigError(f"{SETTING} is not a readable folder; {_REMEDY}")
    paths = [path for path in sorted(Path(folder).rglob("*")) if path.suffix.lower() == ".sql"]
    places = {path.relative_to(folder).as_posix(): path for path in paths}
    # People run the scripts under install/ in the CRM.
    read = [place for place in places if not place.startswith("install/")]
    files = _files_of_crm()
    found = {
        f"{CRM}{places[place].stem}/{each.name}": each
        for place in read
        if place in files
        for each in statements_in(places[place], f"{place} of {SETTING}").values()
    }
    faults = _misplaced([place for place in read if place not in files])
    faults += [fault for name, each in found.items() for fault in _lacks(name, each)]
    if not read:
        faults.append("the folder contains no statements")
    if faults:
        raise ConfigError(f"{SETTING}: {'; '.join(faults)}; {_REMEDY}")
    return found


def _misplaced(places: list[str]) -> list[str]:
    goes = {place: _goes_to(place) for place in places}
    useless = [place for place in places if not goes[place]]
    faults = [f"{place} {there}" for place, there in goes.items() if there]
    return [*faults, *([f"not adapted, remove {', '.join(useless)}"] if useless else [])]


def _files_of_crm() -> dict[str, dict[str, Statement]]:
    files = sorted((SQL / "crm/reference").glob("*.sql"))
    return {path.name: _file_of_crm(path.stem) for path in files}


def _goes_to(place: str) -> str:
    """Where the contents of a misplaced file belong now; "" for nowhere. Once, each statement had a file of its own."""
    old = Path(place)
    folder, own = old.parent.name, _RENAMED.get(old.stem, old.stem)
    if folder in {"crm", "install"} and (SQL / "crm/reference/install" / old.name).is_file():
        return f"goes to install/{old.name}"
    if folder in {"", "reference"} and old.name.lower() in _files_of_crm():
        return f"goes to {old.name.lower()}"
    for file, statements in _files_of_crm().items():
        if own in statements and (folder in {"crm", "extract"} or own != old.stem):
            return f"is the statement {own} of {file} now"
    return ""


def _lacks(name: str, adapted: Statement) -> list[str]:
    file = _file_of_crm(name.split("/")[1])
    ours = file.get(adapted.name)
    where = f"{adapted.name} of {adapted.place}"
    if ours is None:
        return [f"{where} is no statement of this release, which has {', '.join(file)}"]
    faults = []
    if set(adapted.parameters) != set(ours.parameters):
        faults.append(f"{where} gets the parameters ({', '.join(ours.parameters)})")
    missing = [column for column in ours.columns if column not in adapted.columns]
    if missing:
        faults.append(f"{where} lacks the column {', '.join(missing)}")
    return faults
