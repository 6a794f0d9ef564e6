"""A member, with the places in groups, as both versions of the Push API need it."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import msgspec

from crm_sync.providers.higher_logic import PROVIDER, wire
from crm_sync.providers.texts import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_memberships = msgspec.json.Decoder(list[wire.Membership]).decode
_places = msgspec.json.Decoder(list[wire.ListPlace]).decode


class Place(msgspec.Struct, kw_only=True):
    """A place in a security group (``type`` is "") or in a community. Days are yyyy-mm-dd, or empty."""

    key: str
    name: str
    type: str = ""
    role: str = ""
    since: str = ""
    until: str = ""


class Member(msgspec.Struct, kw_only=True):
    """A person or an organization. ``texts``: field of version 1 → value. ``organization``: key of the member's main
    organization, "" for none. ``since``, ``until``: first and last day as a member; "" if open. ``further``: what the
    settings fill, by type and name."""

    key: str
    texts: dict[str, str]
    is_organization: bool
    organization: str
    since: str
    until: str
    security: list[Place]
    communities: list[Place]
    refuses_mail: bool = False
    further: dict[str, dict[str, Any]] = {}


def since(places: Iterable[Place]) -> str:
    """The first day of all places."""
    return min((each.since for each in places if each.since), default="")


def until(places: list[Place]) -> str:
    """The last day of all places; "" if one of them has no end."""
    return max((each.until for each in places), default="") if all(each.until for each in places) else ""


def types_of(memberships: str, status: str) -> list[Place]:
    """One place for each membership type with that status, from its first day to its last."""
    by_type: dict[int, list[Place]] = {}
    for each in _memberships(memberships):
        if each.status == status:
            place = Place(
                key=f"membership-type-{each.type_id}",
                name=_short(each.type),
                since=each.since or "",
                until=each.until or "",
            )
            by_type.setdefault(each.type_id, []).append(place)
    return [
        msgspec.structs.replace(same[0], since=since(same), until=until(same)) for _, same in sorted(by_type.items())
    ]


def communities(list_memberships: str, types: Mapping[str, str]) -> list[Place]:
    """One place for each synchronized list or committee. ``types``: kind of list → community type."""
    return [
        Place(
            key=f"list-{each.list_id}",
            name=_short(each.name),
            type=types.get(each.kind, each.kind.title()),
            role=each.role or "",
            since=each.since or "",
        )
        for each in sorted(_places(list_memberships), key=operator.attrgetter("list_id"))
    ]


def _short(name: str) -> str:
    return one_line(name)[: PROVIDER.list_name_characters]
