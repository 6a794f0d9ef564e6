"""What the convergence suite must know of this stand-in: nobody opts out here, nor is anything read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standins.modules import Person

# Switches that a history begins with, and what people do there by hand that the pipeline would have to find out.
TUNED: dict[str, Any] = {}
# The switch that says whose account it is, and the extra of the connection that does, or "".
ACCOUNT = ("association", "association")
KEY_IS_THE_ACCOUNTS = True
BY_HAND: dict[str, str] = {}
LONGEST_NAME: int | None = None  # none is known
ADDRESS_IS_ONE_PERSONS = True  # of who is refused for it, the other one has the address


def members(state: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Everybody with an id of the association's, by it: is_held, names, email."""
    return {
        contact["contact_id"]: {
            "is_held": contact["list"] is not None,
            "names": (contact["given_names"], contact["surname"]),
            "email": contact["email"],
        }
        for contact in state["contacts"]
        if contact["contact_id"] is not None
    }


def wanted(person: Person, _: Mapping[int, Person], __: str) -> dict[str, Any] | None:
    """Whoever has an Active or a Courtesy membership, in lists or not."""
    if not {"active", "courtesy"}.intersection(person.statuses):
        return None
    return {"is_held": True, "names": person.names, "email": person.email}
