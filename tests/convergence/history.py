"""A history as Hypothesis makes it up: transactions, runs, bad weather, deaths, and people at work there."""

from __future__ import annotations

from typing import Any, ClassVar

import hypothesis.strategies as st
import psycopg
from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from convergence.arena import HASTY, Arena
from convergence.association import CHANGES, LASTING, Draw
from convergence.memberships import MEMBER_CHANGES
from crm_sync.pipeline import STAGES

_number = st.integers(0, 19)
_draw = st.tuples(_number, _number, _number)
_changes = st.lists(st.tuples(st.sampled_from([*CHANGES, *MEMBER_CHANGES]), _draw), min_size=1, max_size=5)
_lasting = st.lists(st.tuples(st.sampled_from(LASTING), _draw), min_size=1, max_size=3)
_modes = st.sampled_from(["changes", "changes", "changes", "full", "backfill"])


class History(RuleBasedStateMachine):
    """One history of an association and its providers; ``arenas`` is set by the test.

    No rule has a precondition: what is open or dead may depend on how busy the machine is, and a history that is played
    again must draw the same. What makes no sense just now does nothing.
    """

    arenas: ClassVar[list[Arena]]

    def __init__(self) -> None:
        super().__init__()
        for arena in self.arenas:
            arena.reset()
        self.crm = self.arenas[0].association
        self.open: psycopg.Connection[Any] | None = None
        self.dead: dict[int, tuple[str, str, int]] = {}

    # -- the CRM

    @initialize(people=st.lists(_draw, min_size=3, max_size=8), runs=st.booleans())
    def begins(self, people: list[Draw], runs: bool) -> None:
        """Two lists and some people, synchronized or not yet."""
        contacts, members = [("add_contact", draw) for draw in people], [("start_membership", draw) for draw in people]
        self._transact([("add_list", (0, 0, 0)), ("add_list", (1, 0, 0)), *contacts, *members])
        if runs:
            for arena in self.arenas:
                arena.run("changes")

    def _transact(self, changes: list[tuple[str, Draw]], ending: str = "commit") -> None:
        with self.crm.connect() as connection:
            try:
                self._make(connection, changes, ending)
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                connection.rollback()

    def _make(self, connection: psycopg.Connection[Any], changes: list[tuple[str, Draw]], ending: str) -> None:
        with connection.cursor() as cursor:
            for name, draw in changes[:-1]:
                self.crm.change(cursor, name, draw)
            if ending == "savepoint":
                cursor.execute("savepoint here")
            self.crm.change(cursor, *changes[-1])
            if ending == "savepoint":
                cursor.execute("rollback to savepoint here")
        if ending == "rollback":
            connection.rollback()

    @rule(changes=_changes, ending=st.sampled_from(["commit"] * 5 + ["rollback", "savepoint"]))
    def transacts(self, changes: list[tuple[str, Draw]], ending: str) -> None:
        """A transaction of some changes."""
        self._transact(changes, ending)

    @rule(changes=_lasting)
    def begins_to_transact(self, changes: list[tuple[str, Draw]]) -> None:
        """A transaction that stays open over what follows."""
        if self.open is not None:
            return
        connection = self.crm.connect()
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
        if self.open is not None:
            self.open.commit() if commits else self.open.rollback()
            self.open.close()
            self.open = None

    # -- runs

    def _arena(self, which: int) -> Arena:
        return self.arenas[which % len(self.arenas)]

    def _arena_to_run(self, which: int) -> Arena:
        """The provider of that number, whose dead run, if there is one, is left to the next."""
        self.dead.pop(which % len(self.arenas), None)
        return self._arena(which)

    @rule(which=_number, mode=_modes, tries=st.integers(1, 2))
    def runs(self, which: int, mode: str, tries: int) -> None:
        """A whole run, in whatever weather."""
        note(f"well: {self._arena_to_run(which).run(mode, tries=tries)}")

    @rule(which=_number, mode=st.sampled_from(["changes", "full"]))
    def runs_dry(self, which: int, mode: str) -> None:
        """A dry run, after which the provider is as before."""
        self._arena_to_run(which).run(mode, dry_run=True)

    @rule(which=_number, mode=_modes, twice=st.sampled_from(list(STAGES)))
    def runs_a_stage_twice(self, which: int, mode: str, twice: str) -> None:
        """A run whose task was cleared and run again."""
        arena = self._arena_to_run(which)
        edits, stages = arena.edits, list(STAGES)
        at = stages.index(twice)
        airflow_run_id = arena.begin(mode)
        is_well = arena.play([*stages[: at + 1], *stages[at:]], airflow_run_id)
        arena.note(airflow_run_id, edits, is_well)

    @rule(
        which=_number,
        mode=_modes,
        kill_at=st.integers(1, 40),
        dies_in=st.sampled_from(["load", "load", "load", "plan", "record"]),
    )
    def runs_and_is_killed(self, which: int, mode: str, kill_at: int, dies_in: str) -> None:
        """A run that dies by SIGKILL."""
        arena = self._arena_to_run(which)
        edits, at = arena.edits, list(STAGES).index(dies_in)
        airflow_run_id = arena.begin(mode)
        before, rest = list(STAGES)[:at], list(STAGES)[at + 1 :]
        if not arena.play(before, airflow_run_id) or arena._is_over(airflow_run_id):
            return
        died = arena.killable.play(arena.world, [dies_in], airflow_run_id, kill_at)
        note(f"killed: {died}")
        assert died["error"] in {"", "TransientError", "LoadFailedError"}, died
        assert arena.is_stormy or not died["error"], died
        if died["killed"]:
            self.dead[which % len(self.arenas)] = (airflow_run_id, dies_in, edits)
        else:
            is_well = arena.play(rest or [], airflow_run_id) and not died["error"]
            arena.note(airflow_run_id, edits, is_well)

    @rule(which=_number, how=st.sampled_from(["stage", "stage", "plan", "all", "record"]))
    def goes_on_with_the_dead_run(self, which: int, how: str) -> None:
        """Airflow tries the task again, somebody clears the run from a stage on, or record is all that follows."""
        arena, dead = self._arena(which), self.dead.pop(which % len(self.arenas), None)
        if dead is None:
            return
        airflow_run_id, stage, edits = dead
        if how == "all":
            edits = arena.edits
            arena.begin(arena.mode_of(airflow_run_id), airflow_run_id)
        first = {"stage": stage, "all": "opt_outs"}.get(how, how)
        if how == "record":
            self._only_records(arena, airflow_run_id)
            return
        is_well = arena.play(list(STAGES)[list(STAGES).index(first) :], airflow_run_id)
        arena.note(airflow_run_id, edits, is_well)

    def _only_records(self, arena: Arena, airflow_run_id: str) -> None:
        was_stormy, arena.is_stormy = arena.is_stormy, True
        arena.play(["record"], airflow_run_id)
        arena.is_stormy = was_stormy

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

    # -- people at work at a provider

    @rule(which=_number, who=_number, how=st.sampled_from(["leave", "leave", "staff_leave", "bounce"]))
    def somebody_leaves(self, which: int, who: int, how: str) -> None:
        """An opt-out, or a bounce; no full run is needed to hear of it."""
        self._arena(which).by_hand.leave(self._arena(which), who, how)

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

    def _settle(self) -> None:
        # An opt-out at one provider is written into the CRM, and changes what the others must hold: so twice, and only
        # what all hold after that is compared with each.
        for arena in self.arenas:
            arena.clear_up()
        for arena in self.arenas:
            arena.settle()

    def teardown(self) -> None:
        """The comparison at the end."""
        try:
            if self.open is not None:
                self.open.commit()
            self._settle()
        finally:
            if self.open is not None:
                self.open.close()
        for arena in self.arenas:
            arena.assert_opt_outs_stand()
