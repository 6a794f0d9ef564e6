"""What the convergence suite must know of this stand-in: nobody opts out here, nor is anything read back."""

from __future__ import annotations

from typing import Any

# Switches that a history begins with, and what people do there by hand that the pipeline would have to find out.
TUNED: dict[str, Any] = {}
BY_HAND: dict[str, str] = {}
LONGEST_NAME = None  # none is known


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
