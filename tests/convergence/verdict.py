"""Compares what the provider holds with what the CRM says; a difference without a row to explain it is a finding."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

from convergence.oracle import Truth, Wish, tag_names

if TYPE_CHECKING:
    from convergence.byhand import ByHand
    from local.world import World

MARKETERS_TAGS = ["VIP", "Donors"]


@dataclass
class Verdict:
    """One comparison. ``findings`` is empty where the promise was kept."""

    truth: Truth
    state: dict[str, Any]
    exceptions: list[tuple[str, int | None, str | None, int | None, str]]
    by_hand: ByHand
    ever_ours: set[str]
    held: dict[str, str] = field(default_factory=dict)  # identity there → by which the ledger knows them
    findings: list[str] = field(default_factory=list)
    chosen: set[str] = field(default_factory=set)  # addresses that people chose for themselves there

    def __post_init__(self) -> None:
        """Compare all."""
        self.provider = self.truth.provider
        self.strangers = set(self.by_hand.strangers)
        self.members = self._members()
        self.explained = {row[2]: row[4] for row in self.exceptions if row[0] == "subscriber"}
        self.set_aside = {row[1] for row in self.exceptions if row[0] == "contact"}
        self.refused_lists = {row[3]: row[4] for row in self.exceptions if row[0] == "list"}
        self._compare_lists()
        for subscriber_key in sorted(set(self.truth.wishes) | set(self.members)):
            self._compare_person(
                subscriber_key, self.truth.wishes.get(subscriber_key, Wish()), self.members.get(subscriber_key)
            )
        self._compare_exceptions()

    def _members(self) -> dict[str, dict[str, Any]]:
        """Who is there, by the address that the CRM has of them: who changed it there is held by the other one still,
        where the ledger knows who that is, and is a stranger where it never did."""
        there = {member["address"].lower(): member for member in self.provider.people(self.state)}
        found = dict(there)
        for address, member in there.items():
            before, since = self.by_hand.chosen.get(member["identity"], ("", ""))
            if since != address or before == since:
                continue
            if self.held.get(member["identity"]) == before:
                anew = before in there and not there[before]["is_archived"]
                self._finds(anew, f"{before}: is there anew, and as {since}")
                found[before] = found.pop(address)
                self.chosen.add(since)
            elif member["identity"] not in self.held:
                self.strangers.add(since)
        return found

    def _finds(self, is_wrong: object, text: str) -> None:
        if is_wrong:
            self.findings.append(text)

    def _compare_lists(self) -> None:
        names = tag_names(self.truth.lists)
        there = set(self.provider.lists(self.state)) - set(MARKETERS_TAGS)
        self.tags = {list_id: name for list_id, name in names.items() if list_id not in self.refused_lists}
        too_long = {list_id for list_id, name in names.items() if len(name) > self.provider.LONGEST_LIST_NAME}
        taken = {list_id for list_id, name in names.items() if name.casefold() in self.by_hand.foreign_lists}
        self._finds(set(self.refused_lists) - too_long - taken, f"lists refused: {self.refused_lists}")
        self._finds(too_long - set(self.refused_lists), f"lists {too_long} cannot be there, and no row says so")
        missing = set(self.tags.values()) - there
        self._finds(missing, f"tags missing: {missing}")
        left_over = {
            name for name in there - set(self.tags.values()) if name.casefold() not in self.by_hand.foreign_lists
        }
        self._finds(len(left_over) > len(self.refused_lists), f"tags that no list has: {left_over}")

    def _compare_person(self, subscriber_key: str, wish: Wish, member: dict[str, Any] | None) -> None:
        tags = member["lists"] if member else set()
        ours = {list_id for list_id, name in self.tags.items() if name in tags}
        is_subscribed = member is not None and member["is_subscribed"]
        if member:
            kept = self.by_hand.tags.get(member["identity"], set()) if self._keeps_marks(member) else set()
            self._finds(tags & set(MARKETERS_TAGS) != kept, f"{subscriber_key}: marketers' tags {kept} became {tags}")
        if is_subscribed and wish.may_lists and not wish.is_refused:
            self._compare_held(subscriber_key, wish, member or {}, ours)
        else:
            self._finds(ours, f"{subscriber_key}: not to be subscribed, yet in lists {ours}")
            self._compare_absent(subscriber_key, wish, is_subscribed)

    def _keeps_marks(self, member: dict[str, Any]) -> bool:
        """Where leaving takes people out of every list, the marketers' marks go too."""
        return member["is_subscribed"] or not self.provider.LEAVING_TAKES_ALL_LISTS

    def _compare_held(self, subscriber_key: str, wish: Wish, member: dict[str, Any], ours: set[int]) -> None:
        missing = (wish.must_lists & set(self.tags)) - ours
        extra = ours - wish.may_lists
        self._finds(missing and not wish.may_be_refused, f"{subscriber_key}: not in lists {missing}")
        self._finds(extra, f"{subscriber_key}: still in lists {extra}")
        if wish.is_uncertain:
            return
        fields = member["names"]
        differs = any(said and said != held for said, held in zip(wish.names or (), fields, strict=True))
        self._finds(wish.names is None or differs, f"{subscriber_key}: is called {fields}, should be {wish.names}")
        is_spelled_otherwise = member["address"] != wish.address and member["address"].lower() not in self.chosen
        self._finds(is_spelled_otherwise, f"{subscriber_key}: is spelled {member['address']!r}, not {wish.address!r}")

    def _compare_absent(self, subscriber_key: str, wish: Wish, is_subscribed: bool) -> None:
        if is_subscribed:
            self._finds(
                subscriber_key not in self.strangers or wish.is_refused, f"{subscriber_key}: should not be subscribed"
            )
        elif wish.must_lists and not wish.is_refused and not wish.may_be_refused:
            self._finds(subscriber_key not in self.explained, f"{subscriber_key}: is missing, and no row says why")
            self._finds(
                not self._may_be_missing(subscriber_key),
                f"{subscriber_key}: is missing without need ({self.explained.get(subscriber_key)})",
            )

    def _may_be_missing(self, subscriber_key: str) -> bool:
        member = self.members.get(subscriber_key)
        left = member is not None and member["has_left"]
        return (
            left
            or subscriber_key in self.chosen
            or subscriber_key in self.by_hand.forgotten
            or subscriber_key in self.provider.REFUSED_ADDRESSES
        )

    def _compare_exceptions(self) -> None:
        bad = self.truth.bad_contacts
        self._finds(bad - self.set_aside, f"contacts {bad - self.set_aside} are bad, and no row says so")
        self._finds(self.set_aside - bad, f"contacts {self.set_aside - bad} are not bad, yet a row says so")
        waits = {
            subscriber_key for subscriber_key, reason in self.explained.items() if reason in {"deferred", "load_failed"}
        }
        self._finds(waits, f"still deferred: {waits}")


def undone_opt_outs(history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The changes by which the API subscribed somebody who had left; oldest first. By member, and by address."""
    gone: set[object] = set()
    undone = []
    for change in history:
        if change["leaves"]:
            gone |= change["keys"]
        elif change["subscribes"] and change["by"] == "contact":
            gone -= change["keys"]
        elif change["subscribes"] and change["by"] == "api" and change["keys"] & gone:
            undone.append(change)
    return undone


def touched_strangers(provider: ModuleType, state: dict[str, Any], never_ours: set[str]) -> list[str]:
    """Strangers whom the API gave another status."""
    keys = {change["key"] for change in provider.history(state) if change["by"] == "api"}
    people = provider.people(state)
    return [each["address"] for each in people if each["key"] in keys and each["address"].lower() in never_ours]


@dataclass(frozen=True)
class Subscriber:
    """One address as it is spelled there, and the contacts that are behind it by the CRM, each of them in a list."""

    address: str
    contact_ids: frozenset[int]


def subscribers(verdict: Verdict) -> list[Subscriber]:
    """The subscribed addresses behind which there are contacts and nothing is refused, set aside or uncertain."""
    found = []
    for subscriber_key, wish in sorted(verdict.truth.wishes.items()):
        member = verdict.members.get(subscriber_key)
        behind = frozenset(contact.contact_id for contact in wish.good_ones if contact.lists)
        is_plain = not (wish.is_refused or wish.is_uncertain or subscriber_key in verdict.explained)
        if member is not None and member["is_subscribed"] and behind and is_plain:
            found.append(Subscriber(member["address"], behind))
    return found


# What each run has come to: by its operations, and by the numbers that it is known by.
COUNTED = """
select run_id, count(*), count(*) filter (where status = 'applied'), count(*) filter (where status = 'refused'),
       count(*) filter (where status = 'deferred'), count(*) filter (where status = 'held'),
       count(*) filter (where status in ('pending', 'in_doubt', 'submitted'))
from crm_sync.operation group by run_id order by run_id
"""
KEPT = """
select run_id, planned, applied, refused, deferred, held, unsettled from crm_sync.run_summary
where planned > 0 order by run_id
"""
# Of runs that have ended, what was counted at their end.
ENDED = "join crm_sync.run r using (run_id) where r.state in ('previewed', 'recorded', 'failed')"
BY_KIND = f"""
select o.run_id, o.verb, o.list_id, o.cause, o.status, o.reason, count(*)
from crm_sync.operation o {ENDED} group by o.run_id, o.verb, o.list_id, o.cause, o.status, o.reason
order by 1, 2, 3, 4, 5, 6
"""
TALLIED = f"""
select t.run_id, t.verb, t.list_id, t.cause, t.status, t.reason, t.operations
from crm_sync.run_tally t {ENDED} order by 1, 2, 3, 4, 5, 6
"""


def assert_counted(world: World) -> None:
    """The numbers of each run are those of its operations, one by one."""
    assert world.query(COUNTED) == world.query(KEPT)
    assert world.query(BY_KIND) == world.query(TALLIED)
