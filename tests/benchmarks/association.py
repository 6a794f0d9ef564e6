"""The association whose synchronization is measured: how it is made, how it changes, and what a count of it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import psycopg

from local.crm_data import Tables, load, plain

Lists = frozenset[int]
Ask = Callable[..., list[tuple[Any, ...]]]

LISTS, LISTS_EACH = 10, 3
PEOPLE_PER_ORGANIZATION = 20
HOMES_SHARED_BY = 2
MEMBERSHIP_TYPES = ("Professional", "Student")
RENAMED_SHARE, MOVED_SHARE = 0.01, 0.1

PEOPLE_BY_LISTS = (
    "select lists, count(*) from (select array_agg(list_id order by list_id) as lists from crm.list_member"
    " join crm.list using (list_id) where sync_enabled and contact_id <= %s group by contact_id) as each group by lists"
)
ORGANIZATIONS = "select count(distinct organization_id) from crm.relationship where individual_id <= %s"
HOMES = "select count(distinct address_line1) from crm.contact where kind = 'individual' and contact_id <= %s"
RENAME = "update crm.contact set first_name = 'Re' || first_name where contact_id <= %s"
MORE_LISTS = (
    "insert into crm.list (name, sync_enabled) select 'List ' || n, true from generate_series(%s::int, %s::int) as n"
)
JOIN = "insert into crm.list_member (contact_id, list_id) select * from unnest(%s::bigint[], %s::bigint[])"
LEAVE = (
    "delete from crm.list_member where (contact_id, list_id) in (select * from unnest(%s::bigint[], %s::bigint[]) as m)"
)


@dataclass(frozen=True)
class Counts:
    """How many people there are with each set of lists, and how many organizations and homes they have."""

    people_by_lists: Mapping[Lists, int]
    organizations: int
    homes: int

    @property
    def people(self) -> int:
        """All of them."""
        return sum(self.people_by_lists.values())

    @property
    def people_per_list(self) -> Counter[int]:
        """By list; somebody counts in each of theirs."""
        per_list: Counter[int] = Counter()
        for lists, people in self.people_by_lists.items():
            per_list.update(dict.fromkeys(lists, people))
        return per_list


@dataclass(frozen=True)
class Moves:
    """Who joins which list and who leaves which, contact → list: one list a person. ``new_lists`` are made for it."""

    joining: Mapping[int, int] = field(default_factory=dict)
    leaving: Mapping[int, int] = field(default_factory=dict)
    new_lists: int = LISTS

    @property
    def people(self) -> int:
        """Whose lists change."""
        return len(self.joining) + len(self.leaving)

    @property
    def per_list(self) -> tuple[Counter[int], Counter[int]]:
        """How many join each list, and how many leave it."""
        return Counter(self.joining.values()), Counter(self.leaving.values())


def fill(connection: psycopg.Connection, people: int) -> None:
    """Load ``people`` valid individuals, all active members, each in three lists; they share homes, and every
    twentieth is the first of those who belong to one organization."""
    load(connection, tables(people))


def tables(people: int) -> Tables:
    """An association without surprises, and beside it memberships, homes and organizations."""
    made = plain(people, LISTS, LISTS_EACH)
    ids = made["contact"]["contact_id"]
    organizations = pd.Series(np.arange(-(-people // PEOPLE_PER_ORGANIZATION)) + people + 1)
    home = (ids % max(1, people // HOMES_SHARED_BY) + 1).astype(str) + " Main Street"
    place = {"city": "Springfield", "state": "IL", "postal_code": "62701", "country": "US"}
    individuals = made["contact"].assign(organization_name="", address_line1=home, **place)
    names = {"kind": "organization", "first_name": "", "last_name": ""}
    companies = pd.DataFrame({"contact_id": organizations, "organization_name": "Company " + organizations.astype(str)})
    employer = (ids - 1) // PEOPLE_PER_ORGANIZATION + people + 1
    kinds = pd.DataFrame({"membership_type_id": range(1, len(MEMBERSHIP_TYPES) + 1), "name": MEMBERSHIP_TYPES})
    type_of_each = ids % len(MEMBERSHIP_TYPES) + 1
    dates = {"started_on": "2024-01-01", "expires_on": "2030-12-31"}
    membership = pd.DataFrame({"contact_id": ids, "membership_type_id": type_of_each, "status": "active", **dates})
    return {
        **made,
        "contact": pd.concat([individuals, companies.assign(**names)], ignore_index=True),
        "membership_type": kinds,
        "membership": membership,
        "relationship": pd.DataFrame({"individual_id": ids, "organization_id": employer, "is_primary": True}),
    }


def counts(ask: Ask, up_to: int) -> Counts:
    """Of the contacts numbered ``up_to`` and below, as the CRM has them now."""
    by_lists = {frozenset(lists): people for lists, people in ask(PEOPLE_BY_LISTS, up_to)}
    return Counts(by_lists, ask(ORGANIZATIONS, up_to)[0][0], ask(HOMES, up_to)[0][0])


def rename(ask: Ask, people: int) -> Counts:
    """Rename a hundredth of ``people``; who that was."""
    return rename_some(ask, max(1, int(people * RENAMED_SHARE)))


def rename_some(ask: Ask, some: int) -> Counts:
    """Rename so many; who that was."""
    ask(RENAME, some)
    return counts(ask, some)


def move(ask: Ask, people: int) -> Moves:
    """A tenth of ``people`` change one list each, half of them joining one of ten new lists; who and which."""
    some = max(2, int(people * MOVED_SHARE))
    joining = {contact: LISTS + contact % LISTS + 1 for contact in range(1, some // 2 + 1)}
    leaving = {contact: contact % LISTS + 1 for contact in range(some // 2 + 1, some + 1)}
    ask(MORE_LISTS, LISTS + 1, 2 * LISTS)
    ask(JOIN, list(joining), list(joining.values()))
    ask(LEAVE, list(leaving), list(leaving.values()))
    return Moves(joining, leaving)
