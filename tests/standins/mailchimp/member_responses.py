"""The HTTP face of members and their tags."""

from __future__ import annotations

from typing import Any

from standins.clock import iso
from standins.mailchimp import listing, members, queries
from standins.mailchimp.asked import Asked
from standins.mailchimp.rendering import links, member_document


def list_members(asked: Asked) -> Any:
    """GET /lists/{list_id}/members."""
    audience = asked.audience
    chosen = listing.listed(asked.account, audience, asked.query)
    return {
        "members": [member_document(audience, member) for member in chosen[queries.page(asked.query)]],
        "list_id": audience.id,
        "total_items": len(chosen),
        "_links": links(f"/lists/{audience.id}/members"),
    }


def post_member(asked: Asked) -> Any:
    """POST /lists/{list_id}/members."""
    audience = asked.audience
    return member_document(audience, members.post(asked.account, audience, asked.body, asked.skips_required))


def get_member(asked: Asked) -> Any:
    """GET .../members/{subscriber_hash}."""
    audience = asked.audience
    return member_document(audience, members.found(audience, asked.path["subscriber_hash"]))


def put_member(asked: Asked) -> Any:
    """PUT .../members/{subscriber_hash}."""
    audience, name = asked.audience, asked.path["subscriber_hash"]
    return member_document(audience, members.put(asked.account, audience, name, asked.body, asked.skips_required))


def patch_member(asked: Asked) -> Any:
    """PATCH .../members/{subscriber_hash}."""
    audience, name = asked.audience, asked.path["subscriber_hash"]
    return member_document(audience, members.patch(asked.account, audience, name, asked.body, asked.skips_required))


def delete_member(asked: Asked) -> Any:
    """DELETE .../members/{subscriber_hash}: archives."""
    members.archive(asked.audience, asked.path["subscriber_hash"])


def delete_permanently(asked: Asked) -> Any:
    """POST .../actions/delete-permanent."""
    members.delete_permanently(asked.audience, asked.path["subscriber_hash"])


def get_tags(asked: Asked) -> Any:
    """GET .../tags."""
    audience = asked.audience
    member = members.found(audience, asked.path["subscriber_hash"])
    segments = [audience.segments[number] for number in member.tags]
    tags = [
        {"id": segment.id, "name": segment.name, "date_added": iso(segment.members[member])} for segment in segments
    ]
    path = f"/lists/{audience.id}/members/{member.key.hex()}/tags"
    return {"tags": tags[queries.page(asked.query)], "total_items": len(tags), "_links": links(path)}


def post_tags(asked: Asked) -> Any:
    """POST .../tags."""
    members.retag(asked.audience, asked.path["subscriber_hash"], asked.body.tags)
