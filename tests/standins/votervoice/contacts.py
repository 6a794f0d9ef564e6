"""The rules for one contact: who may be created, replaced, given an id and deleted, and what is wrong with a record."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from msgspec import UNSET

from standins.votervoice import addresses, bodies
from standins.votervoice.errors import (
    BAD_ADDRESS,
    BAD_VALUE,
    CONFLICT,
    NOBODY,
    OTHER_ID,
    UNKNOWN_CONTACT,
    UNKNOWN_FIELD,
    UNKNOWN_LIST,
    Refusal,
    bad_request,
)
from standins.votervoice.state import CUSTOM_FIELDS, DEFAULT_LIST, Association, Contact

ADDRESS = re.compile(r"[^@\s<>,;\"()]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
LONGEST_ADDRESS = 254
NUMBER = re.compile(r"-?\d+(\.\d+)?")
PLACES = {"home": "home_address", "business": "business_address"}
NO_MEMBERSHIP = bodies.Membership()


def post(association: Association, body: bodies.Contact) -> None:
    """A new contact."""
    membership = body.membership or NO_MEMBERSHIP
    contact_id, texts = membership.contact_id or None, body.texts()
    email = texts.get("email_address", "")
    if contact_id is None and not email:
        raise bad_request(NOBODY)
    values = checked(association, body)
    list_name = list_named(association, membership.group_list or None)
    check_free(association, contact_id, email)
    contact = association.add(list_name, contact_id, email, "api")
    write(association, contact, texts, values)


def put(association: Association, contact_id: str, body: bodies.Contact) -> None:
    """A known contact as a whole; without a membership, or a list in it, the contact stays in its list."""
    contact = found(association, contact_id)
    membership = body.membership or NO_MEMBERSHIP
    if membership.contact_id not in {UNSET, None, contact_id}:
        raise bad_request(OTHER_ID)
    keeps = association.switches.put_omitted == "kept"
    texts = (contact.texts if keeps else {}) | body.texts()
    values = checked(association, body)
    stays = membership.group_list is UNSET
    list_name = contact.list if stays else list_named(association, membership.group_list or None)
    check_free(association, None, texts.get("email_address", ""), contact)
    if not keeps:
        values = {"home": None, "business": None, "custom": {}} | values
    association.move(contact, list_name, "api")
    write(association, contact, texts, values)


def patch(association: Association, temporary_id: str, body: bodies.ContactPatch) -> None:
    """An id of the association for a contact that has none."""
    contact = association.named_temporarily(temporary_id)
    if contact is None:
        raise Refusal(404, UNKNOWN_CONTACT)
    if not body.membership.contact_id:
        raise bad_request(NOBODY)
    check_free(association, body.membership.contact_id, "")
    association.identify(contact, body.membership.contact_id)


def delete(association: Association, contact_id: str, list_name: str | None) -> None:
    """A contact, where a list is named only if it is in that list."""
    if list_name is not None and list_name not in association.lists:
        raise bad_request(UNKNOWN_LIST)
    chosen = [each for each in association.by_id.get(contact_id, []) if list_name in {None, each.list}]
    if not chosen and association.switches.second_delete == "404":
        raise Refusal(404, UNKNOWN_CONTACT)
    keeps = list_name is not None and association.switches.delete_from_list == "keeps"
    for contact in chosen:
        if keeps:
            association.move(contact, None, "api")
        else:
            association.remove(contact, "api")


def found(association: Association, contact_id: str) -> Contact:
    """The first contact with that id. Raises Refusal 404."""
    contacts = association.by_id.get(contact_id)
    if not contacts:
        raise Refusal(404, UNKNOWN_CONTACT)
    return contacts[0]


def list_named(association: Association, name: str | None) -> str:
    """The list of that name; none is the default list. Raises Refusal 400."""
    if name is None:
        return DEFAULT_LIST
    if name in association.lists:
        return name
    if association.switches.unknown_list == "default_list":
        return DEFAULT_LIST
    raise bad_request(UNKNOWN_LIST)


def check_free(association: Association, contact_id: str | None, email: str, own: Contact | None = None) -> None:
    """Refuse an id or an address that another contact has, unless there may be a second one."""
    if association.switches.duplicate == "second":
        return
    same_id = association.by_id.get(contact_id, []) if contact_id else []
    same_email = association.by_email.get(email.lower(), []) if email else []
    if any(each is not own for each in (*same_id, *same_email)):
        raise Refusal(409, CONFLICT)


def checked(association: Association, body: bodies.Contact) -> dict[str, Any]:
    """Addresses and custom values that were sent. Raises Refusal 400 for these and for a bad e-mail address."""
    check_email(association, body.email_address or "")
    values: dict[str, Any] = {}
    for name, field in PLACES.items():
        sent = getattr(body, field)
        if sent is not UNSET:
            values[name] = addresses.accepted(sent) if sent else None
    if body.custom_field_values is not UNSET:
        values["custom"] = custom_values(body.custom_field_values or [])
    return values


def check_email(association: Association, email: str) -> None:
    """An address may be empty; else it must look like one, and not be at a fake domain."""
    if not email:
        return
    is_address = ADDRESS.fullmatch(email) and ".." not in email and len(email) <= LONGEST_ADDRESS
    if not is_address or email.rpartition("@")[2].lower() in association.switches.fake_domains:
        raise bad_request(BAD_ADDRESS)


def custom_values(sent: list[bodies.CustomValue]) -> dict[str, Any]:
    """The values by field id. Raises Refusal 400 for an unknown field and a value of another type."""
    values = {each.id: each.value for each in sent}
    if len(values) < len(sent) or not values.keys() <= CUSTOM_FIELDS.keys():
        raise bad_request(UNKNOWN_FIELD)
    for field_id, value in values.items():
        kind, _, options = CUSTOM_FIELDS[field_id]
        if not _is_of(kind, options, value):
            raise bad_request(BAD_VALUE)
    return values


def _is_of(kind: str, options: tuple[str, ...], value: str | bool | list[str]) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, list):
        return kind == "choice" and set(value) <= set(options)
    if kind == "date":
        return _is_date(value)
    return kind == "text" or (kind == "number" and NUMBER.fullmatch(value) is not None)


def _is_date(value: str) -> bool:
    try:
        return f"{datetime.strptime(value, '%m/%d/%Y'):%m/%d/%Y}" == value  # noqa: DTZ007 - a day, not a moment
    except ValueError:
        return False


def write(association: Association, contact: Contact, texts: dict[str, str], values: dict[str, Any]) -> None:
    """What has been checked."""
    for name, value in values.items():
        setattr(contact, name, value)
    if "home" in values:  # by hand, only the home address is set unchecked
        contact.address_valid = True
    association.write_texts(contact, texts)
