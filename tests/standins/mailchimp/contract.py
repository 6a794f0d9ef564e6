"""What the contract suite cannot know of this stand-in: where to connect, what is refused, how to read its state."""

from __future__ import annotations

import json
from typing import Any

LOGIN = ""
KEY = "standin-us1"
WRONG_KEY = "stranger-us1"
EXTRAS = {"audience_id": "a1b2c3d4e5"}
API_PATH = "/3.0"
AUTHORIZATION_PATH = "/oauth2"
# With these instead, somebody must allow the application in a browser.
CLIENT = {"login": "standin-client", "key": "standin-secret"}
# Extras that name nothing of this account.
UNKNOWN_AUDIENCE = {"audience_id": "0000000000"}

# An address that passes the pipeline's own rules, and that the stand-in refuses.
REFUSED_ADDRESS = "refused{n}@fake.example.org"

# The calls that enroll people in bulk, and those that change who is in a list.
ENROLL = {"method": "POST", "path_regex": r"/lists/[^/]+$"}
CHANGE_MEMBERSHIP = {"method": "POST", "path_regex": r"/segments/\d+$"}

# Things done by hand there.
LEAVES = "unsubscribe"
IS_UNSUBSCRIBED_BY_STAFF = "admin_unsubscribe"
LOSES_EVERYBODY = "empty_audience"


def people(state: dict[str, Any]) -> dict[str, tuple[bool, frozenset[str]]]:
    """Everyone there, by address in lower case: whether mail goes to them, and the names of their lists."""
    return {
        member["address"].lower(): (member["status"] == "subscribed", frozenset(member["tags"]))
        for member in state["members"]
        if member["address"]
    }


def names(state: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """First and last name of everyone there."""
    return {
        member["address"].lower(): (member["merge_fields"]["FNAME"], member["merge_fields"]["LNAME"])
        for member in state["members"]
        if member["address"]
    }


# Fields that further columns fill: name → type, and how a day is sent.
FURTHER = {"TOWN": "text", "SINCE": "date"}
A_DAY = "2020-02-07"
# Whether a record that leaves one out empties it.
RECORDS_ARE_WHOLE = False


def further(state: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What everyone there has of those fields, without empty ones."""
    return {
        member["address"].lower(): {
            name: member["merge_fields"][name] for name in FURTHER if member["merge_fields"].get(name)
        }
        for member in state["members"]
        if member["address"]
    }


def lists(state: dict[str, Any]) -> dict[str, int]:
    """The lists there, and how many people each has."""
    return {segment["name"]: segment["members"] for segment in state["segments"]}


def stranger(address: str, list_name: str) -> dict[str, Any]:
    """The action that makes somebody whom the pipeline does not know, in a list it did not make."""
    return {"action": "create_member", "address": address, "tags": [list_name]}


def crowd(count: int) -> dict[str, Any]:
    """The action that makes ``count`` people at once, crowd1@example.org onwards."""
    return {"action": "create_members", "count": count, "address": "crowd{n}@example.org"}


def batch_sizes(request: dict[str, Any]) -> list[tuple[str, int]]:
    """How many operations of which phase one logged request held; none where it was not a bulk call."""
    if request["method"] != "POST" or not request.get("body"):
        return []
    body = json.loads(request["body"])
    if request["route"] == "/lists/{list_id}":
        return [("enroll", len(body["members"]))]
    if request["route"] == "/lists/{list_id}/segments/{segment_id}":
        return [("change_membership", len(body[name])) for name in ("members_to_add", "members_to_remove")]
    return []


def people_sent(request: dict[str, Any]) -> set[str]:
    """Whom one logged request was to enroll, by address."""
    if request["route"] != "/lists/{list_id}" or not request.get("body"):
        return set()
    return {member["email_address"] for member in json.loads(request["body"])["members"]}


def addresses_at(url: str) -> dict[str, str]:
    """Further extras of a connection that hold an address of the stand-in."""
    return {"oauth_url": url + AUTHORIZATION_PATH}


def prepare(_: object, __: object) -> None:
    """A key is all it takes to be connected."""


def past(addresses: list[str]) -> list[dict[str, Any]]:
    """What the demo's audience remembers of some people: two unsubscribed there, one bounces, the others were deleted
    for good."""
    met = [{"action": "create_member", "address": address} for address in addresses]
    pasts = ["unsubscribe", "unsubscribe", "clean", *["forget"] * (len(addresses) - 3)]
    return met + [{"action": past, "address": address} for past, address in zip(pasts, addresses, strict=True)]
