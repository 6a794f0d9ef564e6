"""What people do at Mailchimp without its API: leave, come back, tidy up in the web application; and bulk seeding."""

from __future__ import annotations

from typing import Any

from standins.actions import Action, done
from standins.mailchimp.errors import Refusal
from standins.mailchimp.segments import tag_ids
from standins.mailchimp.state import Account, Audience, Member, Segment, key_of
from standins.provider import AdminError


def act(account: Account, wish: dict[str, Any]) -> dict[str, Any]:
    """Do one action; its keys are those of the function of that name. Raises AdminError."""
    try:
        return done(ACTIONS | OF_ACCOUNT, account if wish.get("action") in OF_ACCOUNT else account.audience, wish)
    except Refusal as refusal:
        raise AdminError(f"{wish['action']}: refused: {refusal.key}") from refusal


def _member(audience: Audience, address: str) -> Member:
    member = audience.members.get(key_of(address))
    if member is None:
        raise AdminError("no member with that address")
    return member


def _segment(audience: Audience, name: str) -> Segment:
    segment = audience.segment_named(name)
    if segment is None:
        raise AdminError("no segment of that name")
    return segment


def _done(member: Member) -> dict[str, Any]:
    return {"hash": member.key.hex(), "status": member.status, "contact_id": member.contact_id}


def _becomes(status: str, by: str) -> Action:
    def become(audience: Audience, address: str, reason: str | None = None) -> dict[str, Any]:
        member = _member(audience, address)
        audience.set_status(member, status, by)
        if reason:
            member.extra = (member.extra or {}) | {"unsubscribe_reason": reason}
        return _done(member)

    return become


def _forget(audience: Audience, address: str) -> dict[str, Any]:
    member = _member(audience, address)
    audience.forget(member, "admin")
    return {"hash": member.key.hex(), "status": "deleted"}


def _change_address(audience: Audience, address: str, new_address: str) -> dict[str, Any]:
    """The contact has another address from now on, as by the link under each mail; what else there is of it stays."""
    member = _member(audience, address)
    if audience.members.get(key_of(new_address), member) is not member:
        raise AdminError("that address exists")
    audience.rename(member, new_address)
    return _done(member)


def _set_merge_fields(audience: Audience, address: str, merge_fields: dict[str, Any]) -> dict[str, Any]:
    member = _member(audience, address)
    member.merge = audience.columns.merged(member.merge, merge_fields, skips_required=True)
    audience.touch(member)
    return _done(member)


def _add_tag(audience: Audience, address: str, name: str) -> dict[str, Any]:
    member = _member(audience, address)
    audience.set_tags(member, tuple(dict.fromkeys([*member.tags, *tag_ids(audience, [name])])))
    return _done(member)


def _remove_tag(audience: Audience, address: str, name: str) -> dict[str, Any]:
    member, segment = _member(audience, address), _segment(audience, name)
    audience.set_tags(member, tuple(number for number in member.tags if number != segment.id))
    return _done(member)


def _create_segment(audience: Audience, name: str) -> dict[str, Any]:
    if audience.segment_named(name):
        raise AdminError("a segment of that name exists")
    return {"id": audience.add_segment(name).id}


def _rename_segment(audience: Audience, name: str, new_name: str) -> dict[str, Any]:
    segment = _segment(audience, name)
    del audience.segment_names[name.casefold()]
    segment.name = new_name
    audience.segment_names[new_name.casefold()] = segment.id
    return {"id": segment.id}


def _delete_segment(audience: Audience, name: str) -> dict[str, Any]:
    segment = _segment(audience, name)
    audience.delete_segment(segment)
    return {"id": segment.id}


def _empty_audience(audience: Audience) -> dict[str, Any]:
    gone = len(audience.members)
    audience.clear()
    return {"removed": gone}


def _create_member(
    audience: Audience,
    address: str,
    status: str = "subscribed",
    merge_fields: dict[str, Any] | None = None,
    tags: list[str] | None = None,
    unsubscribed_by: str | None = None,
) -> dict[str, Any]:
    if key_of(address) in audience.members:
        raise AdminError("that address exists")
    values = audience.columns.merged((), merge_fields or {}, skips_required=True)
    member = audience.add(address, status, unsubscribed_by, values)
    if tags:
        audience.set_tags(member, tag_ids(audience, tags))
    return _done(member)


def _create_sms_contact(audience: Audience, phone: str, status: str = "subscribed") -> dict[str, Any]:
    """Somebody signs up for text messages alone; the other actions know them by their phone number."""
    return _done(audience.add("", status, None, (), phone))


def _create_members(
    audience: Audience,
    count: int = 0,
    start: int = 1,
    address: str = "person{n}@example.org",
    status: str = "subscribed",
    merge_fields: dict[str, str] | None = None,
    tags: list[str] | None = None,
    members: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    for given in members or []:
        _create_member(audience, **given)
    numbers = tag_ids(audience, tags or [])
    patterns = [(merge_fields or {}).get(field.tag, "") if field else "" for field in audience.columns.fields]
    varies = any("{n}" in pattern for pattern in patterns)
    values = tuple(patterns)
    for n in range(start, start + count):
        row = tuple(pattern.replace("{n}", str(n)) for pattern in patterns) if varies else values
        member = audience.add(address.replace("{n}", str(n)), status, None, row)
        if numbers:
            audience.set_tags(member, numbers)
    return {"members": len(audience.members)}


def _grant(account: Account) -> dict[str, Any]:
    return {"access_token": account.grants.issue()}


def _revoke(account: Account) -> dict[str, Any]:
    return {"revoked": account.grants.revoke()}


# What is done in the account's own settings, to the application.
OF_ACCOUNT: dict[str, Action] = {"grant": _grant, "revoke": _revoke}

ACTIONS: dict[str, Action] = {
    "unsubscribe": _becomes("unsubscribed", "contact"),
    "admin_unsubscribe": _becomes("unsubscribed", "admin"),
    "clean": _becomes("cleaned", "bounce"),
    "archive": _becomes("archived", "admin"),
    "await": _becomes("pending", "admin"),
    "resubscribe": _becomes("subscribed", "contact"),
    "forget": _forget,
    "change_address": _change_address,
    "set_merge_fields": _set_merge_fields,
    "add_tag": _add_tag,
    "remove_tag": _remove_tag,
    "create_segment": _create_segment,
    "rename_segment": _rename_segment,
    "delete_segment": _delete_segment,
    "create_member": _create_member,
    "create_members": _create_members,
    "create_sms_contact": _create_sms_contact,
    "empty_audience": _empty_audience,
}
