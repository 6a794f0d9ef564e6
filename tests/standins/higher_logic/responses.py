"""The HTTP face of the pushes: reads the envelope, asks for the tenant, calls the rules, makes the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from standins.higher_logic import bodies, contacts, members, v2_bodies
from standins.higher_logic.errors import BAD_REQUEST, UNKNOWN_TENANT, Failure, Turned, outcome
from standins.higher_logic.state import Tenant
from standins.provider import Call


class Asked(msgspec.Struct):
    """A call that has shown its key, and the tenant behind the key."""

    tenant: Tenant
    call: Call


def push_members(asked: Asked) -> Any:
    """POST /push/v1/members."""
    if asked.call.query:
        raise Turned(400)
    push = _decoded(bodies.read_push, asked.call.body)
    _check_tenant(asked.tenant, push.tenant_code)
    return outcome(members.push(asked.tenant, push.items))


def push_contacts(asked: Asked) -> Any:
    """POST /v2/contactinfo."""
    return _pushed(asked, contacts.push)


def push_lists(asked: Asked) -> Any:
    """POST /v2/list."""
    return _pushed(asked, contacts.push_lists)


def not_imitated(asked: Asked) -> Any:
    """POST /v2/meeting and /v2/product: 501, for the pipeline has neither."""
    raise Turned(501)


def _pushed(asked: Asked, push: Callable[[Tenant, list[msgspec.Raw]], int]) -> Any:
    if asked.call.query:
        raise Turned(400)
    count = push(asked.tenant, _decoded(v2_bodies.read_array, asked.call.body))
    return outcome(count) if asked.tenant.switches.v2_answer == "like_v1" else None


def _decoded(decode: Callable[[bytes], Any], body: bytes) -> Any:
    try:
        return decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Failure(BAD_REQUEST) from error


def _check_tenant(tenant: Tenant, code: str) -> None:
    if code == tenant.switches.tenant_code:
        return
    if tenant.switches.unknown_tenant == "403":
        raise Turned(403)
    raise Failure(UNKNOWN_TENANT)
