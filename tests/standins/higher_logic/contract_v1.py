"""What the contract suite cannot know of this stand-in where it is connected by version 1 of the Push API."""

from __future__ import annotations

import json
from typing import Any

from standins.higher_logic.contract import (
    KEY,
    LOGIN,
    REFUSED_ADDRESS,
    WRONG_KEY,
    addresses,
    addresses_at,
    crowd,
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
    "CHANGE_MEMBERSHIP",
    "ENROLL",
    "EXTRAS",
    "KEY",
    "LOGIN",
    "REFUSED_ADDRESS",
    "UNKNOWN_AUDIENCE",
    "WRONG_KEY",
    "addresses",
    "addresses_at",
    "batch_sizes",
    "crowd",
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
