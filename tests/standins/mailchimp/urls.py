"""Which calls exist: method, path, handler, query parameters and body, as the vendor's schema 3.0.55 has them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from standins.mailchimp import account_responses as account
from standins.mailchimp import bodies, listing
from standins.mailchimp import member_responses as members
from standins.mailchimp import merge_field_responses as fields
from standins.mailchimp import segment_responses as segments
from standins.mailchimp.asked import Asked
from standins.mailchimp.queries import FIELDS, PAGED, Kinds

INCLUDES: Kinds = {"include_cleaned": "bool", "include_transactional": "bool", "include_unsubscribed": "bool"}
SKIP: Kinds = {"skip_merge_validation": "bool"}
MEMBERS: Kinds = PAGED | {
    "email_type": "text",
    "status": listing.STATUSES,
    "since_timestamp_opt": "time",
    "before_timestamp_opt": "time",
    "since_last_changed": "time",
    "before_last_changed": "time",
    "vip_only": "bool",
    "sort_field": tuple(listing.SORTABLE),
    "sort_dir": ("ASC", "DESC"),
    "unsubscribed_since": "time",
}
SEGMENTS: Kinds = (
    PAGED
    | INCLUDES
    | {"type": ("static", "saved", "fuzzy")}
    | {"since_created_at": "time", "before_created_at": "time", "since_updated_at": "time", "before_updated_at": "time"}
)
LISTS, LIST = "/lists", "/lists/{list_id}"
MEMBER = LIST + "/members/{subscriber_hash}"
SEGMENT = LIST + "/segments/{segment_id}"
FIELD = LIST + "/merge-fields/{merge_id}"


class Route:
    """One call of the API. `pattern` is below /3.0."""

    def __init__(
        self,
        method: str,
        pattern: str,
        handler: Callable[[Asked], Any],
        query: Kinds | None = None,
        body: type[msgspec.Struct] | None = None,
    ) -> None:
        self.method, self.pattern, self.handler, self.query, self.body = method, pattern, handler, query or {}, body
        self.regex = re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", pattern))


ROUTES: tuple[Route, ...] = (
    Route("GET", "/ping", account.ping),
    Route("GET", "/", account.root, FIELDS),
    Route("GET", LISTS, account.lists, PAGED | {"include_total_contacts": "bool"}),
    Route("GET", LIST, account.one_list, FIELDS | {"include_total_contacts": "bool"}),
    Route("POST", LIST, account.batch_subscribe, SKIP | {"skip_duplicate_check": "bool"}, bodies.Batch),
    Route("GET", LIST + "/members", members.list_members, MEMBERS),
    Route("POST", LIST + "/members", members.post_member, SKIP, bodies.NewMember),
    Route("GET", MEMBER, members.get_member, FIELDS),
    Route("PUT", MEMBER, members.put_member, SKIP, bodies.PutMember),
    Route("PATCH", MEMBER, members.patch_member, SKIP, bodies.PatchMember),
    Route("DELETE", MEMBER, members.delete_member),
    Route("POST", MEMBER + "/actions/delete-permanent", members.delete_permanently),
    Route("GET", MEMBER + "/tags", members.get_tags, PAGED),
    Route("POST", MEMBER + "/tags", members.post_tags, None, bodies.TagChanges),
    Route("GET", LIST + "/tag-search", segments.tag_search, {"name": "text"}),
    Route("GET", LIST + "/segments", segments.list_segments, SEGMENTS),
    Route("POST", LIST + "/segments", segments.post_segment, None, bodies.SegmentBody),
    Route("GET", SEGMENT, segments.get_segment, FIELDS | INCLUDES),
    Route("PATCH", SEGMENT, segments.patch_segment, None, bodies.SegmentBody),
    Route("POST", SEGMENT, segments.change_members, None, bodies.SegmentChange),
    Route("DELETE", SEGMENT, segments.delete_segment),
    Route("GET", SEGMENT + "/members", segments.list_members, PAGED | INCLUDES),
    Route("POST", SEGMENT + "/members", segments.post_member, None, bodies.SegmentMember),
    Route("DELETE", SEGMENT + "/members/{subscriber_hash}", segments.delete_member),
    Route("GET", LIST + "/merge-fields", fields.list_fields, PAGED | {"type": "text", "required": "bool"}),
    Route("POST", LIST + "/merge-fields", fields.post_field, None, bodies.NewField),
    Route("GET", FIELD, fields.get_field, FIELDS),
    Route("PATCH", FIELD, fields.patch_field, None, bodies.FieldChange),
    Route("DELETE", FIELD, fields.delete_field),
)
