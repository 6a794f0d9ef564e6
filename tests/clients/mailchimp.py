"""What the cases about Mailchimp share: people and tags, as a client makes them and as the stand-in tells them."""

from __future__ import annotations

import hashlib
from typing import Any

import requests

from clients.cases import Cases
from clients.driven import Driven

AUDIENCE = "a1b2c3d4e5"
# mailchimp3 takes no key of another form.
KEY = "0123456789abcdef0123456789abcdef-us1"
LIST, MEMBER = "/lists/{list_id}", "/lists/{list_id}/members/{subscriber_hash}"
SEGMENTS, SEGMENT = "/lists/{list_id}/segments", "/lists/{list_id}/segments/{segment_id}"
ANN, BOB, EVE, STRANGER = (f"{name}@example.org" for name in ("ann", "bob", "eve", "stranger"))

mailchimp = Cases()
about = mailchimp.about


def key_of(address: str) -> str:
    return hashlib.md5(address.encode(), usedforsecurity=False).hexdigest()


def person(address: str, **fields: Any) -> dict[str, Any]:
    return {"email_address": address, "status": "subscribed", **fields}


def enroll(api: Driven, *addresses: str) -> None:
    api("POST /lists/{list_id}", body={"members": [person(each) for each in addresses], "update_existing": False})


def held(api: Driven) -> dict[str, Any]:
    """Everybody there with an address, as the stand-in tells it, in the words of the answers."""
    return {
        each["address"]: {
            "id": each["hash"],
            "contact_id": each["contact_id"],
            "status": each["status"],
            "merge_fields": each["merge_fields"],
        }
        for each in api.standin.state()["members"]
        if each["address"]
    }


def read(members: list[dict[str, Any]]) -> dict[str, Any]:
    """The same of what a client read."""
    names = ("id", "contact_id", "status", "merge_fields")
    return {each["email_address"]: {name: each[name] for name in names} for each in members if "email_address" in each}


def tag(api: Driven, name: str, *addresses: str) -> int:
    """A tag made by the client; its id."""
    return int(api(f"POST {SEGMENTS}", body={"name": name, "static_segment": list(addresses)})["id"])


def require_field(api: Driven, name: str) -> None:
    """A merge field is made by hand that nobody has filled."""
    field = {"name": name, "tag": name, "type": "text", "required": True}
    address = f"{api.standin.url}/3.0/lists/{AUDIENCE}/merge-fields"
    requests.post(address, json=field, auth=("any", KEY), timeout=30).raise_for_status()


def tags(api: Driven) -> dict[int, tuple[str, int]]:
    return {each["id"]: (each["name"], each["member_count"]) for each in api.standin.state()["segments"]}


def tagged(api: Driven, name: str) -> set[str]:
    return {each["address"] for each in api.standin.state()["members"] if name in each["tags"]}
