"""The fate of a push with many items: how many are allowed, what one bad item does to the others, what is applied."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

import msgspec

from standins.higher_logic.errors import BAD_ITEM, TOO_MANY_ITEMS, Failure
from standins.higher_logic.state import Record, Tenant

ADDRESS = re.compile(r"[^@\s<>,;\"()]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")
LONGEST_ADDRESS = 254
Read = TypeVar("Read")


class BadItemError(ValueError):
    """An item whose fields are of the right type, and that is refused all the same."""


def read_all(tenant: Tenant, items: list[msgspec.Raw], read: Callable[[Tenant, msgspec.Raw], Read]) -> list[Read]:
    """The good items. Raises Failure where there are too many or, unless bad ones are skipped, where one is bad."""
    if len(items) > tenant.switches.max_items:
        raise Failure(TOO_MANY_ITEMS)
    good = []
    for item in items:
        try:
            good.append(read(tenant, item))
        except (BadItemError, msgspec.DecodeError, UnicodeDecodeError) as error:
            fail_unless_skipped(tenant, error)
    return good


def fail_unless_skipped(tenant: Tenant, error: Exception | None = None) -> None:
    """Raise Failure for the whole push, in a sentence that names no item; or do nothing, by the switch `bad_item`."""
    if tenant.switches.bad_item == "fails_batch":
        raise Failure(BAD_ITEM) from error


def push_records(tenant: Tenant, records: list[Record]) -> int:
    """Apply the good records, all of them or, where a parent is unknown and must not be, none."""
    if tenant.switches.unknown_parent == "fail":
        records = _with_known_parents(tenant, records)
    for record in records:
        tenant.push(record)
    return len(records)


def _with_known_parents(tenant: Tenant, records: list[Record]) -> list[Record]:
    together = {record.key for record in records}
    known = [record for record in records if _parent(record) in {"", *together} or _parent(record) in tenant.members]
    if len(known) < len(records):
        fail_unless_skipped(tenant)
    return known


def _parent(record: Record) -> str:
    return str(record.details.get("ParentMemberKey", ""))


def check_address(tenant: Tenant, address: str) -> None:
    """An address may be empty; else it must look like one, and not be at a fake domain. Raises BadItemError."""
    if not address:
        return
    if not ADDRESS.fullmatch(address) or ".." in address or len(address) > LONGEST_ADDRESS:
        raise BadItemError("address")
    if address.rpartition("@")[2].lower() in tenant.switches.fake_domains:
        raise BadItemError("address")


def check_day(text: str) -> None:
    """The day must be in the calendar; its form has been seen to. Raises BadItemError."""
    try:
        if text:
            date.fromisoformat(text)
    except ValueError as error:
        raise BadItemError("day") from error


def check_moment(text: str) -> None:
    """The moment must be in the calendar; its form has been seen to. Raises BadItemError."""
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise BadItemError("moment") from error
