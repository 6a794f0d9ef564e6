"""Higher Logic, version 2: whole records in bulk, organizations before their people, one push after the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from benchmarks.association import Counts, Moves
from benchmarks.floors import batches, calls
from benchmarks.poster import Poster
from crm_sync.providers.higher_logic import PROVIDER
from crm_sync.providers.higher_logic.mapping import DETAILS
from crm_sync.providers.higher_logic.mapping_v2 import TEXTS
from standins.higher_logic import contract
from standins.process import Controls

SINK_ANSWER: dict[str, Any] = {}
AT_ONCE: dict[str, Any] = {}
PUSH = PROVIDER.batch_size("enroll")


def headers(_: Controls) -> dict[str, str]:
    """The key."""
    return {"ApiKey": contract.KEY}


def post_all(rows: Iterable[Any], poster: Poster) -> None:
    """The organizations, then the people."""
    people: list[dict[str, Any]] = []
    organizations: list[dict[str, Any]] = []
    for row in rows:
        (organizations if row.kind == "organization" else people).append(_item(row))
    for items in (organizations, people):
        for chunk in batches(items, PUSH):
            poster.later("POST", "/contactinfo", chunk)
        poster.finish()


def _item(row: Any) -> dict[str, Any]:
    memberships = msgspec.json.decode(row.memberships)
    employer = next(iter(msgspec.json.decode(row.organizations)), {"name": ""})
    details = {name: getattr(row, DETAILS[text]) or "" for name, text in TEXTS.items()}
    details |= {
        "ContactId": row.contact_id,
        "OrganizationName": employer["name"] or row.organization_name or "",
        "IsMember": bool(memberships),
        "IsOrganization": row.kind == "organization",
        "IsDeleted": False,
    }
    security = [_security_group(each) for each in memberships]
    communities = [_community(each) for each in msgspec.json.decode(row.list_memberships)]
    return {"ContactDetails": details, "Groups": security + communities, **_reached_by(row)}


def _reached_by(row: Any) -> dict[str, Any]:
    address = {"AddressLine1": row.address_line1 or "", "City": row.city or "", "AddressType": "Main"}
    phone = {"FormattedNumber": row.phone, "PhoneType": "Main Phone"}
    email = {"EmailAddress": row.address, "EmailType": "Primary Email"}
    return {
        "Addresses": [address] if row.city else [],
        "PhoneNumbers": [phone] if row.phone else [],
        "EmailAddresses": [email] if row.address else [],
    }


def _security_group(each: dict[str, Any]) -> dict[str, str]:
    since = {"InitialJoinDate": each["since"], "BeginDate": each["since"], "EndDate": each["until"]}
    days = {name: f"{day}T00:00:00.000Z" for name, day in since.items() if day}
    return _group(f"membership-type-{each['type_id']}", each["type"], "Membership") | days


def _community(each: dict[str, Any]) -> dict[str, str]:
    return _group(f"list-{each['list_id']}", each["name"], "List")


def _group(key: str, name: str, kind: str) -> dict[str, str]:
    return {"GroupId": key, "GroupName": name, "GroupType": kind, "Role": ""}


def writes_for_all(held: Counts) -> dict[str, int]:
    """Memberships and lists travel in the record."""
    return {"push organizations": calls(held.organizations, PUSH), "push people": calls(held.people, PUSH)}


def reads_for_all(_: Counts) -> dict[str, int]:
    """None: there is nothing to read."""
    return {}


def writes_for_renamed(renamed: Counts) -> int:
    """The records of those people once more."""
    return calls(renamed.people, PUSH)


def writes_for_moves(moves: Moves) -> int:
    """The same."""
    return calls(moves.people, PUSH)
