"""What people do on a Higher Logic site without its API, which the next push knows nothing of; and bulk seeding."""

from __future__ import annotations

from typing import Any

import msgspec

from standins.actions import Action, done
from standins.higher_logic import bodies
from standins.higher_logic.batches import BadItemError
from standins.higher_logic.members import details_of
from standins.higher_logic.state import Community, Member, Place, Tenant
from standins.provider import AdminError


def act(tenant: Tenant, wish: dict[str, Any]) -> dict[str, Any]:
    """Do one action; its keys are those of the function of that name, `in` being is_in. Raises AdminError."""
    details = {("is_in" if name == "in" else name): value for name, value in wish.items()}
    try:
        return done(ACTIONS, tenant, details)
    except BadItemError as error:
        raise AdminError(f"{wish['action']}: {error}") from error


def _member(tenant: Tenant, key: str) -> Member:
    member = tenant.members.get(key)
    if member is None:
        raise AdminError("no member with that key")
    return member


def _community(tenant: Tenant, key: str) -> Community:
    community = tenant.communities.get(key)
    if community is None:
        raise AdminError("no community with that key")
    return community


def _described(community: Community) -> dict[str, Any]:
    return {"key": community.key, "name": community.name, "hidden": community.hidden}


def _unhide_community(tenant: Tenant, key: str) -> dict[str, Any]:
    community = _community(tenant, key)
    community.hidden = False
    return _described(community)


def _rename_community(tenant: Tenant, key: str, name: str) -> dict[str, Any]:
    community = _community(tenant, key)
    community.name = name
    return _described(community)


def _edit_member(tenant: Tenant, key: str, fields: dict[str, Any]) -> dict[str, Any]:
    """`fields` have the names of MemberDetails."""
    member = _member(tenant, key)
    msgspec.convert(fields | {"LegacyContactKey": key}, bodies.MemberDetails)
    before = member.status
    member.write_details(member.read_details() | details_of(fields))
    tenant.note(member, before, "admin")
    return {"key": key, "status": member.status}


def _set_community(tenant: Tenant, key: str, community: str, is_in: bool) -> dict[str, Any]:
    """`key` is the member's, `community` the community's, which must exist."""
    member, group = _member(tenant, key), _community(tenant, community)
    places = tuple(place for place in member.communities if place.key != group.key)
    tenant.set_communities(member, (*places, Place(group.key)) if is_in else places)
    tenant.note(member, member.status, "admin")
    return {"key": key, "communities": [place.key for place in member.communities]}


def _delete_member(tenant: Tenant, key: str) -> dict[str, Any]:
    tenant.remove(_member(tenant, key), "admin")
    return {"key": key, "status": "deleted"}


def _empty(tenant: Tenant) -> dict[str, Any]:
    gone = len(tenant.members)
    tenant.clear()
    return {"removed": gone}


def _create_member(
    tenant: Tenant, key: str, fields: dict[str, Any] | None = None, communities: list[str] | None = None
) -> dict[str, Any]:
    """An active member that no push made; `communities` are keys, of communities that are made where missing."""
    if key in tenant.members:
        raise AdminError("that key exists")
    wanted = {"IsActive": True} | (fields or {})
    msgspec.convert(wanted | {"LegacyContactKey": key}, bodies.MemberDetails)
    member = tenant.members[key] = Member(key)
    member.write_details(details_of(wanted))
    for name in communities or []:
        tenant.name_community(name, "")
    tenant.set_communities(member, tuple(Place(name) for name in communities or []))
    tenant.note(member, None, "admin")
    return {"key": key, "status": member.status}


def _create_members(
    tenant: Tenant,
    count: int,
    start: int = 1,
    key: str = "{n}",
    email: str = "person{n}@example.org",
    communities: list[str] | None = None,
) -> dict[str, Any]:
    """`{n}` runs from `start`; the history says nothing of them."""
    said = len(tenant.history)
    for n in range(start, start + count):
        fields = {"FirstName": "Person", "LastName": str(n), "EmailAddress": email.replace("{n}", str(n))}
        _create_member(tenant, key.replace("{n}", str(n)), fields, communities)
    del tenant.history[said:]
    return {"members": len(tenant.members)}


ACTIONS: dict[str, Action] = {
    "unhide_community": _unhide_community,
    "rename_community": _rename_community,
    "edit_member": _edit_member,
    "set_community": _set_community,
    "delete_member": _delete_member,
    "create_member": _create_member,
    "create_members": _create_members,
    "empty": _empty,
}
