"""A plain client of the VoterVoice stand-in for the tests of this folder, with what they send and see."""

from __future__ import annotations

from typing import Any

import requests

KEY, ASSOCIATION = "standin-votervoice-key", "standin"
CONTACTS, ADDRESSES, USERS = "/api/contacts", "/api/addresses", "/api/users"


class Client:
    """`requests` with the raw key and the association; a call follows no redirect."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = KEY

    def __call__(self, method: str, path: str = CONTACTS, body: object = None, /, **query: Any) -> requests.Response:
        return self._sent(method, path, body, query, follow=False)

    def followed(self, method: str, path: str = CONTACTS, body: object = None, /, **query: Any) -> requests.Response:
        """The same, wherever a redirect leads."""
        return self._sent(method, path, body, query, follow=True)

    def _sent(self, method: str, path: str, body: object, query: dict[str, Any], *, follow: bool) -> requests.Response:
        address, given = self.url + path, {"association": ASSOCIATION} | query
        return self.session.request(method, address, json=body, params=given, timeout=30, allow_redirects=follow)

    def post(self, contact_id: str | None, email: str = "", /, **fields: object) -> requests.Response:
        return self("POST", CONTACTS, record(contact_id, email, **fields))

    def put(self, contact_id: str, email: str = "", /, **fields: object) -> requests.Response:
        return self("PUT", CONTACTS, record(contact_id, email, **fields), contactId=contact_id)

    def patch(self, temporary_id: str, contact_id: object) -> requests.Response:
        body = {"membership": {"contactId": contact_id}}
        return self("PATCH", CONTACTS, body, temporaryContactId=temporary_id)

    def found(self, **query: Any) -> list[dict[str, Any]]:
        response = self("GET", CONTACTS, **query)
        assert response.status_code == 200, response.text
        contacts: list[dict[str, Any]] = response.json()
        return contacts

    def one(self, contact_id: str) -> dict[str, Any]:
        (contact,) = self.found(contactId=contact_id)
        return contact

    def address(self, **query: Any) -> dict[str, Any]:
        """The one address that is found, with its checksum."""
        given = {"address1": "1 Example Street", "city": "springfield", "state": "il"} | query
        (address,) = self("GET", ADDRESSES, **given).json()["addresses"]
        checked: dict[str, Any] = address
        return checked


def record(contact_id: str | None, email: str = "", /, **fields: object) -> dict[str, Any]:
    """The body of POST and PUT."""
    return {
        "membership": {"contactId": contact_id, "groupList": fields.pop("group", None)},
        "emailAddress": email,
    } | fields
