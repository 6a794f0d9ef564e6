"""The rules for one member: who may be created, changed, subscribed, moved to another address and forgotten."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from standins.mailchimp import bodies
from standins.mailchimp.errors import EXISTS, FORGOTTEN, INVALID, Refusal, compliance, invalid, not_found
from standins.mailchimp.merge_fields import Values
from standins.mailchimp.segments import tag_ids
from standins.mailchimp.state import Account, Audience, Member, key_of

ADDRESS = re.compile(r"[^@\s<>,;\"()]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
EXTRAS = (
    "email_type",
    "interests",
    "language",
    "vip",
    "location",
    "ip_signup",
    "timestamp_signup",
    "ip_opt",
    "timestamp_opt",
    "marketing_permissions",
)
UNARCHIVABLE = frozenset({"cleaned", "pending", "archived"})
HASH = re.compile(r"[0-9a-f]{32}")


def found(audience: Audience, name: str) -> Member:
    """The member of a path: by hash, by address or by contact_id. Raises Refusal 404."""
    member = audience.members.get(key_named(name))
    if member is None and HASH.fullmatch(name):
        by_id = audience.roster.get(int(name[:8], 16))
        member = by_id if by_id and by_id.contact_id == name else None
    if member is None:
        raise not_found()
    return member


def key_named(name: str) -> bytes:
    """The subscriber hash that a path names."""
    return bytes.fromhex(name) if HASH.fullmatch(name) else key_of(name)


def check_address(account: Account, audience: Audience, address: str) -> None:
    """Refuse what is no address, what looks fake and who was forgotten."""
    if not ADDRESS.fullmatch(address) or len(address) > 254 or ".." in address:
        raise Refusal(400, INVALID, "bad_address")
    if address.rpartition("@")[2].lower() in account.switches.fake_domains:
        raise Refusal(400, INVALID, "fake", address)
    if key_of(address) in audience.forgotten:
        raise Refusal(400, FORGOTTEN, "forgotten", address)
    known = audience.members.get(key_of(address))
    if (known is None or known.status != "subscribed") and _is_capped(account, audience, address):
        raise Refusal(400, INVALID, "capped", address)


def _is_capped(account: Account, audience: Audience, address: str) -> bool:
    """Whether the address came and went too often of late to come again now."""
    since = audience.now() - account.switches.sign_up_cap_hours * 3600
    recent = [moment for moment in audience.archived_at.get(key_of(address), ()) if moment >= since]
    return bool(len(recent) >= account.switches.sign_up_cap > 0)


def check_status(member: Member, status: str | UnsetType) -> None:
    """The compliance rule: who left by itself is not subscribed by the API; who bounced is not even asked again."""
    if not member.is_locked:
        return
    if status == "subscribed" or (status == "pending" and member.unsubscribed_by == "bounce"):
        raise compliance(member.address)


def merged(audience: Audience, values: Values, body: bodies.Details, skips_required: bool) -> Values:
    """The merge values after this request. Raises Refusal."""
    sent = body.merge_fields if isinstance(body.merge_fields, dict) else {}
    return audience.columns.merged(values, sent, skips_required)


def write_details(member: Member, body: bodies.Details, values: Values) -> None:
    """The details that were sent, except address, status and tags."""
    member.merge = values
    sent = {name: getattr(body, name) for name in EXTRAS if getattr(body, name, UNSET) is not UNSET}
    if sent:
        member.extra = (member.extra or {}) | msgspec.to_builtins(sent)


def created(audience: Audience, address: str, status: str, body: bodies.Details, skips_required: bool) -> Member:
    """A new member through the API; the address has been checked."""
    values = merged(audience, (), body, skips_required)
    member = audience.add(address, status, "api", values)
    write_details(member, body, values)
    return member


def post(account: Account, audience: Audience, body: bodies.NewMember, skips_required: bool) -> Member:
    """POST: new addresses only."""
    check_address(account, audience, body.email_address)
    known = audience.members.get(key_of(body.email_address))
    if known:
        check_status(known, body.status)
        raise Refusal(400, EXISTS, "exists", body.email_address)
    member = created(audience, body.email_address, body.status, body, skips_required)
    if body.tags is not UNSET:
        audience.set_tags(member, tag_ids(audience, body.tags))
    return member


def put(account: Account, audience: Audience, name: str, body: bodies.PutMember, skips_required: bool) -> Member:
    """PUT: insert, or update; status_if_new counts for the former only."""
    if body.status_if_new is UNSET and account.switches.put_without_status_if_new == "error":
        raise invalid("status_if_new", "no_status")
    member = _known(audience, name)
    if member:
        return _updated(account, audience, member, body, skips_required)
    check_address(account, audience, body.email_address)
    if key_named(name) != key_of(body.email_address):
        raise invalid("email_address", "wrong_hash")
    if body.status_if_new is UNSET:
        raise invalid("status_if_new", "no_status")
    status = body.status_if_new if body.status is UNSET else body.status
    return created(audience, body.email_address, str(status), body, skips_required)


def _known(audience: Audience, name: str) -> Member | None:
    try:
        return found(audience, name)
    except Refusal:
        return None


def _updated(
    account: Account, audience: Audience, member: Member, body: bodies.PutMember, skips_required: bool
) -> Member:
    check_address(account, audience, body.email_address)
    if key_of(body.email_address) != member.key:
        raise invalid("email_address", "wrong_hash")
    return change(audience, member, body.status, body, skips_required)


def change(
    audience: Audience, member: Member, status: str | UnsetType, body: bodies.Details, skips_required: bool
) -> Member:
    """Write the details and, where one is sent, the status; all of it or, on a Refusal, nothing."""
    check_status(member, status)
    write_details(member, body, merged(audience, member.merge, body, skips_required))
    if isinstance(status, str):
        audience.set_status(member, status, "api")
    else:
        audience.touch(member)
    return member


def patch(account: Account, audience: Audience, name: str, body: bodies.PatchMember, skips_required: bool) -> Member:
    """PATCH: as PUT for a known member, and the only way to another address."""
    member = found(audience, name)
    check_status(member, body.status)
    values = merged(audience, member.merge, body, skips_required)
    if isinstance(body.email_address, str):
        _move(account, audience, member, body.email_address)
    write_details(member, body, values)
    return change(audience, member, body.status, bodies.Details(), skips_required=True)


def _move(account: Account, audience: Audience, member: Member, address: str) -> None:
    key = key_of(address)
    if key != member.key:
        taken = "Deleted" if key in audience.forgotten else None
        if key in audience.members:
            taken = audience.members[key].status.capitalize()
        if taken:
            raise invalid("email address", "taken", address, taken)
    check_address(account, audience, address)
    audience.rename(member, address)


def archive(audience: Audience, name: str) -> None:
    """DELETE: out of the list, but remembered."""
    member = found(audience, name)
    if member.status in UNARCHIVABLE:
        raise Refusal(405, "Method Not Allowed", "bad_method", allow="GET, PUT")
    audience.set_status(member, "archived", "api")
    audience.archived_at.setdefault(member.key, []).append(member.changed)


def delete_permanently(audience: Audience, name: str) -> None:
    """The person is removed, and cannot be brought back by the API."""
    audience.forget(found(audience, name), "api")


def retag(audience: Audience, name: str, changes: list[Any]) -> None:
    """Put tags on and take tags off; an unknown tag that is put on is created."""
    member = found(audience, name)
    added = tag_ids(audience, [change.name for change in changes if change.status == "active"])
    names = {change.name.casefold() for change in changes if change.status == "inactive"}
    removed = {audience.segment_names[name] for name in names if name in audience.segment_names}
    kept = [number for number in member.tags if number not in removed]
    audience.set_tags(member, tuple(dict.fromkeys([*kept, *added])))
