"""What the convergence suite must know of this stand-in: nobody opts out here, nor is anything read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standins.modules import Person

# Switches that a history begins with, and what people do there by hand that the pipeline would have to find out.
TUNED: dict[str, Any] = {}
# The switch that says whose account it is, and the extra of the connection that does, or "".
ACCOUNT = ("tenant_code", "tenant_code")
KEY_IS_THE_ACCOUNTS = True
BY_HAND: dict[str, str] = {}
LONGEST_NAME: int | None = 100
ADDRESS_IS_ONE_PERSONS = False


def members(state: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Everybody by key: is_held, is_organization, names, email, lists, groups (and what they are called), parent (and
    whether it is there)."""
    return {
        member["key"]: {
            "is_held": member["is_active"],
            "is_organization": member["is_organization"],
            "names": (member["first_name"], member["last_name"]),
            "email": member["email"],
            "lists": {community["key"] for community in member["communities"]},
            "groups": {group["key"] for group in member["security_groups"]},
            "group_names": {group["name"] for group in member["security_groups"]},
            "parent": member["parent_key"],
            "parent_resolves": member["parent_resolves"],
        }
        for member in state["members"]
    }


def wanted(person: Person, everybody: Mapping[int, Person]) -> dict[str, Any] | None:
    """Active members in a synchronized list, with their communities and groups, and the organizations they belong to,
    which are in none."""
    held: dict[str, Any] = {"is_held": True, "names": person.names, "email": person.email}
    if person.kind == "organization":
        members = (each for each in everybody.values() if _is_pushed(each))
        is_needed = any(person.contact_id in each.organizations for each in members)
        return held | {"lists": set()} if is_needed else None
    if not _is_pushed(person):
        return None
    return held | {
        "lists": {f"list-{each}" for each in person.lists},
        "groups": {f"membership-type-{each}" for each in person.types},
        "parent": str(person.organizations[0]) if person.organizations else "",
    }


def _is_pushed(person: Person) -> bool:
    return person.kind == "individual" and "active" in person.statuses and bool(person.lists)
