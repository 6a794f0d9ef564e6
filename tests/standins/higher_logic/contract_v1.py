"""What the contract suite cannot know of this stand-in where it is connected by version 1 of the Push API."""

from __future__ import annotations

import json
from typing import Any

from standins.higher_logic.contract import (
    KEY,
    LOGIN,
    RECORDS_ARE_WHOLE,
    REFUSED_ADDRESS,
    WRONG_KEY,
    addresses,
    addresses_at,
    crowd,
    further,
    lists,
    names,
    organizations,
    past,
    people,
    prepare,
    stranger,
)

__all__ = [
    "API_PATH",
    "A_DAY",
    "CHANGE_MEMBERSHIP",
    "ENROLL",
    "EXTRAS",
    "FURTHER",
    "KEY",
    "LOGIN",
    "RECORDS_ARE_WHOLE",
    "REFUSED_ADDRESS",
    "UNKNOWN_AUDIENCE",
    "WRONG_KEY",
    "addresses",
    "addresses_at",
    "batch_sizes",
    "crowd",
    "further",
    "keys_sent",
    "lists",
    "names",
    "organizations",
    "past",
    "people",
    "people_sent",
    "prepare",
    "stranger",
]

# Fields that further columns fill: name → type, and how a day is sent.
FURTHER = {"InformalName": "text", "Birthday": "date"}
A_DAY = "2020-02-07"

EXTRAS = {"tenant_code": "standin-tenant"}
API_PATH = "/push/v1"
# Extras that name no tenant.
UNKNOWN_AUDIENCE = {"tenant_code": "no-such-tenant"}

# The call that does everything.
ENROLL = {"method": "POST", "path_regex": r"/push/v1/members$"}
CHANGE_MEMBERSHIP = ENROLL


def batch_sizes(request: dict[str, Any]) -> list[tuple[str, int]]:
    """How many operations of which phase one logged request held; none where it was not a push."""
    return [("enroll", len(keys_sent(request)))] if _is_push(request) else []


def people_sent(request: dict[str, Any]) -> set[str]:
    """Whom one logged request was to enroll, by key."""
    return set(keys_sent(request))


def keys_sent(request: dict[str, Any]) -> list[str]:
    """The same, as often as they stand there, and in that order."""
    pushed = json.loads(request["body"])["Items"] if _is_push(request) else []
    return [each["MemberDetails"]["LegacyContactKey"] for each in pushed]


def _is_push(request: dict[str, Any]) -> bool:
    return request["route"] == "/push/v1/members" and bool(request.get("body"))
