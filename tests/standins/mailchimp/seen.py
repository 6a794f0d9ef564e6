"""What the convergence suite must know of this stand-in: its people and lists in words that all providers share."""

from __future__ import annotations

from typing import Any

LONGEST_LIST_NAME = 100
LONGEST_NAME_BYTES = 255
REFUSED_ADDRESSES: tuple[str, ...] = ("someone@fake.example.org", "x" * 65 + "@example.org")
# Whether whoever leaves, or is archived, is taken out of all lists, those of the marketers too.
LEAVING_TAKES_ALL_LISTS = False
# Switches that a history begins with.
TUNED: dict[str, Any] = {"sign_up_cap": 0}
# The switch that says whose account it is, and the extra of the connection that does, or "".
ACCOUNT = ("account_id", "")
KEY_IS_THE_ACCOUNTS = True
# What people do there by hand → the action's name; what cannot be done there is left out.
BY_HAND = {
    "leave": "unsubscribe",
    "staff_leave": "admin_unsubscribe",
    "bounce": "clean",
    "return": "resubscribe",
    "readdress": "change_address",
    "appear": "create_member",
    "archive": "archive",
    "forget": "forget",
    "make_list": "create_segment",
    "join": "add_tag",
    "part": "remove_tag",
    "delete_list": "delete_segment",
}
_LEAVERS = {"contact", "admin", "bounce"}


def renaming(address: str, first_name: str) -> dict[str, Any]:
    """The action by which somebody is called otherwise there."""
    return {"action": "set_merge_fields", "address": address, "merge_fields": {"FNAME": first_name}}


def organization_names(name: str) -> tuple[str, str]:
    """First and last name under which an organization is held."""
    return name, ""


def people(state: dict[str, Any]) -> list[dict[str, Any]]:
    """address, is_subscribed, is_unsubscribed, is_archived, has_left, lists, names, identity, key; archived too. Who is
    there with a phone number alone is nobody of ours."""
    return [
        {
            "address": member["address"],
            "is_subscribed": member["status"] == "subscribed",
            "is_unsubscribed": member["status"] == "unsubscribed",
            "is_archived": member["status"] == "archived",
            "has_left": member["unsubscribed_by"] in _LEAVERS,
            "lists": set(member["tags"]),
            "names": (member["merge_fields"]["FNAME"], member["merge_fields"]["LNAME"]),
            "identity": member["contact_id"],
            "key": member["hash"],
        }
        for member in state["members"]
        if member["address"]
    ]


def lists(state: dict[str, Any]) -> list[str]:
    """The names of all lists."""
    return [segment["name"] for segment in state["segments"]]


def history(state: dict[str, Any]) -> list[dict[str, Any]]:
    """keys (of whom), by, leaves, subscribes; oldest first."""
    return [
        {
            "keys": {change["serial"], change["hash"]},
            "key": change["hash"],
            "by": change["by"],
            "leaves": change["by"] in _LEAVERS and change["to"] in {"unsubscribed", "cleaned"},
            "subscribes": change["to"] == "subscribed",
        }
        for change in state["history"]
    ]
