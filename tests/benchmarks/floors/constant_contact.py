"""Constant Contact: an import for each set of lists, whose people join all of them by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from typing import Any

from benchmarks.association import Counts, Moves
from benchmarks.floors import batches, calls, numbers
from benchmarks.poster import Poster
from crm_sync.providers.constant_contact import PROVIDER
from standins.constant_contact import contract
from standins.process import Controls

SINK_ANSWER = {"list_id": "1", "access_token": "1"}
AT_ONCE = {"polls_to_complete": 1}
IMPORT, CHANGE = PROVIDER.batch_size("enroll"), PROVIDER.batch_size("change_membership")


def headers(service: Controls) -> dict[str, str]:
    """A token that somebody has just allowed; the service keeps no pace."""
    service.switch(**contract.UNHURRIED, **AT_ONCE)
    return {"Authorization": f"Bearer {service.act('grant')['access_token']}"}


def post_all(rows: Iterable[Any], poster: Poster) -> None:
    """Every list, then everybody by imports, and one look at what became of them."""
    people: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        person = {"email": row.address, "first_name": row.first_name, "last_name": row.last_name}
        people[row.lists].append(person)
    lists = sorted({each for text in people for each in numbers(text)}, key=int)
    ids = {each: poster.now("POST", "/contact_lists", {"name": f"List {each}"})["list_id"] for each in lists}
    for text, of_one_set in people.items():
        for chunk in batches(of_one_set, IMPORT):
            joined = [ids[each] for each in numbers(text)]
            poster.later("POST", "/activities/contacts_json_import", {"import_data": chunk, "list_ids": joined})
    poster.finish()
    poster.now("GET", "/activities?limit=500")


def writes_for_all(held: Counts) -> dict[str, int]:
    """The cheaper of two ways: an import for each set of lists, or one of everybody and memberships list by list.

    A call puts all its people into all its lists. No two sets of the association's could share one without putting
    somebody into a list that is not theirs, so fewer calls than sets cannot do.
    """
    per_list = held.people_per_list
    by_sets = sum(calls(people, IMPORT) for people in held.people_by_lists.values())
    # Whoever is imported joins one list by that already.
    by_lists = sum(calls(people - held.people // len(per_list), CHANGE) for people in per_list.values())
    return {"import people": min(by_sets, calls(held.people, IMPORT) + by_lists), "make lists": len(per_list)}


def reads_for_all(_: Counts) -> dict[str, int]:
    """One look at all that goes on."""
    return {"look at what goes on": 1}


def writes_for_renamed(renamed: Counts) -> int:
    """Imports by lists that people are in already: so few lists that everybody is in one of them."""
    sets, lists = renamed.people_by_lists, sorted(renamed.people_per_list)
    fewest = next(
        size
        for size in range(1, len(lists) + 1)
        if any(all(each.intersection(some) for each in sets) for some in combinations(lists, size))
    )
    return max(fewest, calls(renamed.people, IMPORT))


def writes_for_moves(moves: Moves) -> int:
    """Each changes one list, so that no call can serve two lists; joining and leaving are calls of their own."""
    joining, leaving = moves.per_list
    return moves.new_lists + sum(calls(each, CHANGE) for each in [*joining.values(), *leaving.values()])
