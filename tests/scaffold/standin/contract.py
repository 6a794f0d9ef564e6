"""What the contract suite cannot know of this stand-in: where to connect, what is refused, how to read its state."""

from __future__ import annotations

from typing import Any

LOGIN = ""
KEY = "standin-acme-mail-key"
WRONG_KEY = "stranger-acme-mail-key"
EXTRAS = {"account_id": "standin"}
API_PATH = "/v1"
# Extras that name nothing of this account.
UNKNOWN_AUDIENCE = {"account_id": "no-such-account"}
PEOPLE_IN_ONE_CALL = 1

# An address that passes the pipeline's own rules, and that the stand-in refuses.
REFUSED_ADDRESS = "refused{n}@fake.example.org"

# The calls that enroll people.
ENROLL = {"method": "PUT", "path_regex": r"/people/[^/]+$"}
PHASES = {"PUT": "enroll", "DELETE": "archive"}


def people(state: dict[str, Any]) -> dict[str, tuple[bool, frozenset[str]]]:
    """Everybody there by id: held, and the names of their lists."""
    list_names = {each["id"]: each["name"] for each in state["lists"]}
    return {each["id"]: (True, frozenset(list_names[one] for one in each["lists"])) for each in state["people"]}


def names(state: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """First and last name of everybody there."""
    return {each["id"]: (each["first_name"], each["last_name"]) for each in state["people"]}


def lists(state: dict[str, Any]) -> dict[str, int]:
    """The lists there, and how many people each has."""
    return {each["name"]: each["members"] for each in state["lists"]}


def stranger(address: str, list_name: str) -> dict[str, Any]:
    """The action that makes somebody whom the pipeline does not know, in a list it did not make."""
    return {"action": "create_person", "id": "stranger", "address": address, "lists": [list_name]}


def crowd(count: int) -> dict[str, Any]:
    """The action that makes ``count`` people at once, crowd1@example.org onwards."""
    return {"action": "create_people", "count": count}


def batch_sizes(request: dict[str, Any]) -> list[tuple[str, int]]:
    """How many operations of which phase one logged request held: one, where it changed a person."""
    if request["route"] != "/people/{id}" or request["method"] not in PHASES:
        return []
    return [(PHASES[request["method"]], 1)]


def people_sent(request: dict[str, Any]) -> set[str]:
    """Whom one logged request was to enroll, by id."""
    if request["route"] != "/people/{id}" or request["method"] != "PUT":
        return set()
    return {request["path"].rpartition("/")[2]}


def addresses_at(_: str) -> dict[str, str]:
    """Further extras of a connection that hold an address of the stand-in."""
    return {}


def prepare(_: object, __: object) -> None:
    """A key is all it takes to be connected."""


def past(_: list[str]) -> list[dict[str, Any]]:
    """Nothing: the service has met nobody before the first run."""
    return []
