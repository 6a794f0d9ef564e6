"""Which calls exist: method, path below /api, handler, query parameters, body and status, as the blueprint has them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from standins.votervoice import bodies, responses
from standins.votervoice.queries import COMMON, Kinds
from standins.votervoice.responses import Asked

SEARCH: Kinds = COMMON | {
    "contactId": "text",
    "email": "text",
    "dateUpdated": "moments",
    "orderBy": ("dateUpdated",),
    "orderDesc": "bool",
    "limit": "number",
    "pageNumber": "number",
}
ADDRESS: Kinds = COMMON | {
    "address1": "text",
    "address2": "text",
    "city": "text",
    "state": "text",
    "zipcode": "text",
    "country": "text",
    "simpleLookup": "bool",
}
MAPPINGS: Kinds = COMMON | {"remoteSource": responses.SOURCES, "direction": responses.DIRECTIONS}
CONTACTS, ADDRESSES, USERS = "/contacts", "/addresses", "/users"
# Resources that the vendor documents, and the stand-in has not.
NOT_IMITATED = re.compile(
    r"/(?:advocacy|associations|blogposts|districts|emailownershipverifications|events|governments|meetings|officials"
    r"|petitions|profiles|scorecards|surveys|users|voterregistration)(?:/.*)?",
    re.IGNORECASE,
)


class Route(msgspec.Struct, frozen=True):
    """One call of the API. `status` is that of success."""

    method: str
    pattern: str
    handler: Callable[[Asked], Any]
    query: Kinds
    body: type[msgspec.Struct] | None = None
    status: int = 200
    needs_association: bool = True


ROUTES: tuple[Route, ...] = (
    Route("GET", CONTACTS, responses.get_contacts, SEARCH),
    Route("POST", CONTACTS, responses.post_contact, COMMON | {"simpleLookup": "bool"}, bodies.Contact, 201),
    Route(
        "PUT",
        CONTACTS,
        responses.put_contact,
        COMMON | {"contactId": "text", "simpleLookup": "bool"},
        bodies.Contact,
        204,
    ),
    Route(
        "PATCH", CONTACTS, responses.patch_contact, COMMON | {"temporaryContactId": "text"}, bodies.ContactPatch, 204
    ),
    Route(
        "DELETE",
        CONTACTS,
        responses.delete_contact,
        COMMON | {"contactId": "text", "groupList": "text"},
        status=204,
    ),
    Route("GET", CONTACTS + "/mappings", responses.get_mappings, MAPPINGS),
    Route("GET", ADDRESSES, responses.get_addresses, ADDRESS, needs_association=False),
    Route("POST", USERS, responses.post_user, COMMON, bodies.User),
)
