"""VoterVoice: every different postal address is checked, then every person is a call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

import msgspec

from benchmarks.association import Counts, Moves
from benchmarks.poster import Poster
from crm_sync.providers.votervoice.mapping import HOME, TEXTS
from standins.process import Controls
from standins.votervoice import contract

# What comes with a checksum, and goes into the record.
CHECKED = ("checksum", "city", "country", "county", "state", "streetAddress", "zipCode", "zipCodeExtension")
SINK_ANSWER = {"addresses": [dict.fromkeys(CHECKED, "Springfield")]}
AT_ONCE: dict[str, Any] = {}
ASSOCIATION = urlencode({"association": contract.EXTRAS["association"]})


def headers(_: Controls) -> dict[str, str]:
    """The key."""
    return {"Authorization": contract.KEY}


def post_all(rows: Iterable[Any], poster: Poster) -> None:
    """The members among them, in the default list."""
    members = [row for row in rows if "active" in row.statuses]
    queries = [_home(row) for row in members]
    different = list(dict.fromkeys(queries))
    answers = poster.ask(f"/addresses?{query}" for query in different)
    homes = {query: _checked(answer) for query, answer in zip(different, answers, strict=True)}
    for row, query in zip(members, queries, strict=True):
        poster.later("POST", f"/contacts?{ASSOCIATION}", _contact(row, homes[query]))


def _home(row: Any) -> str:
    return urlencode({name: value for name, column in HOME.items() if (value := getattr(row, column))})


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    address = answer["addresses"][0]
    return {name: address[name] for name in CHECKED}


def _contact(row: Any, home: dict[str, Any]) -> dict[str, Any]:
    texts = {name: getattr(row, column) or None for name, column in TEXTS.items()}
    employer = next(iter(msgspec.json.decode(row.organizations)), None)
    if employer:
        texts["businessCompanyName"] = employer["name"]
    membership = {"contactId": row.contact_id, "groupList": None}
    return {"membership": membership, **texts, "homeAddress": home}


def writes_for_all(held: Counts) -> dict[str, int]:
    """Organizations have no membership of their own here."""
    return {"add people": held.people}


def reads_for_all(held: Counts) -> dict[str, int]:
    """An address is taken with its checksum only."""
    return {"check addresses": held.homes}


def writes_for_renamed(renamed: Counts) -> int:
    """A call for each."""
    return renamed.people


def writes_for_moves(_: Moves) -> int:
    """None: everybody is in one list, whatever theirs are."""
    return 0
