"""Decides which people share a call, if one call takes many people and many lists: people with the same set of lists
together, or list by list, whichever needs fewer calls."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from crm_sync.pipeline.context import RunContext, log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm_sync.ledger.database import Transaction

Lists = frozenset[int]
BUNDLE_COLUMNS = ["kind", "lists", "carried", "bundle"]


def assign_bundles(ctx: RunContext, state: Transaction) -> None:
    """Give the run's operations their bundles; nothing to decide where a call takes one list."""
    if ctx.provider.lists_per_call == 1:
        return
    sets = state.frame("plan/list_sets", run_id=ctx.run.run_id)
    bundles = bundled(sets, ctx.provider.batch_size("enroll"), ctx.provider.batch_size("change_membership"))
    state.run(
        "plan/assign_bundles",
        run_id=ctx.run.run_id,
        **{name: bundles[name].tolist() for name in BUNDLE_COLUMNS},
    )
    log.info("%d different sets of lists share calls", len(bundles))


def bundled(sets: pd.DataFrame, per_enrolment: int, per_call: int) -> pd.DataFrame:
    """Where each set of lists goes. ``sets``: kind (enroll, add, remove), lists (array text), people (int).

    Returns kind, lists, carried (array text of the lists that the enrolling call takes along; empty for add and remove)
    and bundle (the set whose people share a membership call, "" for list by list). ``per_enrolment``, ``per_call``:
    people that one call takes.
    """
    rows: list[tuple[str, str, str, str]] = []
    enrolled = _people_of(sets, "enroll")
    carried = _cheapest_enrolment(enrolled, per_enrolment, per_call)
    pool = Counter(_people_of(sets, "add"))
    for lists, people in enrolled.items():
        pool[lists - carried[lists]] += people
    together = _together(pool, per_call)
    for lists in enrolled:
        rest = lists - carried[lists]
        rows.append(("enroll", _text(lists), _text(carried[lists]), _text(rest) if rest in together else ""))
    rows += [("add", _text(each), "{}", _text(each) if each in together else "") for each in _people_of(sets, "add")]
    leaving = _people_of(sets, "remove")
    apart = _together(leaving, per_call)
    rows += [("remove", _text(each), "{}", _text(each) if each in apart else "") for each in leaving]
    return pd.DataFrame(rows, columns=BUNDLE_COLUMNS)


def _people_of(sets: pd.DataFrame, kind: str) -> Counter[Lists]:
    rows = sets[sets["kind"] == kind]
    pairs = zip(rows["lists"].tolist(), rows["people"].tolist(), strict=True)
    return Counter({frozenset(map(int, text[1:-1].split(","))): int(people) for text, people in pairs})


def _text(lists: Lists) -> str:
    return "{" + ",".join(map(str, sorted(lists))) + "}"


@dataclass
class _Tally:
    """Calls of a membership change list by list, kept while sets come and go."""

    per_call: int
    people: Counter[int] = field(default_factory=Counter)
    calls: int = 0

    def add(self, lists: Lists, people: int) -> None:
        for each in lists:
            self.calls -= -(-self.people[each] // self.per_call)
            self.people[each] += people
            self.calls += -(-self.people[each] // self.per_call)


def _together(sets: Counter[Lists], per_call: int) -> set[Lists]:
    """The sets whose people go in calls of their own; for the others it is cheaper list by list.

    Larger sets first: of the ways to cut that order in two, the one with the fewest calls.
    """
    return _best_cut(sets, per_call)[1]


def _best_cut(sets: Counter[Lists], per_call: int) -> tuple[int, set[Lists]]:
    ordered = [(lists, people) for lists, people in sets.most_common() if lists]
    own_calls = [-(-people // per_call) for _, people in ordered]
    own = sum(own_calls)
    best, cut = own, len(ordered)
    tally = _Tally(per_call)
    for at in range(len(ordered) - 1, -1, -1):
        tally.add(*ordered[at])
        own -= own_calls[at]
        if own + tally.calls < best:
            best, cut = own + tally.calls, at
    return best, {lists for lists, _ in ordered[:cut]}


def _cheapest_enrolment(sets: Counter[Lists], per_enrolment: int, per_call: int) -> dict[Lists, Lists]:
    """For each set the lists that its people's enrolling call takes along: all of them, or one for people of many sets.

    Larger sets first again; the cut is tried at a few places, since each try counts all membership calls.
    """
    ordered = [lists for lists, _ in sets.most_common()]
    best: tuple[int, dict[Lists, Lists]] | None = None
    for cut in _cuts(len(ordered)):
        carried = dict(zip(ordered, ordered, strict=True)) | _by_one_list(Counter({s: sets[s] for s in ordered[cut:]}))
        calls = _enrolling_calls(sets, carried, per_enrolment) + _best_cut(_left(sets, carried), per_call)[0]
        if best is None or calls < best[0]:
            best = (calls, carried)
    return best[1] if best else {}


def _cuts(length: int) -> Iterator[int]:
    yield length
    step = length
    while step > 1:
        step //= 2
        yield step
    if length:
        yield 0


def _by_one_list(sets: Counter[Lists]) -> dict[Lists, Lists]:
    """Each set by the one of its lists that most people are in."""
    common: Counter[int] = Counter()
    for lists, people in sets.items():
        common.update(dict.fromkeys(lists, people))
    return {lists: frozenset([max(sorted(lists), key=lambda each: common[each])]) for lists in sets}


def _enrolling_calls(sets: Counter[Lists], carried: dict[Lists, Lists], per_enrolment: int) -> int:
    people: Counter[Lists] = Counter()
    for lists, count in sets.items():
        people[carried[lists]] += count
    return sum(-(-count // per_enrolment) for count in people.values())


def _left(sets: Counter[Lists], carried: dict[Lists, Lists]) -> Counter[Lists]:
    left: Counter[Lists] = Counter()
    for lists, people in sets.items():
        left[lists - carried[lists]] += people
    return left
