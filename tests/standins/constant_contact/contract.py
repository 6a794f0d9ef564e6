"""What the contract suite cannot know of this stand-in: how to connect, what is refused, how to read its state."""

from __future__ import annotations

import json
from typing import Any

# The id and the secret of the application; ``prepare`` connects it.
LOGIN = "standin-client"
KEY = "standin-secret"
WRONG_KEY = "stranger-secret"
EXTRAS: dict[str, str] = {}
API_PATH = "/v3"
AUTHORIZATION_PATH = "/oauth2/default/v1"

# Tests are not to wait for the limit of four calls in a second; to be switched after every reset.
UNHURRIED = {"calls_per_second": 1_000_000, "calls_per_day": 1_000_000}

# An address that passes the pipeline's own rules, and that the stand-in sets aside.
REFUSED_ADDRESS = "refused{n}@fake.example.org"

# The calls that enroll people in bulk, and those that change who is in a list.
ENROLL = {"method": "POST", "path_regex": r"/activities/contacts_json_import$"}
CHANGE_MEMBERSHIP = {"method": "POST", "path_regex": r"/activities/(add|remove)_list_memberships$"}

# Bulk calls answer with work that goes on, and is asked about later.
ANSWERS_LATER = True
FINISHES_WORK = {"action": "finish_activities"}
# Somebody else's program makes all calls of the day with the same key.
USES_UP_CALLS: dict[str, Any] = {"action": "use_quota", "calls": UNHURRIED["calls_per_day"]}

# Things done by hand there.
LEAVES = "unsubscribe"
IS_UNSUBSCRIBED_BY_STAFF = "admin_unsubscribe"
LOSES_EVERYBODY = "empty_account"

PHASES = {
    "/activities/contacts_json_import": "enroll",
    "/activities/add_list_memberships": "change_membership",
    "/activities/remove_list_memberships": "change_membership",
}


def _known(state: dict[str, Any]) -> list[dict[str, Any]]:
    """Everyone with an address, deleted ones left out."""
    return [each for each in state["contacts"] if each["address"] and each["status"] != "deleted"]


def people(state: dict[str, Any]) -> dict[str, tuple[bool, frozenset[str]]]:
    """Everyone there, by address in lower case: whether mail goes to them, and the names of their lists."""
    return {each["address"].lower(): (each["status"] == "active", frozenset(each["lists"])) for each in _known(state)}


def names(state: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """First and last name of everyone there."""
    return {each["address"].lower(): (each["first_name"], each["last_name"]) for each in _known(state)}


# Fields that further columns fill: name → type, and how a day is sent.
FURTHER = {"Town": "string", "Since": "date"}
A_DAY = "2020-02-07"
# Whether a record that leaves one out empties it.
RECORDS_ARE_WHOLE = False


def further(state: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What everyone there has of those fields, without empty ones."""
    return {
        each["address"].lower(): {
            name: each["custom_fields"][name] for name in FURTHER if each["custom_fields"].get(name)
        }
        for each in _known(state)
    }


def lists(state: dict[str, Any]) -> dict[str, int]:
    """The lists there, and how many people each has."""
    return {held["name"]: held["members"] for held in state["lists"] if "deleted" not in held}


def stranger(address: str, list_name: str) -> dict[str, Any]:
    """The action that makes somebody whom the pipeline does not know, in a list it did not make."""
    return {"action": "create_contact", "address": address, "lists": [list_name]}


def crowd(count: int) -> dict[str, Any]:
    """The action that makes ``count`` people at once, crowd1@example.org onwards."""
    return {"action": "create_contacts", "count": count, "address": "crowd{n}@example.org"}


def addresses_at(url: str) -> dict[str, str]:
    """Further extras of a connection that hold an address of the stand-in."""
    return {"oauth_url": url + AUTHORIZATION_PATH}


def prepare(standin: Any, memory: Any) -> None:
    """Somebody allows the application, once for each memory; nobody is to wait for the limit of a second."""
    standin.switch(**UNHURRIED)
    granted = standin.act("grant")
    with memory.token() as slot:
        slot.store({"refresh_token": granted["refresh_token"]})


def past(addresses: list[str]) -> list[dict[str, Any]]:
    """What the demo's account remembers of some people: two opted out, one was unsubscribed by staff, the others were
    deleted."""
    met = [{"action": "create_contact", "address": address} for address in addresses]
    pasts = ["unsubscribe", "unsubscribe", "admin_unsubscribe", *["delete_contact"] * (len(addresses) - 3)]
    return met + [{"action": past, "address": address} for past, address in zip(pasts, addresses, strict=True)]


def people_sent(request: dict[str, Any]) -> set[str]:
    """Whom one logged request was to enroll, by address."""
    if request["route"] != "/activities/contacts_json_import" or not request.get("body"):
        return set()
    return {row["email"] for row in json.loads(request["body"])["import_data"]}


def batch_sizes(request: dict[str, Any]) -> list[tuple[str, int]]:
    """How many operations of which phase one logged request held; none where it was not a bulk call."""
    phase = PHASES.get(request["route"])
    if phase is None or request["method"] != "POST" or not request.get("body"):
        return []
    body = json.loads(request["body"])
    return [(phase, len(body["import_data"] if phase == "enroll" else body["source"].get("contact_ids", [])))]
