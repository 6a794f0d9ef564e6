"""The rules of version 2: contacts, whose records are replaced as members' are, and lists with their three modes."""

from __future__ import annotations

import msgspec

from standins.higher_logic import v2_bodies
from standins.higher_logic.batches import BadItemError, check_address, check_moment, push_records, read_all
from standins.higher_logic.state import ContactList, Place, Record, Tenant

V1_NAMES = {"PrimaryEmailAddress": "EmailAddress"}


def push(tenant: Tenant, items: list[msgspec.Raw]) -> int:
    """POST /v2/contactinfo: how many were taken. Raises Failure, and then nothing of the push is applied."""
    return push_records(tenant, read_all(tenant, items, read_contact))


def read_contact(tenant: Tenant, raw: msgspec.Raw) -> Record:
    """One contact as a record of version 1. Raises msgspec.DecodeError or BadItemError."""
    contact = v2_bodies.read_contact(raw)
    sent = msgspec.to_builtins(contact.contact_details)
    key = sent.pop("ContactId")
    if sent.pop("IsDeleted", False):
        return Record(key, is_deleted=True)
    details = {V1_NAMES.get(name, name): value for name, value in sent.items()} | {"IsActive": True}
    check_address(tenant, details.get("EmailAddress", ""))
    for name in v2_bodies.MOMENTS.split():
        if name in details:
            check_moment(details[name])
    places = {group.group_key: _place(group) for group in contact.groups}
    names = {group.group_key: group.group_name for group in contact.groups if group.group_name}
    extra = {
        name.title().replace("_", ""): getattr(contact, name) for name in v2_bodies.OTHERS if getattr(contact, name)
    }
    return Record(key, details, communities=tuple(places.values()), community_names=names, extra=extra)


def _place(group: v2_bodies.Group) -> Place:
    moments = (group.since_date, group.begin_date, group.end_date)
    for moment in moments:
        if moment is not None:
            check_moment(moment)
    return Place(group.group_key, group.group_type, group.role_description, *(moment or "" for moment in moments))


def push_lists(tenant: Tenant, items: list[msgspec.Raw]) -> int:
    """POST /v2/list: how many were taken. Raises Failure, and then nothing of the push is applied."""
    lists = read_all(tenant, items, read_list)
    for each in lists:
        _change(tenant, each)
    return len(lists)


def read_list(tenant: Tenant, raw: msgspec.Raw) -> v2_bodies.ContactList:
    """One list. Raises msgspec.DecodeError or, where a contact is unknown and must not be, BadItemError."""
    sent = v2_bodies.read_list(raw)
    is_known = all(key in tenant.members for key in sent.contact_ids) or sent.mode == "Remove"
    if not is_known and tenant.switches.v2_unknown_contact == "fail":
        raise BadItemError("contact")
    return sent


def _change(tenant: Tenant, sent: v2_bodies.ContactList) -> None:
    found = tenant.lists.setdefault(sent.list_id, ContactList(sent.list_id))
    found.name = sent.list_name or found.name
    if sent.mode == "Replace":
        found.contact_ids.clear()
    for key in sent.contact_ids:
        if sent.mode == "Remove":
            found.contact_ids.pop(key, None)
        elif key in tenant.members:
            found.contact_ids[key] = None
