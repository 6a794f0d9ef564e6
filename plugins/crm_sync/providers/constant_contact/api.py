"""The calls of the V3 API that the verbs use, typed."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlsplit

import msgspec

from crm_sync.errors import ContractError
from crm_sync.providers.constant_contact import wire
from crm_sync.transport.network import service_at
from crm_sync.transport.session import decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm_sync.transport.answer import Response
    from crm_sync.transport.session import Transport

# documented: https://api.cc.email/v3/swagger.yaml
BASE_URL = "https://api.cc.email/v3"
# documented: limit is at most 500 for contacts and activities. https://api.cc.email/v3/swagger.yaml
PAGE = 500
# documented: limit is at most 100 for custom fields, the most that an account has (same file).
_FIELDS_A_PAGE = 100

P = TypeVar("P", bound=wire.Page)


class Api:
    """One account. ``can_wait``: False for a call that may use the last calls of the day. ``reads_fields``: whether
    contacts are read with their custom fields."""

    def __init__(self, transport: Transport, *, reads_fields: bool = False) -> None:
        self._transport = transport
        self._include = "custom_fields,list_memberships" if reads_fields else "list_memberships"
        self.host = transport.host
        self.service = service_at(transport.base_url, urlsplit(BASE_URL).netloc)
        self._root = urlsplit(transport.base_url).path

    # -- reading

    @property
    def whoever(self) -> dict[str, Any]:
        """The query for contacts in any status. documented: deleted ones are left out unless requested by status, and
        lists and custom fields unless requested by include."""
        return {"status": "all", "include": self._include}

    def get(self, path: str, *, can_wait: bool = True, **query: Any) -> Response:
        """The response to a GET."""
        return self._transport.call("GET", path, query=query or None, can_wait=can_wait)

    def pages(self, path: str, kind: type[P], *, can_wait: bool = True, **query: Any) -> Iterator[P]:
        """All pages. documented: a page has the relative address of the next one; the last page has none."""
        response = self.get(path, can_wait=can_wait, limit=PAGE, **query)
        yield from self.pages_from(response, kind, can_wait=can_wait)

    def pages_from(self, first: Response, kind: type[P], *, can_wait: bool = True) -> Iterator[P]:
        """The page in a response and all following ones."""
        page = decoded(first, kind)
        yield page
        while page.links is not None and page.links.next is not None:
            page = decoded(self.get(self._below(page.links.next.href), can_wait=can_wait), kind)
            yield page

    def _below(self, href: str) -> str:
        """A relative address without the path of the base URL; never an address of another host."""
        if not href.startswith(self._root + "/"):
            raise ContractError("Constant Contact's next page is not below its own address")
        return href.removeprefix(self._root)

    def contact(self, contact_id: str, *, can_wait: bool = True) -> wire.Contact | None:
        """A contact by its id; None if it does not exist."""
        response = self.get(_contact(contact_id), can_wait=can_wait, include=self._include)
        return None if response.status_code == HTTPStatus.NOT_FOUND else decoded(response, wire.Contact)

    def contact_at(self, address: str, *, can_wait: bool = True) -> wire.Contact | None:
        """The contact with an address, even if deleted; None if there is none."""
        response = self.get("/contacts", can_wait=can_wait, email=address, **self.whoever)
        return next(iter(decoded(response, wire.Contacts).contacts), None)

    def known(self, contact_id: str, address: str, *, can_wait: bool = True) -> wire.Contact | None:
        """A contact by its id if the ledger has it, else by its address."""
        found = self.contact(contact_id, can_wait=can_wait) if contact_id else None
        return found or self.contact_at(address, can_wait=can_wait)

    def custom_fields(self) -> Iterator[wire.CustomFields]:
        """The custom fields of the account, page by page."""
        first = self.get("/contact_custom_fields", can_wait=False, limit=_FIELDS_A_PAGE)
        return self.pages_from(first, wire.CustomFields, can_wait=False)

    # -- writing

    def put(self, contact: wire.Contact, *, can_wait: bool = True, **changes: Any) -> Response:
        """Change a contact that was read just before. Its single values and its e-mail address, with the permission as
        it was read, are sent along, because a PUT empties those that it leaves out; lists and the like stay.

        documented: https://developer.constantcontact.com/api_guide/contacts_subresources. A PUT cannot be conditional.
        If a contact leaves between reading and writing, their own opt-out stands (documented), but one made by the
        account's staff is overridden.
        """
        kept = {name: value for name in wire.SINGLE_VALUES if (value := getattr(contact, name)) not in (None, "")}
        if contact.address:
            kept["email_address"] = wire.AddressSent(contact.address, contact.permission)
        body = msgspec.json.encode(wire.ContactSent(update_source=wire.ACCOUNT, **{**kept, **changes}))
        return self._transport.call("PUT", _contact(contact.contact_id), body=body, can_wait=can_wait)

    def post_contact(self, address: str, **properties: Any) -> Response:
        """Create a contact. documented: 409 if the address exists, in any state."""
        email = wire.AddressSent(address, wire.IMPLICIT)
        sent = wire.ContactSent(create_source=wire.ACCOUNT, email_address=email, **properties)
        return self._transport.call("POST", "/contacts", body=msgspec.json.encode(sent))

    def delete_contact(self, contact_id: str) -> None:
        """Delete one contact, reversibly. documented: 204, and 404 if it does not exist, or no longer."""
        response = self._transport.call("DELETE", _contact(contact_id), can_wait=False)
        if response.status_code not in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND}:
            raise ContractError(f"Constant Contact answered {response.status_code} to the deletion of a contact")

    def submit(self, kind: str, body: bytes, *, can_wait: bool = True) -> Response:
        """Submit a job; ``kind`` names the bulk call."""
        return self._transport.call("POST", f"/activities/{kind}", body=body, can_wait=can_wait)

    def post_custom_field(self, label: str, kind: str) -> Response:
        """Create a custom field."""
        body = msgspec.json.encode({"label": label, "type": kind})
        return self._transport.call("POST", "/contact_custom_fields", body=body)

    def post_list(self, name: str) -> Response:
        """Create a list."""
        return self._transport.call("POST", "/contact_lists", body=msgspec.json.encode(wire.ListSent(name)))

    def put_list(self, held: wire.ContactList, name: str) -> Response:
        """Rename a list that was read just before; a PUT empties what it leaves out."""
        description = held.description if held.description is not None else msgspec.UNSET
        body = msgspec.json.encode(wire.ListSent(name, held.favorite, description))
        return self._transport.call("PUT", _list(held.list_id), body=body)

    def get_list(self, list_id: str) -> wire.ContactList | None:
        """A list; None if it does not exist."""
        response = self.get(_list(list_id))
        return None if response.status_code == HTTPStatus.NOT_FOUND else decoded(response, wire.ContactList)

    def delete_list(self, list_id: str) -> Response:
        """Submit the deletion of a list."""
        return self._transport.call("DELETE", _list(list_id), can_wait=False)


def _contact(contact_id: str) -> str:
    return f"/contacts/{quote(contact_id, safe='')}"


def _list(list_id: str) -> str:
    return f"/contact_lists/{quote(list_id, safe='')}"
