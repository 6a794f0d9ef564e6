"""What the convergence suite must know of this stand-in: nobody opts out here, nor is anything read back."""

from __future__ import annotations

from typing import Any

# Switches that a history begins with, and what people do there by hand that the pipeline would have to find out.
TUNED: dict[str, Any] = {}
BY_HAND: dict[str, str] = {}
LONGEST_NAME = 100


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
