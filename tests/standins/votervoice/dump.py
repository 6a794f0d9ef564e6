"""The whole state as one JSON document, for tests that prove something about every contact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standins.clock import iso
from standins.document import document
from standins.votervoice.queries import TICKS, rendered_moment
from standins.votervoice.state import Association, Change, Contact

# The names of the state for the texts of a contact.
TEXTS = {
    "honorific": "honorific",
    "given_names": "given_names",
    "surname": "surname",
    "suffix": "suffix",
    "email": "email_address",
    "phone": "phone_number",
    "fax": "fax_number",
    "company": "business_company_name",
    "position": "business_position_name",
}


def pieces(association: Association, wanted: frozenset[str]) -> Iterator[bytes]:
    """`{counts, lists, address_calls, leaked_keys[, contacts][, history]}`."""
    return document(
        wanted,
        _head(association),
        contacts=lambda: (_contact(association, each) for each in list(association.contacts.values())),
        history=lambda: (_change(each) for each in list(association.history)),
    )


def _head(association: Association) -> dict[str, Any]:
    contacts = association.contacts.values()
    return {
        "counts": {
            "contacts": len(contacts),
            "without_contact_id": sum(contact.contact_id is None for contact in contacts),
            "non_deliverable": sum(contact.non_deliverable for contact in contacts),
            "lists": len(association.lists),
            "users": len(association.users),
        },
        "lists": [{"name": name, "members": members} for name, members in association.lists.items()],
        "address_calls": association.address_calls,
        "leaked_keys": association.leaked_keys,
    }


def _contact(association: Association, contact: Contact) -> dict[str, Any]:
    has_address = contact.home is not None or contact.business is not None
    row: dict[str, Any] = {
        "contact_id": contact.contact_id,
        "temporary_contact_id": association.temporary_id(contact),
        "list": contact.list,
    }
    row |= {name: contact.texts.get(field, "") for name, field in TEXTS.items()}
    return row | {
        "home_address": contact.home.rendered() if contact.home else None,
        "business_address": contact.business.rendered() if contact.business else None,
        "address_valid": contact.address_valid if has_address else None,
        "custom_fields": contact.custom,
        "is_non_deliverable": contact.non_deliverable,
        "updated_at": rendered_moment(contact.updated),
    }


def _change(change: Change) -> dict[str, Any]:
    ticks, serial, contact_id, before, after, by = change
    moment = iso(ticks // TICKS)
    return {"time": moment, "serial": serial, "contact_id": contact_id, "from": before, "to": after, "by": by}
