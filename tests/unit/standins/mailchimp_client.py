"""A plain client of the Mailchimp stand-in for the tests of this folder."""

from __future__ import annotations

import hashlib
from typing import Any

import requests

KEY = "standin-us1"
LIST = "/lists/a1b2c3d4e5"


class Client:
    """`requests` with the key and the base path; `text` holds nothing back."""

    def __init__(self, url: str) -> None:
        self.base = f"{url}/3.0"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = ("any", KEY)

    def __call__(self, method: str, path: str, body: object = None, **query: Any) -> requests.Response:
        return self.session.request(method, self.base + path, json=body, params=query, timeout=30)

    def batch(self, *members: dict[str, Any], query: dict[str, object] | None = None, **options: object) -> Any:
        response = self("POST", LIST, {"members": list(members)} | options, **(query or {}))
        assert response.status_code == 200, response.text
        return response.json()

    def put(self, address: str, **fields: object) -> requests.Response:
        body = {"email_address": address, "status_if_new": "subscribed"} | fields
        return self("PUT", member_path(address), body)

    def member(self, address: str) -> Any:
        response = self("GET", member_path(address))
        assert response.status_code == 200, response.text
        return response.json()

    def segment(self, name: str, *addresses: str) -> int:
        response = self("POST", LIST + "/segments", {"name": name, "static_segment": list(addresses)})
        assert response.status_code == 200, response.text
        return int(response.json()["id"])


def hash_of(address: str) -> str:
    return hashlib.md5(address.lower().encode(), usedforsecurity=False).hexdigest()


def member_path(address: str) -> str:
    return f"{LIST}/members/{hash_of(address)}"
