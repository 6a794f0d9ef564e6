"""The vendor's own file that this stand-in is held against, and where both are known to differ from it."""

from __future__ import annotations

from typing import Any

from standins.departures import Departures

SPECS = "constant-contact-v3-openapi.yml"
BASE = "/v3"


SEEN_TO_BE_TAKEN = Departures(
    # Of a refusal the file has a sentence at most: neither its body nor every status, 429 least of all.
    r"\w+ \S+ [45]\d\d: answer: the schema has no (body|\d{3})",
    # The addresses of next pages have a parameter that the file does not have.
    r"GET /(contacts|contact_lists|contact_custom_fields|activities) 200: query: cursor is unknown",
    # A recording of 2026-04 has null there on the last page.
    r"GET /(contacts|contact_lists|contact_custom_fields|activities) 200: answer: _links: None is not of type 'object'",
    # A maximum of nought stands where the text beside it says 50 or 500.
    r"POST /activities/remove_list_memberships 201: request: (list_ids|source\.(contact|list)_ids): .*",
    # The names of custom fields are the account's own.
    r"POST /activities/contacts_json_import 201: request: import_data\.\[\]: Additional properties .*\('cf:.*",
    # Lengths of an import are looked at later, with a switch.
    r"POST /activities/contacts_json_import 201: request: import_data\.\[\]\.[\w:]+: '[^']*(' is too long)?",
    # What is left blank in a PUT is emptied, says the text.
    r"PUT /contacts/{contact_id} 200: request: \w+: None is not of type 'string'",
)


def amended(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of an answer: as it is."""
    return schema
