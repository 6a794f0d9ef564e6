"""A plain client of the Constant Contact stand-in for the tests of this folder."""

from __future__ import annotations

import builtins
import uuid
from collections.abc import Mapping
from typing import Any

import requests

from standins import StandIn

CLIENT = ("standin-client", "standin-secret")
ADA, BOB, EVE = "ada@example.org", "bob@example.org", "eve@example.org"
NOBODY = str(uuid.UUID(int=7))


class Client:
    """`requests` with a token and the base path; a call keeps the token it was made with."""

    def __init__(self, standin: StandIn, scope: str = "contact_data account_read offline_access") -> None:
        self.standin = standin
        self.base = f"{standin.url}/v3"
        self.session = requests.Session()
        self.session.trust_env = False
        self.tokens = standin.act("grant", scope=scope)
        self.session.headers["Authorization"] = f"Bearer {self.tokens['access_token']}"

    def __call__(self, method: str, path: str, body: object = None, /, **query: Any) -> requests.Response:
        return self.session.request(method, self.base + path, json=body, params=query, timeout=60)

    def done(self, method: str, path: str, body: object = None, /, **query: object) -> Any:
        """The decoded answer of a call that must succeed; None where it has no body."""
        response = self(method, path, body, **query)
        assert response.status_code < 300, response.text
        return response.json() if response.content else None

    def refused(self, status: int, method: str, path: str, body: object = None, /, **query: object) -> str:
        """The message of a call that must be refused with an array of one error."""
        response = self(method, path, body, **query)
        assert response.status_code == status, response.text
        (error,) = response.json()
        return str(error["error_message"])

    def list(self, name: str) -> str:
        """The id of a new list."""
        return str(self.done("POST", "/contact_lists", {"name": name})["list_id"])

    def post(self, address: str, **fields: object) -> requests.Response:
        """A new contact, created by the account."""
        body = {"email_address": {"address": address}, "create_source": "Account"} | fields
        return self("POST", "/contacts", body)

    def contact(self, address: str, **query: object) -> Any:
        """The contact with that address, in whatever state."""
        (found,) = self.done("GET", "/contacts", email=address, status="all", **query)["contacts"]
        return found

    def put(self, address: str, update_source: str = "Account", **fields: object) -> requests.Response:
        """A PUT of the contact with that address: its e-mail address as it is, and what is given."""
        contact = self.contact(address)
        email = {name: contact["email_address"][name] for name in ("address", "permission_to_send")}
        body = {"update_source": update_source, "email_address": email} | fields
        return self("PUT", f"/contacts/{contact['contact_id']}", body)

    def pages(self, path: str, **query: object) -> builtins.list[Any]:
        """All pages, by the links of the answers."""
        found = [self.done("GET", path, **query)]
        while "_links" in found[-1]:
            href = found[-1]["_links"]["next"]["href"]
            assert href.startswith("/v3/")
            found.append(self.done("GET", href.removeprefix("/v3")))
        return found

    def bulk(self, name: str, body: object) -> Any:
        """A bulk activity, looked at until it is over; what it says then."""
        activity = self.done("POST", f"/activities/{name}", body)
        assert activity["state"] == "initialized"
        return self.finished(activity["activity_id"])

    def finished(self, activity_id: str) -> Any:
        """An activity, looked at until it is over."""
        for _ in range(10):
            activity = self.done("GET", f"/activities/{activity_id}")
            if activity["state"] != "processing":
                return activity
        raise AssertionError(f"it never ends: {activity}")

    def enrolled(self, *rows: Mapping[str, object], lists: tuple[str, ...]) -> Any:
        """An import; its counters."""
        activity = self.bulk("contacts_json_import", {"import_data": list(rows), "list_ids": list(lists)})
        assert activity["state"] == "completed"
        return activity["status"]


def row_of(standin: StandIn, address: str | None) -> Any:
    """A contact as the state has it."""
    (row,) = [each for each in standin.state()["contacts"] if each["address"] == address]
    return row
