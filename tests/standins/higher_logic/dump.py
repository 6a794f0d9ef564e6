"""The whole state as one JSON document, for tests that prove something about every member."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from standins.clock import iso
from standins.document import document
from standins.higher_logic.state import Change, Member, Places, Tenant

# What of the details stands beside the others, under a name of ours.
TEXTS = {
    "first_name": "FirstName",
    "last_name": "LastName",
    "email": "EmailAddress",
    "company": "CompanyName",
    "parent_key": "ParentMemberKey",
}
FLAGS = {"is_organization": "IsOrganization", "is_active": "IsActive", "is_member": "IsMember"}


def pieces(tenant: Tenant, wanted: frozenset[str]) -> Iterator[bytes]:
    """`{counts, communities, lists, pushes[, members][, history]}`."""
    return document(
        wanted,
        _head(tenant),
        members=lambda: (_member(tenant, each) for each in list(tenant.members.values())),
        history=lambda: (_change(each) for each in list(tenant.history)),
    )


def _head(tenant: Tenant) -> dict[str, Any]:
    members = tenant.members.values()
    return {
        "counts": {
            "members": len(members),
            "active": sum(member.is_active for member in members),
            "organizations": sum(member.is_organization for member in members),
            "communities": len(tenant.communities),
            "lists": len(tenant.lists),
        },
        "communities": [
            {"key": each.key, "name": each.name, "hidden": each.hidden, "members": each.members}
            for each in tenant.communities.values()
        ],
        "lists": [
            {"id": each.id, "name": each.name, "contact_ids": list(each.contact_ids)} for each in tenant.lists.values()
        ],
        "pushes": tenant.pushes,
    }


def _member(tenant: Tenant, member: Member) -> dict[str, Any]:
    details = member.read_details()
    row: dict[str, Any] = {"key": member.key}
    row |= {name: details.pop(field, False) for name, field in FLAGS.items()}
    row |= {name: details.pop(field, "") for name, field in TEXTS.items()}
    return row | {
        "parent_resolves": row["parent_key"] in tenant.members,
        "security_groups": _places(member.security, tenant.security_names),
        "communities": _places(member.communities, _community_names(tenant, member)),
        "fields": details,
        "extra": msgspec.Raw(member.extra),
        "pushes": member.pushes,
        "visible": tenant.is_visible(member),
        "updated_at": iso(int(member.updated)),
    }


def _community_names(tenant: Tenant, member: Member) -> dict[str, str]:
    return {place.key: tenant.communities[place.key].name for place in member.communities}


def _places(places: Places, names: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": names.get(place.key, place.key)} | place._asdict() for place in places]


def _change(change: Change) -> dict[str, Any]:
    moment, key, before, after, by = change
    return {"time": iso(int(moment)), "key": key, "from": before, "to": after, "by": by}
