"""Higher Logic: whole records in bulk, organizations before their people, one push after the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from benchmarks.association import Counts, Moves
from benchmarks.floors import batches, calls
from benchmarks.poster import Poster
from crm_sync.providers.higher_logic import PROVIDER
from crm_sync.providers.higher_logic.mapping import DETAILS
from standins.higher_logic import contract
from standins.process import Controls

SINK_ANSWER = {"success": True}
AT_ONCE: dict[str, Any] = {}
PUSH = PROVIDER.batch_size("enroll")


def headers(_: Controls) -> dict[str, str]:
    """The key."""
    return {"x-api-key": contract.KEY}


def post_all(rows: Iterable[Any], poster: Poster) -> None:
    """The organizations, then the people."""
    people: list[dict[str, Any]] = []
    organizations: list[dict[str, Any]] = []
    for row in rows:
        (organizations if row.kind == "organization" else people).append(_item(row))
    for items in (organizations, people):
        for chunk in batches(items, PUSH):
            poster.later("POST", "/members", {"TenantCode": contract.EXTRAS["tenant_code"], "Items": chunk})
        poster.finish()


def _item(row: Any) -> dict[str, Any]:
    memberships = msgspec.json.decode(row.memberships)
    employer = next(iter(msgspec.json.decode(row.organizations)), {"organization_id": "", "name": ""})
    details = {name: getattr(row, column) or "" for name, column in DETAILS.items()}
    details |= {
        "LegacyContactKey": row.contact_id,
        "CompanyName": employer["name"] or row.organization_name or "",
        "Phone1Type": "",
        "ParentMemberKey": str(employer["organization_id"]),
        "MemberSince": min((each["since"] for each in memberships), default=""),
        "MemberExpiresOn": max((each["until"] for each in memberships), default=""),
        "IsOrganization": row.kind == "organization",
        "IsActive": True,
        "IsMember": bool(memberships),
    }
    security = [_security_group(each) for each in memberships]
    communities = [_community(each) for each in msgspec.json.decode(row.list_memberships)]
    return {"MemberDetails": details, "SecurityGroups": security, "CommunityGroups": communities}


def _security_group(each: dict[str, Any]) -> dict[str, str]:
    since = {"SinceDate": each["since"], "BeginDate": each["since"], "EndDate": each["until"]}
    return _group(f"membership-type-{each['type_id']}", each["type"], "Security") | since


def _community(each: dict[str, Any]) -> dict[str, str]:
    since = {"SinceDate": each["since"], "BeginDate": "", "EndDate": ""}
    return _group(f"list-{each['list_id']}", each["name"], "List") | since


def _group(key: str, name: str, kind: str) -> dict[str, str]:
    return {"GroupKey": key, "GroupName": name, "GroupType": kind, "RoleDescription": "Member"}


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
