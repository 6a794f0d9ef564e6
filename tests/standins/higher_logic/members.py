"""The rules of version 1 for one item: what is wrong with it, and the record that it means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from standins.higher_logic import bodies
from standins.higher_logic.batches import BadItemError, check_address, check_day, push_records, read_all
from standins.higher_logic.state import Place, Places, Record, Tenant

EXTRA = {"demographics": "Demographics", "education": "Education", "job_history": "JobHistory"}


def push(tenant: Tenant, items: list[msgspec.Raw]) -> int:
    """POST /push/v1/members: how many were taken. Raises Failure, and then nothing of the push is applied."""
    return push_records(tenant, read_all(tenant, items, read))


def read(tenant: Tenant, raw: msgspec.Raw) -> Record:
    """One item as a record. Raises msgspec.DecodeError or BadItemError."""
    item = bodies.read_item(raw)
    details = details_of(msgspec.to_builtins(item.member_details))
    if details.get("ParentMemberKey") == details["LegacyContactKey"]:
        raise BadItemError("parent")
    check_address(tenant, details.get("EmailAddress", ""))
    for name in bodies.DAYS.split():
        check_day(details.get(name, ""))
    extra = {name: msgspec.to_builtins(getattr(item, field)) for field, name in EXTRA.items() if getattr(item, field)}
    for job in extra.get("JobHistory", []):
        check_day(job.get("StartDate", ""))
        check_day(job.get("EndDate", ""))
    return Record(
        details.pop("LegacyContactKey"),
        details,
        places(item.security_groups),
        places(item.community_groups),
        names(item.security_groups),
        names(item.community_groups),
        extra,
    )


def details_of(sent: dict[str, Any]) -> dict[str, Any]:
    """The details with their flags as booleans, for clients send "True" and "False" too."""
    flags = {name: sent[name] in {True, "True"} for name in bodies.FLAGS.split() if name in sent}
    return sent | flags


def places(groups: Sequence[bodies.SecurityGroup]) -> Places:
    """The places in these groups; of a group that is named twice the last counts."""
    for group in groups:
        for day in (group.since_date, group.begin_date, group.end_date):
            check_day(day)
    found = {group.group_key: _place(group) for group in groups}
    return tuple(found.values())


def _place(group: bodies.SecurityGroup) -> Place:
    return Place(
        group.group_key,
        group.group_type,
        group.role_description,
        group.since_date,
        group.begin_date,
        group.end_date,
    )


def names(groups: Sequence[bodies.SecurityGroup]) -> dict[str, str]:
    """The groups' names by key, of those that say one."""
    return {group.group_key: group.group_name for group in groups if group.group_name}
