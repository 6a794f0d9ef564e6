"""The settings in force, and where each comes from."""

import json
from dataclasses import asdict, fields, is_dataclass
from typing import Any, NamedTuple

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from crm_sync import providers
from crm_sync.errors import CrmSyncError
from crm_sync.hooks import configuration
from crm_sync.hooks.connections import has_connection
from crm_sync.hooks.crm_api import CONNECTION
from crm_sync.hooks.database import CRM, WRITE_BACK
from crm_sync.ledger import sources
from crm_sync.settings import OfProvider, Settings
from crm_sync.web.rendering import page
from crm_sync.web.rights import Visitor, VisitorDep

router = APIRouter()
_DEFAULT = "default"
_ADDRESSES = "alert_emails"


class Row(NamedTuple):
    """One setting. ``meaning``: what it does; ``origin``: a line of the file, a variable, or default."""

    key: str
    value: str
    origin: str
    meaning: str


@router.get("/settings")
def settings(request: Request, who: VisitorDep) -> HTMLResponse:
    """All of them, and of providers those that the visitor may see."""
    found = configuration.read()
    names = who.readable()
    values: dict[str, Any] = {
        "everywhere": [_row(found, each, "", found.settings, who) for each in _keys(Settings) if each != "providers"],
        "own": {
            providers.get(name).title: [
                _row(found, each, f"providers.{name}.", found.settings.own(name), who) for each in _keys(OfProvider)
            ]
            for name in names
        },
        "faults": found.faults,
        "file": found.file.name if found.file else "",
        "crm": _crm(),
    }
    return page(request, "settings.html", **values, sees_people=who.sees_people)


def _crm() -> str:
    """Which CRM is read, how a run learns what changed, and by which connections."""
    try:
        source = sources.chosen()
    except CrmSyncError as error:
        return str(error)
    how = "each run compares everyone with the last read" if source.compares else "a change log says what changed"
    return f"{source.title}, read by {CRM[0]}; {how}. Opt-outs are written by {_writer(source)}."


def _writer(source: sources.Source) -> str:
    if source.api:
        return CONNECTION
    return f"{WRITE_BACK[0]} where {CRM[0]} only reads" if has_connection(WRITE_BACK[0]) else CRM[0]


def _keys(kind: type) -> list[str]:
    return [each.name for each in fields(kind)]


def _row(found: configuration.Configuration, key: str, above: str, written: Any, who: Visitor) -> Row:
    path = above + key
    origins = [origin for at, origin in found.origins.items() if at == path or at.startswith(f"{path}.")]
    known: Any = type(written)
    value = getattr(written, key)
    shown = f"{len(value)} addresses" if key == _ADDRESSES and value and not who.sees_people else _shown(value)
    return Row(key, shown, ", ".join(dict.fromkeys(origins)) or _DEFAULT, known.__pydantic_fields__[key].description)


def _shown(value: Any) -> str:
    """A value as the file has it; "" for none."""
    if value is None or value in ((), {}, ""):
        return ""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return "; ".join(f"{name} = {_shown(each)}" for name, each in value.items())
    if is_dataclass(value) and not isinstance(value, type):
        kept = {name: each for name, each in asdict(value).items() if each not in (None, (), "", False)}
        return "; ".join(f"{name} = {_shown(each)}" for name, each in kept.items())
    return json.dumps(value) if isinstance(value, bool) else str(value)
