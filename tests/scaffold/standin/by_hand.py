"""What people do at Acme Mail without its API; and bulk seeding."""

from __future__ import annotations

from typing import Any

from scaffold.standin.state import Account, Person
from standins.actions import Action, done
from standins.provider import AdminError


def act(account: Account, wish: dict[str, Any]) -> dict[str, Any]:
    """Do one action; its keys are those of the function of that name. Raises AdminError."""
    return done(ACTIONS, account, wish)


def _create_person(account: Account, id: str, address: str, lists: list[str] | None = None) -> dict[str, Any]:
    """`lists` are names of lists that the pipeline did not make."""
    names = {f"by hand: {name}": name for name in lists or []}
    account.put(Person(id, address, lists=tuple(names)), names, "admin")
    return {"id": id}


def _create_people(account: Account, count: int, start: int = 1) -> dict[str, Any]:
    """Ids and addresses crowd1, crowd1@example.org onwards."""
    for n in range(start, start + count):
        account.put(Person(f"crowd{n}", f"crowd{n}@example.org"), {}, "admin")
    return {"people": len(account.people)}


def _delete_person(account: Account, id: str) -> dict[str, Any]:
    if id not in account.people:
        raise AdminError("nobody of that id")
    account.remove(account.people[id], "admin")
    return {"id": id}


def _empty(account: Account) -> dict[str, Any]:
    gone = len(account.people)
    account.clear()
    return {"removed": gone}


ACTIONS: dict[str, Action] = {
    "create_person": _create_person,
    "create_people": _create_people,
    "delete_person": _delete_person,
    "empty": _empty,
}
