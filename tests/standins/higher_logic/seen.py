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
    """Everybody by key: is_held, is_organization, names, company, email, lists, groups (and what they are called),
    parent (and whether it is there)."""
    return {
        member["key"]: {
            "is_held": member["is_active"],
            "is_organization": member["is_organization"],
            "names": (member["first_name"], member["last_name"]),
            "company": member["company"],
            "email": member["email"],
            "lists": {community["key"] for community in member["communities"]},
            "groups": {group["key"] for group in member["security_groups"]},
            "group_names": {group["name"] for group in member["security_groups"]},
            "parent": member["parent_key"],
            "parent_resolves": member["parent_resolves"],
        }
        for member in state["members"]
    }


def wanted(person: Person, everybody: Mapping[int, Person], way: str) -> dict[str, Any] | None:
    """Active members in a synchronized list, with their communities and groups, and the organizations they belong to,
    which are in none."""
    held: dict[str, Any] = {"names": person.names, "email": person.email, **_belongs(person, everybody, way)}
    if person.kind == "organization":
        members = (each for each in everybody.values() if _is_pushed(each))
        is_needed = any(person.contact_id in each.organizations for each in members)
        return held | {"lists": set()} if is_needed else None
    if not _is_pushed(person):
        return None
    return held | {
        "is_held": True,
        "lists": {f"list-{each}" for each in person.lists},
        "groups": {f"membership-type-{each}" for each in person.types},
    }


def _belongs(person: Person, everybody: Mapping[int, Person], way: str) -> dict[str, Any]:
    """Version 1 names the key of the main organization, version 2 its name; and version 1 alone says of an organization
    that it is active."""
    main = person.organizations[0] if person.organizations else None
    if not way.endswith(":v1"):
        return {"company": everybody[main].company if main else person.company}
    return {"is_held": True} if person.kind == "organization" else {"parent": str(main or "")}


def _is_pushed(person: Person) -> bool:
    return person.kind == "individual" and "active" in person.statuses and bool(person.lists)
