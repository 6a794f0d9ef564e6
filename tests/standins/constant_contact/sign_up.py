"""POST /contacts/sign_up_form: what a contact asked for itself; creates or adds, and never takes anything away."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from standins.constant_contact import bodies, contacts, details
from standins.constant_contact.errors import bad_value, conflict, invalid
from standins.constant_contact.state import Account, Contact

MOST_MEMBERSHIPS = 50
MOST_FIELDS = 25


def apply(account: Account, body: bodies.SignUp) -> tuple[Contact, bool]:
    """The contact, and whether it is new. Raises Refusal: 400, or 409 for an opt-out where the switch says so."""
    details.check_imitated(body)
    details.check_person(body)
    if not isinstance(body.email_address, str):
        raise invalid("email_address is missing")
    if not details.is_address(account, body.email_address):
        raise bad_value("email_address")
    lists = account.lists.serials(body.list_memberships)
    values = details.field_values(account, body.custom_fields or [])
    known = account.named(body.email_address)
    if known:
        _check_known(account, known, lists, values)
    contact = known or _created(account, body.email_address)
    contacts.write_person(account, contact, body, replaces=False)
    _enrich(account, contact, body, values)
    if known:
        account.change(contact, "api", deleted=0)
        contacts.opt_in(account, contact, "explicit", "Contact", "api")
    account.change(contact, "api", lists=tuple(dict.fromkeys([*contact.lists, *lists])), update_source="Contact")
    return contact, known is None


def _created(account: Account, address: str) -> Contact:
    waits = account.switches.confirmed_opt_in == "on"
    return account.add(address, "pending_confirmation" if waits else "explicit", "Contact", "api")


def _check_known(account: Account, contact: Contact, lists: tuple[int, ...], values: dict[str, Any]) -> None:
    if contact.is_locked and account.switches.sign_up_of_opted_out == "refused":
        raise conflict("The contact has opted out and can only opt in again itself.")
    if len({*contact.lists, *lists}) > MOST_MEMBERSHIPS:
        raise bad_value("list_memberships")
    held = (contact.extra or {}).get("custom_fields", {})
    if len(held.keys() | values.keys()) > max(MOST_FIELDS, len(values)):
        raise bad_value("custom_fields")


def _enrich(account: Account, contact: Contact, body: bodies.SignUp, values: dict[str, Any]) -> None:
    extra = contact.extra or {}
    if values:
        account.enrich(contact, custom_fields=extra.get("custom_fields", {}) | values)
    if isinstance(body.phone_number, str):
        number = details.phone(account, "other", body.phone_number, "Contact")
        account.enrich(contact, phone_numbers=details.merged(extra.get("phone_numbers", []), [number]))
    if body.street_address is not UNSET:
        added = details.places(account, [body.street_address])
        account.enrich(contact, street_addresses=details.merged(extra.get("street_addresses", []), added))
