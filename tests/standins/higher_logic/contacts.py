"""The rules of version 2: contacts, whose records are replaced as members' are, and lists with their three modes."""

from __future__ import annotations

from typing import Any

import msgspec

from standins.higher_logic import v2_bodies
from standins.higher_logic.batches import BadItemError, check_address, check_moment, push_records, read_all
from standins.higher_logic.state import ContactList, Place, Places, Record, Tenant

# What the details are called where both versions come to one; with no name of version 1 they keep their own.
V1_NAMES = {"PrimaryEmailAddress": "EmailAddress", "OrganizationName": "CompanyName"}
SECURITY_TYPE = "Membership"


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
    # Version 2 has one flag for what version 1 has two.
    details = {V1_NAMES.get(name, name): value for name, value in sent.items()}
    details["IsActive"] = sent.get("IsMember", False)
    for address in (
        details.get("EmailAddress", ""),
        *(each["EmailAddress"] for each in msgspec.to_builtins(contact.email_addresses)),
    ):
        check_address(tenant, address)
    for name in v2_bodies.MOMENTS.split():
        if name in details:
            check_moment(details[name])
    security = [each for each in contact.groups if each.group_type == SECURITY_TYPE]
    communities = [each for each in contact.groups if each.group_type != SECURITY_TYPE]
    return Record(
        key,
        details,
        _places(security),
        _places(communities),
        _names(security),
        _names(communities),
        _others(contact),
    )


def _others(contact: v2_bodies.ContactInfo) -> dict[str, Any]:
    said = {name: getattr(contact, name) for name in v2_bodies.OTHERS}
    return {name.title().replace("_", ""): msgspec.to_builtins(each) for name, each in said.items() if each}


def _names(groups: list[v2_bodies.Group]) -> dict[str, str]:
    return {group.group_id: group.group_name for group in groups if group.group_name}


def _places(groups: list[v2_bodies.Group]) -> Places:
    """Of a group that is named twice the last counts."""
    return tuple({group.group_id: _place(group) for group in groups}.values())


def _place(group: v2_bodies.Group) -> Place:
    moments = (group.initial_join_date, group.begin_date, group.end_date)
    for moment in moments:
        if moment is not None:
            check_moment(moment)
    return Place(group.group_id, group.group_type, group.role, *(moment or "" for moment in moments))


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
