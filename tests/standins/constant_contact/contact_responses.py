"""The HTTP face of contacts."""

from __future__ import annotations

from typing import Any

from standins.constant_contact import contacts, listing, sign_up
from standins.constant_contact.asked import Asked, Reply
from standins.constant_contact.rendering import SUBRESOURCES, contact_document

NEW_SECONDS = 30 * 24 * 3600
COUNTED = {"explicit": "explicit", "implicit": "implicit", "pending": "pending_confirmation"} | {
    "unsubscribed": "unsubscribed"
}


def list_contacts(asked: Asked) -> Any:
    """GET /contacts."""
    account = asked.account
    chosen, following, count = listing.page(account, asked.parameters)
    include = asked.query.get("include", [])
    document: dict[str, Any] = {"contacts": [contact_document(account, contact, include) for contact in chosen]}
    if count is not None:
        document["contacts_count"] = count
    return document | asked.parameters.links("/contacts", following, count)


def post_contact(asked: Asked) -> Any:
    """POST /contacts."""
    contact = contacts.post(asked.account, asked.body)
    return Reply(201, contact_document(asked.account, contact, SUBRESOURCES))


def get_contact(asked: Asked) -> Any:
    """GET /contacts/{contact_id}."""
    contact = contacts.found(asked.account, asked.path["contact_id"])
    return contact_document(asked.account, contact, asked.query.get("include", []))


def put_contact(asked: Asked) -> Any:
    """PUT /contacts/{contact_id}."""
    contact = contacts.found(asked.account, asked.path["contact_id"])
    contacts.put(asked.account, contact, asked.body)
    return contact_document(asked.account, contact, SUBRESOURCES)


def delete_contact(asked: Asked) -> Any:
    """DELETE /contacts/{contact_id}."""
    contacts.delete(asked.account, contacts.found(asked.account, asked.path["contact_id"]), "api")
    return Reply(204)


def post_sign_up_form(asked: Asked) -> Any:
    """POST /contacts/sign_up_form."""
    contact, is_new = sign_up.apply(asked.account, asked.body)
    document = {"contact_id": contact.contact_id, "action": "created" if is_new else "updated"}
    return Reply(201 if is_new else 200, document)


def put_resubscribe(asked: Asked) -> Any:
    """PUT /contacts/resubscribe/{contact_id}; the answer has no body."""
    contact = contacts.found(asked.account, asked.path["contact_id"])
    contacts.resubscribe(asked.account, contact, asked.body)
    return Reply(200)


def get_counts(asked: Asked) -> Any:
    """GET /contacts/counts: those who are not deleted, by consent."""
    permissions = asked.account.permissions
    document = {"total": sum(permissions.values())}
    document |= {name: permissions[permission] for name, permission in COUNTED.items()}
    if asked.query.get("include"):
        since = asked.account.now() - NEW_SECONDS
        document["new_subscriber"] = sum(each.is_active and each.opted_in > since for each in asked.account.roster)
    return document
