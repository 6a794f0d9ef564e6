"""Contacts as the extract of members has them, for the mappings; what a test does not say is empty."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from crm_sync.operations import Operation
from crm_sync.pipeline.extract import CONTACT_COLUMNS

EMPTY = dict.fromkeys(CONTACT_COLUMNS["members"]) | {"kind": "individual", "is_related": False, "do_not_contact": False}
ARRAYS = ("lists", "flagged_lists", "statuses")
DOCUMENTS = ("memberships", "organizations", "list_memberships")


def contacts(*rows: dict[str, Any]) -> pd.DataFrame:
    """Rows by the names of the columns; arrays and documents as Python lists."""
    return pd.DataFrame([_row(**row) for row in rows])


def _row(**said: Any) -> dict[str, Any]:
    row = EMPTY | said
    arrays = {name: "{" + ",".join(map(str, row[name] or [])) + "}" for name in ARRAYS}
    return row | arrays | {name: json.dumps(row[name] or []) for name in DOCUMENTS}


def membership(
    type_id: int, status: str = "active", since: str | None = None, until: str | None = None
) -> dict[str, Any]:
    """An entry of memberships."""
    return {"type_id": type_id, "type": f"Type {type_id}", "status": status, "since": since, "until": until}


def batch(verb: str, records: Mapping[str, str], remote_id: str = "") -> list[Operation]:
    """Operations of one verb, a person each: subscriber_key → record."""
    return [
        Operation(number, verb, subscriber_key, fields=fields, remote_id=remote_id)
        for number, (subscriber_key, fields) in enumerate(records.items(), start=1)
    ]


@dataclass
class Notebook:
    """A memory without a database."""

    values: dict[tuple[str, str], Any] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    held_as: set[str] = field(default_factory=set)
    sent: set[str] = field(default_factory=set)

    def get(self, kind: str, keys: Iterable[str]) -> dict[str, Any]:
        """What is remembered under ``keys``."""
        return {key: self.values[kind, key] for key in keys if (kind, key) in self.values}

    def archived(self, subscriber_keys: Iterable[str]) -> set[str]:
        """Those of ``subscriber_keys`` who were taken away."""
        return self.gone & set(subscriber_keys)

    def known(self, subscriber_keys: Iterable[str]) -> set[str]:
        """Those of ``subscriber_keys`` who were sent before."""
        return self.sent & set(subscriber_keys)

    def has_held(self, remote_id: str) -> bool:
        """Whether anybody was known there by this id."""
        return remote_id in self.held_as

    def put(self, kind: str, values: Mapping[str, Any]) -> None:
        """Keep answers."""
        self.values |= {(kind, key): json.loads(json.dumps(value)) for key, value in values.items()}

    def pin(self, kind: str, keys: Mapping[str, str]) -> None:
        """Nothing is pruned here."""
