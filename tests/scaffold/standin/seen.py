"""What the convergence suite must know of this stand-in: nobody opts out here, nor is anything read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standins.modules import Person

# Switches that a history begins with, and what people do there by hand that the pipeline would have to find out.
TUNED: dict[str, Any] = {}
BY_HAND: dict[str, str] = {}
# The switch that says whose account it is, and the extra of the connection that does.
ACCOUNT = ("account_id", "account_id")
KEY_IS_THE_ACCOUNTS = True
LONGEST_NAME: int | None = None  # none is known
ADDRESS_IS_ONE_PERSONS = False


def members(state: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Everybody by id: is_held, names, email, lists."""
    return {
        each["id"]: {
            "is_held": True,
            "names": (each["first_name"], each["last_name"]),
            "email": each["email"],
            "lists": set(each["lists"]),
        }
        for each in state["people"]
    }


def wanted(person: Person, _: Mapping[int, Person], __: str) -> dict[str, Any] | None:
    """Active members among the individuals of a synchronized list."""
    if person.kind == "organization" or "active" not in person.statuses or not person.lists:
        return None
    in_lists = {str(each) for each in person.lists}
    return {"is_held": True, "names": person.names, "email": person.email, "lists": in_lists}
