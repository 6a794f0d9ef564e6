"""The whole state as one JSON document, made in pieces, for tests that prove something about every member."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec

from standins.clock import iso
from standins.mailchimp.state import Audience, Change, Member

PIECE = 2000


def pieces(audience: Audience, wanted: frozenset[str]) -> Iterator[bytes]:
    """`{audience_id, counts, segments, forgotten[, members][, history]}`."""
    yield msgspec.json.encode(_head(audience))[:-1]
    if "counts" not in wanted:
        yield from _array("members", (_member(audience, member) for member in list(audience.roster.values())))
    if "history" in wanted:
        yield from _array("history", (_change(audience, change) for change in list(audience.history)))
    yield b"}"


def _array(name: str, rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    yield f',"{name}":['.encode()
    is_first = True
    while piece := list(islice(rows, PIECE)):
        yield (b"" if is_first else b",") + msgspec.json.encode(piece)[1:-1]
        is_first = False
    yield b"]"


def _head(audience: Audience) -> dict[str, Any]:
    counts = {status: number for status, number in audience.counts.items() if number}
    return {
        "audience_id": audience.id,
        "counts": counts | {"members": len(audience.members), "segments": len(audience.segments)},
        "segments": [
            {"id": tag.id, "name": tag.name, "members": len(tag.members), "member_count": tag.active}
            for tag in audience.segments.values()
        ],
        "forgotten": len(audience.forgotten),
    }


def _member(audience: Audience, member: Member) -> dict[str, Any]:
    return {
        "address": member.address,
        "hash": member.key.hex(),
        "status": member.status,
        "unsubscribed_by": member.unsubscribed_by,
        "merge_fields": audience.columns.rendered(member.merge),
        "tags": [audience.segments[number].name for number in member.tags],
        "contact_id": member.contact_id,
        "last_changed": iso(member.changed),
    }


def _change(audience: Audience, change: Change) -> dict[str, Any]:
    moment, key, serial, before, after, by = change
    row = {"time": iso(moment), "hash": key.hex(), "serial": serial, "from": before, "to": after, "by": by}
    member = audience.roster.get(serial)
    return row | {"contact_id": member.contact_id if member else None}
