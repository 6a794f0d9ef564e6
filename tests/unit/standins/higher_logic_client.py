"""A plain client of the Higher Logic stand-in for the tests of this folder, with what they send and see."""

from __future__ import annotations

from typing import Any

import requests

from standins import StandIn

KEY, TENANT = "standin-gateway-key", "standin-tenant"
MEMBERS = "/push/v1/members"
CONTACTS, LISTS = "/v2/contactinfo", "/v2/list"


class Client:
    """`requests` with the keys of both versions; `push` and its like speak for a whole batch."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers.update({"x-api-key": KEY, "ApiKey": KEY})

    def __call__(self, path: str, body: object, **options: Any) -> requests.Response:
        return self.session.post(self.url + path, json=body, timeout=30, **options)

    def push(self, *items: object, tenant: str = TENANT) -> requests.Response:
        return self(MEMBERS, {"TenantCode": tenant, "Items": list(items)})


def item(key: str, communities: list[dict[str, str]] | None = None, **details: object) -> dict[str, Any]:
    """One item of version 1; communities are left out where none are given."""
    made: dict[str, Any] = {"MemberDetails": {"LegacyContactKey": key} | details}
    return made if communities is None else made | {"CommunityGroups": communities}


def group(key: str, name: str = "", **fields: str) -> dict[str, str]:
    """A place in a group."""
    return {"GroupKey": key, "GroupName": name} | fields


def taken(count: int) -> dict[str, Any]:
    """The answer of a push that was taken."""
    return {"success": True, "count": count, "errorMessage": ""}


def members(standin: StandIn) -> dict[str, Any]:
    """The members of the state by key."""
    return {member["key"]: member for member in standin.state()["members"]}


def communities(standin: StandIn) -> dict[str, tuple[str, bool, int]]:
    """Name, whether hidden, and number of members of each community."""
    return {each["key"]: (each["name"], each["hidden"], each["members"]) for each in standin.state()["communities"]}
