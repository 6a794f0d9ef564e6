"""The HTTP face of static segments and the search for tags."""

from __future__ import annotations

from typing import Any

from standins.mailchimp import members, queries, segments
from standins.mailchimp.asked import Asked
from standins.mailchimp.errors import invalid, not_found
from standins.mailchimp.rendering import batch_document, links, segment_document, segment_document_of
from standins.mailchimp.state import Segment, key_of

HIDDEN = {
    "include_unsubscribed": "unsubscribed",
    "include_cleaned": "cleaned",
    "include_transactional": "transactional",
}
TIMES = (
    ("since_created_at", "created", 1),
    ("before_created_at", "created", -1),
    ("since_updated_at", "updated", 1),
    ("before_updated_at", "updated", -1),
)


def _statuses(query: dict[str, Any]) -> set[str]:
    return {"subscribed"} | {status for name, status in HIDDEN.items() if query.get(name)}


def _document(asked: Asked, segment: Segment) -> dict[str, Any]:
    shown = _statuses(asked.query)
    if shown == {"subscribed"}:
        return segment_document_of(asked.audience, segment)
    return segment_document_of(asked.audience, segment, sum(member.status in shown for member in segment.members))


def list_segments(asked: Asked) -> Any:
    """GET /lists/{list_id}/segments."""
    audience = asked.audience
    chosen = [segment for segment in audience.segments.values() if _is_asked_for(segment, asked.query)]
    return {
        "segments": [_document(asked, segment) for segment in chosen[queries.page(asked.query)]],
        "list_id": audience.id,
        "total_items": len(chosen),
        "_links": links(f"/lists/{audience.id}/segments"),
    }


def _is_asked_for(segment: Segment, query: dict[str, Any]) -> bool:
    if query.get("type", "static") != "static":
        return False
    return all((getattr(segment, part) - query[name]) * sign > 0 for name, part, sign in TIMES if name in query)


def post_segment(asked: Asked) -> Any:
    """POST /lists/{list_id}/segments."""
    audience = asked.audience
    return segment_document_of(audience, segments.create(asked.account, audience, asked.body))


def get_segment(asked: Asked) -> Any:
    """GET .../segments/{segment_id}."""
    return _document(asked, segments.found(asked.audience, asked.path["segment_id"]))


def patch_segment(asked: Asked) -> Any:
    """PATCH .../segments/{segment_id}."""
    audience = asked.audience
    segment = segments.found(audience, asked.path["segment_id"])
    return segment_document_of(audience, segments.change(asked.account, audience, segment, asked.body))


def delete_segment(asked: Asked) -> Any:
    """DELETE .../segments/{segment_id}."""
    asked.audience.delete_segment(segments.found(asked.audience, asked.path["segment_id"]))


def change_members(asked: Asked) -> Any:
    """POST .../segments/{segment_id}."""
    audience = asked.audience
    segment = segments.found(audience, asked.path["segment_id"])
    change = segments.Change(asked.account, audience, segment)
    change.apply(asked.body)
    errors = change.errors()
    return {
        "members_added": [batch_document(audience, member) for member in change.added],
        "members_removed": [batch_document(audience, member) for member in change.removed],
        "errors": errors,
        "total_added": len(change.added),
        "total_removed": len(change.removed),
        "error_count": len(errors),
        "_links": links(f"/lists/{audience.id}/segments/{segment.id}"),
    }


def list_members(asked: Asked) -> Any:
    """GET .../segments/{segment_id}/members."""
    audience = asked.audience
    segment = segments.found(audience, asked.path["segment_id"])
    shown = _statuses(asked.query)
    chosen = [member for member in segment.members if member.status in shown]
    return {
        "members": [segment_document(audience, member) for member in chosen[queries.page(asked.query)]],
        "total_items": len(chosen),
        "_links": links(f"/lists/{audience.id}/segments/{segment.id}/members"),
    }


def post_member(asked: Asked) -> Any:
    """POST .../segments/{segment_id}/members."""
    audience = asked.audience
    segment = segments.found(audience, asked.path["segment_id"])
    member = audience.members.get(key_of(asked.body.email_address))
    if member is None or not segments.is_addable(asked.account, member):
        raise invalid("email_address", "not_addable")
    if member not in segment.members:
        audience.set_tags(member, (*member.tags, segment.id))
    return segment_document(audience, member)


def delete_member(asked: Asked) -> Any:
    """DELETE .../segments/{segment_id}/members/{subscriber_hash}."""
    audience = asked.audience
    segment = segments.found(audience, asked.path["segment_id"])
    member = members.found(audience, asked.path["subscriber_hash"])
    if member not in segment.members:
        raise not_found()
    segments.untag(audience, member, segment)


def tag_search(asked: Asked) -> Any:
    """GET /lists/{list_id}/tag-search."""
    prefix = asked.query.get("name", "").casefold()
    names = asked.audience.segments.values()
    tags = [{"id": tag.id, "name": tag.name} for tag in names if tag.name.casefold().startswith(prefix)]
    return {"tags": tags, "total_items": len(tags)}
