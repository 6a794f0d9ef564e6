"""The whole state as one JSON document, for tests that prove something about everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from scaffold.standin.state import Account, Change, Person
from standins.clock import iso
from standins.document import document


def pieces(account: Account, wanted: frozenset[str]) -> Iterator[bytes]:
    """`{counts, lists[, people][, history]}`."""
    return document(
        wanted,
        _head(account),
        people=lambda: (_person(each) for each in list(account.people.values())),
        history=lambda: (_change(each) for each in list(account.history)),
    )


def _head(account: Account) -> dict[str, Any]:
    members = Counter(list_id for person in account.people.values() for list_id in person.lists)
    return {
        "counts": {"people": len(account.people), "lists": len(account.list_names)},
        "lists": [
            {"id": list_id, "name": name, "members": members[list_id]} for list_id, name in account.list_names.items()
        ],
    }


def _person(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "email": person.email,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "lists": list(person.lists),
    }


def _change(change: Change) -> dict[str, Any]:
    moment, person_id, before, after, by = change
    return {"time": iso(moment), "id": person_id, "from": before, "to": after, "by": by}
