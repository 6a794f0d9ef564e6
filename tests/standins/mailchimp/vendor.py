"""The vendor's own files that this stand-in is held against, and where both are known to differ from them."""

from __future__ import annotations

from typing import Any

from standins.departures import Departures

SPECS = "mailchimp-*-api-openapi.yml"
BASE = "/3.0"

SEEN_TO_BE_TAKEN = Departures(
    # Problems may come without the type that the files require.
    r"(POST|PUT|PATCH) /lists/{list_id}/members(/{subscriber_hash})? 400: answer: : 'type' is a required property",
    # Requests that the real service was seen to take although its files do not have them.
    r"PUT /lists/{list_id}/members/{subscriber_hash} 200: request: : 'status_if_new' is a required property",
    r"POST /lists/{list_id} 200: request: members\.\[\]: .* \('(status_if_new|tags)' was unexpected\)",
    r"\w+ /lists/{list_id}\S* 200: request: [][a-z.]*location: .* \('country_code', 'gmtoff' were unexpected\)",
    r"\w+ /lists/{list_id}\S* 200: request: [][a-z.]*: .* \('_links' was unexpected\)",
)


def amended(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of an answer, mended: that of batch answers forgets the status ``archived`` and, before version 3.0.91,
    the contact_id."""
    properties = schema.get("properties", {})
    if "unique_email_id" in properties and "contact_id" not in properties:
        return schema | {"properties": properties | {"contact_id": {"type": "string"}}}
    if "cleaned" in schema.get("enum", []) and "archived" not in schema["enum"]:
        return schema | {"enum": [*schema["enum"], "archived"]}
    return schema
