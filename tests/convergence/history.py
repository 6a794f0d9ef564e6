"""A history as Hypothesis makes it up: transactions, bad weather, people at work there, and between them runs."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import psycopg
from hypothesis.stateful import initialize, rule

from convergence.arena import HASTY
from convergence.association import (
    ADDRESSES,
    CHANGES,
    LASTING,
    Draw,
    ids,
    log_fires,
    pick,
    put_address,
    trade_addresses,
)
from convergence.memberships import MEMBER_CHANGES
from convergence.settings_drawn import SettingsDrawn

_number = st.integers(0, 19)
_draw = st.tuples(_number, _number, _number)
_changes = st.lists(st.tuples(st.sampled_from([*CHANGES, *MEMBER_CHANGES]), _draw), min_size=1, max_size=5)
_lasting = st.lists(st.tuples(st.sampled_from(LASTING), _draw), min_size=1, max_size=3)

LOGGED = ["contact", "email_address", "list", "list_member", "membership", "relationship"]
# When the triggers of a table fire by then, and how somebody writes to it.
SILENCED = {
    "off": ("disable", "origin"),
    "ordinary": ("enable", "origin"),
    "ordinary, at a replica": ("enable", "replica"),
    "of a replica": ("enable replica", "origin"),
    "always, at a replica": ("enable always", "replica"),
}
DELETING = ("delete_contact", "delete_list", "replace_list")


class History(SettingsDrawn):
    """One history of an association and its providers."""

    # -- the CRM

    @initialize(people=st.lists(_draw, min_size=3, max_size=8), runs=st.booleans(), version=_number)
    def begins(self, people: list[Draw], runs: bool, version: int) -> None:
        """Two lists and some people, synchronized or not yet."""
        self.the_version_is_another(version)
        contacts, members = [("add_contact", draw) for draw in people], [("start_membership", draw) for draw in people]
        self._transact([("add_list", (0, 0, 0)), ("add_list", (1, 0, 0)), *contacts, *members])
        if runs:
            for arena in self.arenas:
                arena.run("changes")

    @rule(changes=_changes, ending=st.sampled_from(["commit"] * 5 + ["rollback", "savepoint"]))
    def transacts(self, changes: list[tuple[str, Draw]], ending: str) -> None:
        """A transaction of some changes."""
        self._transact(changes, ending)

    @rule(changes=_lasting, level=st.sampled_from(["read committed", "repeatable read"]))
    def begins_to_transact(self, changes: list[tuple[str, Draw]], level: str) -> None:
        """A transaction that stays open over what follows, and may not see it."""
        if self.open is not None:
            return
        connection = self.crm.connect()
        connection.execute(f"set transaction isolation level {level}".encode())
        try:
            with connection.cursor() as cursor:
                for change in changes:
                    self.crm.change(cursor, *change)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            connection.close()
        else:
            self.open = connection

    @rule(commits=st.sampled_from([True, True, False]))
    def ends_the_open_transaction(self, commits: bool) -> None:
        """It is committed, or rolled back."""
        self._end_what_is_open(commits=commits)

    @rule(table=st.sampled_from(LOGGED), how=st.sampled_from(sorted(SILENCED)), changes=_changes, mends=st.booleans())
    def somebody_writes_past_the_log(self, table: str, how: str, changes: list[tuple[str, Draw]], mends: bool) -> None:
        """Triggers of the change log are off, or fire no longer always, while a transaction is made; perhaps they are
        as before then."""
        with self.crm.connect() as connection:
            try:
                when, role = SILENCED[how]
                connection.execute(log_fires(when, f"crm.{table}").encode())
                connection.execute(f"set local session_replication_role = {role}".encode())
                # A replica leaves what depends on a deleted row to the other server.
                kept = [each for each in changes if role == "origin" or each[0] not in DELETING]
                if kept:
                    self._make(connection, kept, "commit")
                if mends:
                    connection.execute(log_fires("enable always", f"crm.{table}").encode())
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                connection.rollback()

    # -- the weather

    @rule(
        which=_number,
        kind=st.sampled_from(
            [
                "bare_429",
                "bare_403",
                "html_400",
                "cut_before",
                "cut_after",
                "timeout_before",
                "timeout_after",
                "slow",
                "503",
                "500",
            ]
        ),
        method=st.sampled_from(["", "POST", "POST", "PATCH", "DELETE", "GET"]),
        skip=st.integers(0, 6),
        times=st.sampled_from([1, 2, 3, 4, 7, 12]),
    )
    def weather_turns_bad(self, which: int, kind: str, method: str, skip: int, times: int) -> None:
        """Some of the next calls fail, before or after their effect."""
        arena = self._arena(which)
        details: dict[str, Any] = {"skip": skip, "times": times, "method": method}
        if kind.isdigit():
            arena.standin.fault("status", status=int(kind), **details)
        else:
            arena.standin.fault(kind, seconds=0.02 if kind == "slow" else 0.5, **details)
        arena.is_stormy = True
        if kind.startswith("timeout"):
            arena.world.facts = HASTY

    @rule(which=_number, who=_number, status=st.sampled_from([500, 500, 429]))
    def calls_for_one_record_always_fail(self, which: int, who: int, status: int) -> None:
        """Whatever names a certain address is not answered for now."""
        arena = self._arena(which)
        arena.standin.fault("status", status=status, body_regex=f"(?i){ADDRESSES[who % len(ADDRESSES)]}")
        arena.is_stormy = True

    # -- people at work at a provider

    @rule(which=_number, who=_number, how=st.sampled_from(["leave", "leave", "staff_leave", "bounce"]))
    def somebody_leaves(self, which: int, who: int, how: str) -> None:
        """An opt-out, or a bounce; no full run is needed to hear of it."""
        self._arena(which).by_hand.leave(self._arena(which), who, how)

    @rule(which=_number, who=_number, when=st.sampled_from(["act_before", "act_after"]), skip=st.integers(0, 4))
    def somebody_leaves_while_a_run_sends(self, which: int, who: int, when: str, skip: int) -> None:
        """An opt-out, as a call of a later run is at work."""
        arena = self._arena(which)
        action = arena.by_hand.leaving(arena, who)
        if action is not None:
            methods = ["POST", "PUT", "PATCH", "DELETE"]
            arena.standin.fault(when, method=methods[who % 4], skip=skip, times=1, action=action)
            arena.is_stormy = True

    @rule(
        which=_number,
        who=_number,
        how=st.sampled_from(["leave", "leave", "staff_leave"]),
        other=_number,
        mode=st.sampled_from(["changes", "changes", "full"]),
    )
    def somebody_leaves_and_moves(self, which: int, who: int, how: str, other: int, mode: str) -> None:
        """Somebody opts out, and has another address in the CRM, maybe one that was traded, when the next run hears
        of it: they refuse mail all the same."""
        hearing = [number for number, arena in enumerate(self.arenas) if arena.provider.BY_HAND]
        arena = self._arena_to_run(hearing[which % len(hearing)])
        if not arena.run("changes"):
            return
        behind = pick(arena.subscribers(), who)
        if behind is None:
            return
        arena.by_hand.leave_at(arena, behind.address, how)
        self._moves(min(behind.contact_ids), other)
        if arena.run(mode):
            arena.assert_refuse_mail(behind.contact_ids)

    def _moves(self, contact_id: int, other: int) -> None:
        with self.crm.connect() as connection, connection.cursor() as cursor:
            try:
                if other % 2:
                    put_address(cursor, contact_id, f"moved{other}@example.org")
                else:
                    trade_addresses(cursor, contact_id, pick(ids(cursor, "contact"), other))
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                connection.rollback()

    @rule(which=_number, who=_number, to=_number)
    def somebody_changes_their_own_address(self, which: int, who: int, to: int) -> None:
        """Somebody has another address there, perhaps one that the CRM has of somebody else."""
        self._arena(which).by_hand.readdress(self._arena(which), who, to)

    @rule(which=_number, who=_number)
    def somebody_comes_back(self, which: int, who: int) -> None:
        """Who had left signs up again."""
        self._arena(which).by_hand.come_back(self._arena(which), who)

    @rule(
        which=_number,
        who=_number,
        how=st.sampled_from(["archive", "forget", "rename", "join", "part", "mark", "delete_list"]),
        what=_number,
    )
    def somebody_edits(self, which: int, who: int, how: str, what: int) -> None:
        """Something done by hand in the provider's own pages."""
        self._arena(which).by_hand.edit(self._arena(which), who, how, what)

    @rule(which=_number, who=_number, tagged=st.booleans())
    def a_stranger_appears(self, which: int, who: int, tagged: bool) -> None:
        """Somebody signs up there whom the CRM does not know, or not yet."""
        self._arena(which).by_hand.appear(self._arena(which), who, is_marked=tagged)

    # -- the end

    @rule()
    def fair_weather(self) -> None:
        """The comparison, in the midst of a history."""
        self.dead = {}
        self._settle()

    def teardown(self) -> None:
        """The comparison at the end."""
        try:
            self._end_what_is_open(commits=True)
            self._settle()
        finally:
            self._end_what_is_open(commits=False)
        for arena in self.arenas:
            arena.assert_opt_outs_stand()
