"""The whole state as one JSON document, for tests that prove something about every contact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standins.constant_contact.activities import Activity
from standins.constant_contact.forms import identifier, zulu
from standins.constant_contact.lists import ContactList
from standins.constant_contact.state import Account, Change, Contact
from standins.document import document


def pieces(account: Account, wanted: frozenset[str]) -> Iterator[bytes]:
    """`{counts, calls_today, lists, custom_fields, activities[, contacts][, history]}`."""
    return document(
        wanted,
        _head(account),
        contacts=lambda: (_contact(account, each) for each in list(account.roster)),
        history=lambda: (_change(each) for each in list(account.history)),
    )


def _head(account: Account) -> dict[str, Any]:
    counts = {status: number for status, number in account.statuses.items() if number}
    return {
        "counts": counts | {"contacts": len(account.roster), "lists": len(account.lists.current)},
        "calls_today": account.limits.calls_today,
        "lists": [_list(held) for held in account.lists.by_serial.values()],
        "custom_fields": [
            {"id": field.id, "name": field.name, "label": field.label} for field in account.fields.by_id.values()
        ],
        "activities": account.queue.described(_activity),
    }


def _list(held: ContactList) -> dict[str, Any]:
    row = {"id": held.id, "name": held.name, "members": held.size}
    return row | ({"deleted": zulu(held.deleted)} if held.deleted else {})


def _activity(activity: Activity) -> dict[str, Any]:
    return {
        "activity_id": activity.id,
        "kind": activity.kind,
        "state": activity.state,
        "created_at": zulu(activity.created),
        "looks": activity.looks,
        "status": activity.status,
        "errors": activity.errors,
    }


def _contact(account: Account, contact: Contact) -> dict[str, Any]:
    return {
        "contact_id": contact.contact_id,
        "address": contact.address,
        "status": contact.status,
        "permission": contact.permission,
        "opt_out_source": contact.opt_out_source,
        "unsubscribed_by": contact.unsubscribed_by,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "lists": account.lists.names(contact.lists),
        "custom_fields": {
            account.fields.by_id[field_id].name: value
            for field_id, value in (contact.extra or {}).get("custom_fields", {}).items()
            if field_id in account.fields.by_id
        },
        "updated_at": zulu(contact.updated),
    }


def _change(change: Change) -> dict[str, Any]:
    moment, serial, address, before, after, by = change
    row = {"time": zulu(moment), "contact_id": identifier("contact", serial), "address": address}
    return row | {"from": before, "to": after, "by": by}
