"""What the contract suite cannot know of this stand-in: where to connect, what is refused, how to read its state.

People are known by the association's own id, not by their address; nobody opts out here, and each is in one list.
"""

from __future__ import annotations

import json
from typing import Any

LOGIN = ""
KEY = "standin-votervoice-key"
WRONG_KEY = "stranger-votervoice-key"
EXTRAS = {"association": "standin"}
API_PATH = "/api"
# Extras that name no association.
UNKNOWN_ASSOCIATION = UNKNOWN_AUDIENCE = {"association": "no-such-association"}
# What a call may take, and a list there that the pipeline did not make.
PEOPLE_IN_ONE_CALL = 1
THEIR_LIST = "Advocates"

# An address that passes the pipeline's own rules, and that the stand-in refuses.
REFUSED_ADDRESS = "refused{n}@fake.example.org"

# The calls that enroll people, change them and take them out, one person each; and those that check an address.
ENROLL = {"method": "POST", "path_regex": r"/contacts\?"}
UPDATE = {"method": "PUT", "path_regex": r"/contacts\?"}
REMOVE = {"method": "DELETE", "path_regex": r"/contacts\?"}
CHECK_ADDRESS = {"method": "GET", "path_regex": r"/addresses\?"}
PHASES = {"POST": "enroll", "PUT": "enroll", "PATCH": "enroll", "DELETE": "archive"}


def people(state: dict[str, Any]) -> dict[str, tuple[bool, frozenset[str]]]:
    """Everyone with an id there, by id: whether mail can be delivered, and the name of the list."""
    return {
        contact["contact_id"]: (not contact["is_non_deliverable"], frozenset({contact["list"]}))
        for contact in state["contacts"]
        if contact["contact_id"] is not None
    }


def names(state: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """First and last name of everyone with an id there."""
    return {
        contact["contact_id"]: (contact["given_names"], contact["surname"])
        for contact in state["contacts"]
        if contact["contact_id"] is not None
    }


def addresses(state: dict[str, Any]) -> dict[str, str]:
    """The e-mail address of everyone with an id there."""
    return {
        contact["contact_id"]: contact["email"] for contact in state["contacts"] if contact["contact_id"] is not None
    }


def strangers(state: dict[str, Any]) -> frozenset[str]:
    """The e-mail addresses of those without an id, whom no pipeline made."""
    return frozenset(contact["email"] for contact in state["contacts"] if contact["contact_id"] is None)


# Fields that further columns fill: name → type, and how a day is sent. One is named by its id, one by its name there.
FURTHER = {"1001": "text", "Member Since": "date"}
A_DAY = "02/07/2020"
# Whether a record that leaves one out empties it.
RECORDS_ARE_WHOLE = False
# The reason where a value is not of the field's type; no call tells the type.
OTHER_TYPE = "fields_left_out"
_IDS = {"1001": "1001", "Member Since": "1002"}


def further(state: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What everyone there has of those fields, without empty ones."""
    return {
        contact["contact_id"]: {
            name: contact["custom_fields"][id_] for name, id_ in _IDS.items() if contact["custom_fields"].get(id_)
        }
        for contact in state["contacts"]
        if contact["contact_id"] is not None
    }


def lists(state: dict[str, Any]) -> dict[str, int]:
    """The lists there, and how many people each has."""
    return {each["name"]: each["members"] for each in state["lists"]}


def stranger(address: str, list_name: str) -> dict[str, Any]:
    """The action that makes somebody whom the pipeline does not know; the list must exist."""
    return {"action": "create_contact", "address": address, "list": list_name}


def crowd(count: int) -> dict[str, Any]:
    """The action that makes ``count`` people at once, crowd1@example.org onwards, with the ids crowd1 onwards."""
    return {"action": "create_contacts", "count": count, "address": "crowd{n}@example.org", "contact_id": "crowd{n}"}


def batch_sizes(request: dict[str, Any]) -> list[tuple[str, int]]:
    """How many operations of which phase one logged request held: one, where it changed a contact."""
    if request["route"] != "/contacts" or request["method"] not in PHASES:
        return []
    return [(PHASES[request["method"]], 1)]


def addresses_at(_: str) -> dict[str, str]:
    """Further extras of a connection that hold an address of the stand-in."""
    return {}


def prepare(_: object, __: object) -> None:
    """A key is all it takes to be connected."""


def past(_: list[str]) -> list[dict[str, Any]]:
    """Nothing: the service has met nobody before the first run."""
    return []


def people_sent(request: dict[str, Any]) -> set[str]:
    """Whom one logged request was to enroll, by id."""
    if request["route"] != "/contacts" or not request.get("body"):
        return set()
    return {json.loads(request["body"])["membership"]["contactId"]}
