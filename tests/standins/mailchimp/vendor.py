"""The vendor's own files that this stand-in is held against, and where both are known to differ from them."""

from __future__ import annotations

from typing import Any

SPECS = "mailchimp-*-api-openapi.yml"
BASE = "/3.0"

_MEMBER = "/lists/{list_id}/members/{subscriber_hash}"
# Requests that the real service was seen to take although its files do not have them, which some tests send on purpose;
# and problems that come without the type that the files require.
SEEN_TO_BE_TAKEN = {
    *(
        f"{call} 400: answer: : 'type' is a required property"
        for call in ("POST /lists/{list_id}/members", f"PUT {_MEMBER}", f"PATCH {_MEMBER}")
    ),
    f"PUT {_MEMBER} 200: request: location: Additional properties are not allowed"
    " ('country_code', 'gmtoff' were unexpected)",
    "POST /lists/{list_id} 200: request: members.0: Additional properties are not allowed ('tags' was unexpected)",
    "POST /lists/{list_id} 200: request: members.0: Additional properties are not allowed"
    " ('status_if_new' was unexpected)",
    "PUT /lists/{list_id}/members/{subscriber_hash} 200: request: : 'status_if_new' is a required property",
}


def amended(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of an answer, mended: that of batch answers forgets the status ``archived`` and, before version 3.0.91,
    the contact_id."""
    properties = schema.get("properties", {})
    if "unique_email_id" in properties and "contact_id" not in properties:
        return schema | {"properties": properties | {"contact_id": {"type": "string"}}}
    if "cleaned" in schema.get("enum", []) and "archived" not in schema["enum"]:
        return schema | {"enum": [*schema["enum"], "archived"]}
    return schema
