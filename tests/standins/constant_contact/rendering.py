"""The documents that Constant Contact answers with; what is not there is left out, sub-resources unless asked for."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from standins.constant_contact.activities import Activity
from standins.constant_contact.custom_fields import CustomField
from standins.constant_contact.details import SCALARS
from standins.constant_contact.forms import identifier, zulu
from standins.constant_contact.lists import ContactList
from standins.constant_contact.state import Account, Contact

SUBRESOURCES = ("custom_fields", "list_memberships", "phone_numbers", "street_addresses", "taggings", "notes")


class Email(msgspec.Struct):
    """The e-mail address of a contact, with the permission to use it."""

    address: str
    permission_to_send: str
    created_at: str
    updated_at: str
    confirm_status: str
    opt_in_source: str | UnsetType = UNSET
    opt_in_date: str | UnsetType = UNSET
    opt_out_source: str | UnsetType = UNSET
    opt_out_date: str | UnsetType = UNSET
    opt_out_reason: str | UnsetType = UNSET


class ContactDocument(msgspec.Struct):
    """A contact as the vendor's schema has it."""

    contact_id: str
    create_source: str
    update_source: str
    created_at: str
    updated_at: str
    email_address: Email | UnsetType = UNSET
    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET
    job_title: str | UnsetType = UNSET
    company_name: str | UnsetType = UNSET
    birthday_month: int | UnsetType = UNSET
    birthday_day: int | UnsetType = UNSET
    anniversary: str | UnsetType = UNSET
    deleted_at: str | UnsetType = UNSET
    custom_fields: list[dict[str, Any]] | UnsetType = UNSET
    list_memberships: list[str] | UnsetType = UNSET
    phone_numbers: list[dict[str, Any]] | UnsetType = UNSET
    street_addresses: list[dict[str, Any]] | UnsetType = UNSET
    taggings: list[str] | UnsetType = UNSET
    notes: list[dict[str, Any]] | UnsetType = UNSET


def contact_document(account: Account, contact: Contact, include: list[str] | tuple[str, ...] = ()) -> ContactDocument:
    """A contact with those of its sub-resources that were asked for."""
    document = ContactDocument(
        contact.contact_id, contact.create_source, contact.update_source, zulu(contact.created), zulu(contact.updated)
    )
    document.first_name, document.last_name = contact.first_name or UNSET, contact.last_name or UNSET
    if contact.address:
        document.email_address = _email(account, contact, contact.address)
    if contact.deleted:
        document.deleted_at = zulu(contact.deleted)[:10]
    for name in SCALARS:
        setattr(document, name, (contact.extra or {}).get(name, UNSET))
    for name in include:
        setattr(document, name, _subresource(account, contact, name))
    return document


def _email(account: Account, contact: Contact, address: str) -> Email:
    status = "off" if contact.permission != "pending_confirmation" else "pending"
    email = Email(address, contact.permission, zulu(contact.created), zulu(contact.updated), status)
    if contact.opted_in:
        email.opt_in_source, email.opt_in_date = contact.opt_in_source, zulu(contact.opted_in)
    if contact.opt_out_source:
        email.opt_out_source, email.opt_out_date = contact.opt_out_source, zulu(contact.opted_out)
        email.opt_out_reason = (contact.extra or {}).get("opt_out_reason", UNSET)
    elif contact.deleted and account.switches.deleted_opt_out_fields == "shown":
        email.opt_out_source, email.opt_out_date = "Account", zulu(contact.deleted)
    return email


def _subresource(account: Account, contact: Contact, name: str) -> list[Any]:
    if name == "list_memberships":
        return account.lists.ids(contact.lists)
    held = (contact.extra or {}).get(name, [])
    if name == "custom_fields":
        return [
            _field_value(field_id, value) for field_id, value in dict(held).items() if field_id in account.fields.by_id
        ]
    return [_dated(contact, name, number, row) for number, row in enumerate(held, 1)]


def _field_value(field_id: str, value: str | list[str]) -> dict[str, Any]:
    return {"custom_field_id": field_id, "value" if isinstance(value, str) else "choice_ids": value}


def _dated(contact: Contact, name: str, number: int, row: dict[str, Any]) -> dict[str, Any]:
    times = {"created": "created_at", "updated": "updated_at"}
    document = {times.get(key, key): zulu(value) if key in times else value for key, value in row.items()}
    own_id = {"phone_numbers": "phone_number_id", "street_addresses": "street_address_id"}.get(name)
    return document | ({own_id: identifier(f"{name} of {contact.serial}", number)} if own_id else {})


def list_document(held: ContactList, counted: str | None = None) -> dict[str, Any]:
    """A list; `counted` is all or active where the number of members was asked for."""
    document: dict[str, Any] = {
        "list_id": held.id,
        "name": held.name,
        "favorite": held.favorite,
        "created_at": zulu(held.created),
        "updated_at": zulu(held.updated),
    }
    if held.description is not None:
        document["description"] = held.description
    if held.deleted:
        document["deleted_at"] = zulu(held.deleted)
    if counted:
        document["membership_count"] = held.size if counted == "all" else held.active
    return document


def field_document(field: CustomField) -> dict[str, Any]:
    """A custom field."""
    document: dict[str, Any] = {
        "custom_field_id": field.id,
        "label": field.label,
        "name": field.name,
        "type": field.type,
        "created_at": zulu(field.created),
        "updated_at": zulu(field.updated),
    }
    optional = {"metadata": field.metadata, "version": field.version, "choices": field.choices or None}
    return document | {name: value for name, value in optional.items() if value is not None}


def activity_document(activity: Activity) -> dict[str, Any]:
    """An activity as its own address shows it."""
    document: dict[str, Any] = receipt(activity) | {"status": activity.status}
    for name, moment in (("started_at", activity.started), ("completed_at", activity.completed)):
        if moment:
            document[name] = zulu(moment)
    return document


def receipt(activity: Activity) -> dict[str, Any]:
    """An activity as the call that queues it shows it."""
    return {
        "activity_id": activity.id,
        "state": activity.state,
        "created_at": zulu(activity.created),
        "updated_at": zulu(activity.updated),
        "percent_done": activity.percent,
        "activity_errors": activity.errors,
        "_links": {"self": {"href": f"/v3/activities/{activity.id}"}},
    }
