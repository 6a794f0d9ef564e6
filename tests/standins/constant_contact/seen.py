"""What the convergence suite must know of this stand-in: its people and lists in words that all providers share."""

from __future__ import annotations

from typing import Any

LONGEST_LIST_NAME = 255
LONGEST_NAME_BYTES = 50
REFUSED_ADDRESSES: tuple[str, ...] = ("someone@fake.example.org", "x" * 65 + "@example.org")
# Whether whoever leaves, or is archived, is taken out of all lists, those of the marketers too.
LEAVING_TAKES_ALL_LISTS = True
# Switches that a history begins with: nobody waits for the limit of a second, and a job is done at the first look.
TUNED: dict[str, Any] = {
    "calls_per_second": 1_000_000,
    "calls_per_day": 1_000_000,
    "polls_to_complete": 1,
    "subscribe_attempts": 1_000_000,
    "lists_of_unsubscribed": "removed",
}
# The switch that says whose account it is, and the extra of the connection that does, or "".
ACCOUNT = ("account_id", "")
KEY_IS_THE_ACCOUNTS = False  # it is the application's; tokens rotate by themselves
# What people do there by hand → the action's name; what cannot be done there is left out.
BY_HAND = {
    "leave": "unsubscribe",
    "staff_leave": "admin_unsubscribe",
    "return": "resubscribe",
    "readdress": "change_address",
    "appear": "create_contact",
    "archive": "delete_contact",
    "make_list": "create_list",
    "join": "add_to_list",
    "part": "remove_from_list",
    "delete_list": "delete_list",
}
_LEAVERS = {"contact", "admin"}


def renaming(address: str, first_name: str) -> dict[str, Any]:
    """The action by which somebody is called otherwise there."""
    return {"action": "set_names", "address": address, "first_name": first_name, "last_name": "By hand"}


def organization_names(_: str) -> tuple[str, str]:
    """First and last name under which an organization is held: its name is the company's."""
    return "", ""


def people(state: dict[str, Any]) -> list[dict[str, Any]]:
    """address, is_subscribed, is_unsubscribed, is_archived, has_left, lists, names, identity, key; deleted ones too."""
    return [
        {
            "address": contact["address"],
            "is_subscribed": contact["status"] == "active",
            "is_unsubscribed": contact["status"] == "unsubscribed",
            "is_archived": contact["status"] == "deleted",
            "has_left": contact["unsubscribed_by"] in _LEAVERS,
            "lists": set(contact["lists"]),
            "names": (contact["first_name"], contact["last_name"]),
            "identity": contact["contact_id"],
            "key": contact["contact_id"],
        }
        for contact in state["contacts"]
        if contact["address"]
    ]


def lists(state: dict[str, Any]) -> list[str]:
    """The names of all lists."""
    return [held["name"] for held in state["lists"] if "deleted" not in held]


def history(state: dict[str, Any]) -> list[dict[str, Any]]:
    """keys (of whom), by, leaves, subscribes; oldest first."""
    return [
        {
            "keys": {change["contact_id"]},
            "key": change["contact_id"],
            "by": change["by"],
            "leaves": change["by"] in _LEAVERS and change["to"] == "unsubscribed",
            "subscribes": change["to"] == "active",
        }
        for change in state["history"]
    ]
