"""The documents that Mailchimp answers with, rendered fast enough for five hundred members in a call."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from standins.clock import iso
from standins.mailchimp.state import Audience, Member, Segment

MOST_TAGS = 50
STATS = Raw(b'{"avg_open_rate":0,"avg_click_rate":0}')
PLACE = {"latitude": 0.0, "longitude": 0.0, "gmtoff": 0, "dstoff": 0, "country_code": "", "timezone": ""}
NO_PLACE = Raw(msgspec.json.encode(PLACE))
NO_PLACE_WITH_REGION = Raw(msgspec.json.encode(PLACE | {"region": ""}))


class Tag(msgspec.Struct):
    """A tag inside a member."""

    id: int
    name: str


class MemberDocument(msgspec.Struct):
    """A member as the vendor's schema has it; what is UNSET is not in that kind of answer."""

    id: str
    email_address: str | UnsetType
    unique_email_id: str
    email_type: str
    status: str
    merge_fields: dict[str, Any]
    interests: dict[str, bool]
    stats: Raw
    ip_signup: str
    timestamp_signup: str
    ip_opt: str
    timestamp_opt: str
    member_rating: int
    last_changed: str
    language: str
    vip: bool
    email_client: str
    location: Raw
    list_id: str
    links: Raw = msgspec.field(name="_links")
    tags_count: int | UnsetType = UNSET
    tags: list[Tag] | UnsetType = UNSET
    full_name: str | UnsetType = UNSET
    contact_id: str | UnsetType = UNSET
    web_id: int | UnsetType = UNSET
    unsubscribe_reason: str | UnsetType = UNSET
    consents_to_one_to_one_messaging: bool | UnsetType = UNSET
    sms_phone_number: str | UnsetType = UNSET
    sms_subscription_status: str | UnsetType = UNSET
    sms_subscription_last_updated: str | UnsetType = UNSET
    marketing_permissions: list[Any] | UnsetType = UNSET
    source: str | UnsetType = UNSET


def batch_document(audience: Audience, member: Member) -> MemberDocument:
    """A member in the answer of a batch or segment call: with tags and contact_id, without full_name and web_id."""
    document = _core(audience, member)
    document.contact_id = member.contact_id
    document.tags_count = len(member.tags)
    document.tags = [Tag(number, audience.segments[number].name) for number in member.tags[:MOST_TAGS]]
    return document


def segment_document(audience: Audience, member: Member) -> MemberDocument:
    """A member in the listing of a segment: with full_name, without tags."""
    document = _core(audience, member)
    document.full_name = _full_name(document.merge_fields)
    return document


def member_document(audience: Audience, member: Member) -> MemberDocument:
    """A member in full."""
    document = batch_document(audience, member)
    extra = member.extra or {}
    document.full_name = _full_name(document.merge_fields)
    document.web_id = 500_000_000 + member.serial
    document.unsubscribe_reason = extra.get("unsubscribe_reason", "") if member.status == "unsubscribed" else UNSET
    document.consents_to_one_to_one_messaging = member.status == "subscribed"
    document.sms_phone_number, document.sms_subscription_last_updated = member.phone, ""
    document.sms_subscription_status = "subscribed" if member.phone else "nonsubscribed"
    document.marketing_permissions = extra.get("marketing_permissions", [])
    document.source = extra.get("source", "API - Generic")
    if not extra.get("location"):
        document.location = NO_PLACE_WITH_REGION
    return document


def _core(audience: Audience, member: Member) -> MemberDocument:
    extra = member.extra or {}
    digest = member.key.hex()
    return MemberDocument(
        digest,
        member.address or UNSET,
        hashlib.md5(member.key, usedforsecurity=False).hexdigest()[:10],
        extra.get("email_type", "html"),
        member.status,
        audience.columns.rendered(member.merge),
        extra.get("interests", {}),
        STATS,
        extra.get("ip_signup", ""),
        extra.get("timestamp_signup", "") or _time(member.signed_up),
        extra.get("ip_opt", ""),
        extra.get("timestamp_opt", "") or _time(member.opted),
        2,
        iso(member.changed),
        extra.get("language", ""),
        extra.get("vip", False),
        "",
        _place(extra),
        audience.id,
        _member_links(audience.id, digest),
    )


def _time(moment: int) -> str:
    return iso(moment) if moment else ""


def _place(extra: dict[str, Any]) -> Raw:
    return Raw(msgspec.json.encode(PLACE | extra["location"])) if extra.get("location") else NO_PLACE


def _full_name(values: dict[str, Any]) -> str:
    return f"{values.get('FNAME', '')} {values.get('LNAME', '')}".strip()


def _member_links(list_id: str, digest: str) -> Raw:
    base = f"https://us1.api.mailchimp.com/3.0/lists/{list_id}/members"
    return Raw(
        (
            f'[{{"rel":"self","href":"{base}/{digest}","method":"GET"}},{{"rel":"parent","href":"{base}","method":"GET"}},'
            f'{{"rel":"upsert","href":"{base}/{digest}","method":"PUT"}},{{"rel":"delete","href":"{base}/{digest}","method":"DELETE"}}]'
        ).encode()
    )


def links(path: str) -> list[dict[str, str]]:
    """`_links` of any other document."""
    return [{"rel": "self", "href": f"https://us1.api.mailchimp.com/3.0{path}", "method": "GET"}]


def segment_document_of(audience: Audience, segment: Segment, active: int | None = None) -> dict[str, Any]:
    """A static segment; `active` replaces the count of subscribed members where include_* asked for more."""
    return {
        "id": segment.id,
        "name": segment.name,
        "member_count": segment.active if active is None else active,
        "type": "static",
        "created_at": iso(segment.created),
        "updated_at": iso(segment.updated),
        "options": {"match": "any", "conditions": []},
        "list_id": audience.id,
        "_links": links(f"/lists/{audience.id}/segments/{segment.id}"),
    }


def pruned(content: Any, kept: list[str], dropped: list[str]) -> Any:
    """What `fields` and `exclude_fields` leave of a document."""
    plain = msgspec.json.decode(msgspec.json.encode(content))
    if kept:
        plain = _kept(plain, _tree(kept))
    return _without(plain, _tree(dropped)) if dropped else plain


def _tree(paths: list[str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path in paths:
        branch = tree
        for name in path.split("."):
            branch = branch.setdefault(name, {})
    return tree


def _kept(content: Any, tree: dict[str, Any]) -> Any:
    if not tree:
        return content
    if isinstance(content, list):
        return [_kept(item, tree) for item in content]
    if not isinstance(content, dict):
        return content
    return {name: _kept(content[name], branch) for name, branch in tree.items() if name in content}


def _without(content: Any, tree: dict[str, Any]) -> Any:
    if isinstance(content, list):
        return [_without(item, tree) for item in content]
    if not isinstance(content, dict):
        return content
    return {
        name: _without(value, tree[name]) if name in tree else value
        for name, value in content.items()
        if name not in tree or tree[name]
    }
