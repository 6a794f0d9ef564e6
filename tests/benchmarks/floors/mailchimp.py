"""Mailchimp: people in bulk, then every tag with its people."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from benchmarks.association import Counts, Moves
from benchmarks.floors import batches, calls, numbers
from benchmarks.poster import Poster
from crm_sync.providers.mailchimp import PROVIDER
from standins.mailchimp import contract
from standins.process import Controls

SINK_ANSWER = {"id": 1}
AT_ONCE: dict[str, Any] = {}
AUDIENCE = f"/lists/{contract.EXTRAS['audience_id']}"
ENROLL, CHANGE = PROVIDER.batch_size("enroll"), PROVIDER.batch_size("change_membership")


def headers(_: Controls) -> dict[str, str]:
    """The key."""
    return {"Authorization": "Basic " + base64.b64encode(f"crm-sync:{contract.KEY}".encode()).decode()}


def post_all(rows: Iterable[Any], poster: Poster) -> None:
    """Everybody as a new member, then every list with its people."""
    lists: dict[str, list[str]] = defaultdict(list)
    for batch in batches(rows, ENROLL):
        members = []
        for row in batch:
            merge_fields = {"FNAME": row.first_name, "LNAME": row.last_name}
            members.append({"email_address": row.address, "merge_fields": merge_fields, "status": "subscribed"})
            for each in numbers(row.lists):
                lists[each].append(row.address)
        poster.later("POST", AUDIENCE, {"members": members, "update_existing": False})
    poster.finish()
    for name, addresses in lists.items():
        made = poster.now("POST", f"{AUDIENCE}/segments", {"name": f"List {name}", "static_segment": []})
        for chunk in batches(addresses, CHANGE):
            change = {"members_to_add": chunk, "members_to_remove": []}
            poster.later("POST", f"{AUDIENCE}/segments/{made['id']}", change)


def writes_for_all(held: Counts) -> dict[str, int]:
    """People in bulk; tags one by one."""
    per_list = held.people_per_list
    return {
        "subscribe": calls(held.people, ENROLL),
        "tag people": sum(calls(each, CHANGE) for each in per_list.values()),
        "make tags": len(per_list),
    }


def reads_for_all(_: Counts) -> dict[str, int]:
    """None."""
    return {}


def writes_for_renamed(renamed: Counts) -> int:
    """The same bulk call."""
    return calls(renamed.people, ENROLL)


def writes_for_moves(moves: Moves) -> int:
    """A call takes those who join a tag and those who leave it."""
    joining, leaving = moves.per_list
    both = joining.keys() | leaving.keys()
    return moves.new_lists + sum(calls(max(joining[each], leaving[each]), CHANGE) for each in both)
