"""The whole state as one JSON document, for tests that prove something about every member."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standins.clock import iso
from standins.document import document
from standins.mailchimp.state import Account, Audience, Change, Member


def pieces(account: Account, wanted: frozenset[str]) -> Iterator[bytes]:
    """`{audience_id, counts, segments, forgotten[, members][, history]}`."""
    audience = account.audience
    return document(
        wanted,
        _head(audience),
        members=lambda: (_member(audience, each) for each in list(audience.roster.values())),
        history=lambda: (_change(audience, each) for each in list(audience.history)),
    )


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
        "phone": member.phone,
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
