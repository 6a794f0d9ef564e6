"""What the contract suite cannot know of this stand-in: where to connect, what is refused, how to read its state.
Connected by version 2 of the Push API; contract_v1.py has what version 1 has otherwise.

People are known by their key, not by their address; nobody opts out here, and memberships travel in the record itself.
"""

from __future__ import annotations

import json
from typing import Any

LOGIN = ""
KEY = "standin-gateway-key"
WRONG_KEY = "stranger-gateway-key"
EXTRAS = {"push_api": "2", "tenant_code": "standin-tenant"}
API_PATH = "/v2"
# The status of a success, whose body is not relied on.
STATUS_TELLS = 200

# An address that passes the pipeline's own rules, and that the stand-in refuses, with the whole push.
REFUSED_ADDRESS = "refused{n}@fake.example.org"

# The call that does everything.
ENROLL = {"method": "POST", "path_regex": r"/v2/contactinfo$"}
CHANGE_MEMBERSHIP = ENROLL


def people(state: dict[str, Any]) -> dict[str, tuple[bool, frozenset[str]]]:
    """Everyone there, by key: whether the record is active, and the names of its communities."""
    return {
        member["key"]: (member["is_active"], frozenset(community["name"] for community in member["communities"]))
        for member in state["members"]
        if not member["is_organization"]
    }


def organizations(state: dict[str, Any]) -> dict[str, str]:
    """Every organization there, by key: its name."""
    return {member["key"]: member["company"] for member in state["members"] if member["is_organization"]}


def names(state: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """First and last name of everyone there."""
    return {
        member["key"]: (member["first_name"], member["last_name"])
        for member in state["members"]
        if not member["is_organization"]
    }


# Fields that further columns fill: name → type, and how a day is sent.
FURTHER = {"InformalName": "text", "Birthday": "date"}
A_DAY = "2020-02-07T00:00:00.000Z"
# Whether a record that leaves one out empties it.
RECORDS_ARE_WHOLE = True


def further(state: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What everyone there has of those fields, without empty ones."""
    return {
        member["key"]: {name: member["fields"][name] for name in FURTHER if member["fields"].get(name)}
        for member in state["members"]
        if not member["is_organization"]
    }


def addresses(state: dict[str, Any]) -> dict[str, str]:
    """The address of everyone there."""
    return {member["key"]: member["email"] for member in state["members"] if not member["is_organization"]}


def lists(state: dict[str, Any]) -> dict[str, int]:
    """The communities there, and how many members each has."""
    return {community["name"]: community["members"] for community in state["communities"]}


def stranger(address: str, list_name: str) -> dict[str, Any]:
    """The action that makes somebody whom the pipeline does not know, in a community it did not make."""
    fields = {"EmailAddress": address}
    return {"action": "create_member", "key": f"stranger {address}", "fields": fields, "communities": [list_name]}


def crowd(count: int) -> dict[str, Any]:
    """The action that makes ``count`` people at once, crowd1@example.org onwards, with the keys crowd1 onwards."""
    return {"action": "create_members", "count": count, "key": "crowd{n}", "email": "crowd{n}@example.org"}


def batch_sizes(request: dict[str, Any]) -> list[tuple[str, int]]:
    """How many operations of which phase one logged request held; none where it was not a push."""
    return [("enroll", len(keys_sent(request)))] if _is_push(request) else []


def people_sent(request: dict[str, Any]) -> set[str]:
    """Whom one logged request was to enroll, by key."""
    return set(keys_sent(request))


def keys_sent(request: dict[str, Any]) -> list[str]:
    """The same, as often as they stand there, and in that order."""
    pushed = json.loads(request["body"]) if _is_push(request) else []
    return [each["ContactDetails"]["ContactId"] for each in pushed]


def _is_push(request: dict[str, Any]) -> bool:
    return request["route"] == "/v2/contactinfo" and bool(request.get("body"))


def addresses_at(_: str) -> dict[str, str]:
    """Further extras of a connection that hold an address of the stand-in."""
    return {}


def prepare(_: object, __: object) -> None:
    """A key is all it takes to be connected."""


def past(_: list[str]) -> list[dict[str, Any]]:
    """Nothing: the service has met nobody before the first run."""
    return []
