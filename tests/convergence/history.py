"""A history as Hypothesis makes it up: transactions, runs, bad weather, deaths, and people at work there."""

from __future__ import annotations

from typing import Any, ClassVar

import hypothesis.strategies as st
import psycopg
from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from convergence.arena import HASTY, Arena
from convergence.association import ADDRESSES, CHANGES, LASTING, Draw, pick
from convergence.verdict import MARKETERS_TAGS
from crm_sync.pipeline import STAGES

SECONDS_PER_DEED = 660  # more than the overlap of two polls: nothing is found again by luck

_number = st.integers(0, 19)
_draw = st.tuples(_number, _number, _number)
_changes = st.lists(st.tuples(st.sampled_from(list(CHANGES)), _draw), min_size=1, max_size=5)
_lasting = st.lists(st.tuples(st.sampled_from(LASTING), _draw), min_size=1, max_size=3)
_modes = st.sampled_from(["changes", "changes", "changes", "full", "backfill"])


class History(RuleBasedStateMachine):
    """One history; ``arena`` is set by the test.

    No rule has a precondition: what is open or dead may depend on how busy the machine is, and a history that is played
    again must draw the same. What makes no sense just now does nothing.
    """

    arena: ClassVar[Arena]

    def __init__(self) -> None:
        super().__init__()
        self.arena.reset()
        self.crm = self.arena.association
        self.open: psycopg.Connection[Any] | None = None
        self.dead: tuple[str, str, int] | None = None

    # -- the CRM

    @initialize(people=st.lists(_draw, min_size=3, max_size=8), runs=st.booleans())
    def begins(self, people: list[Draw], runs: bool) -> None:
        """Two lists and some people, synchronized or not yet."""
        self._transact([("add_list", (0, 0, 0)), ("add_list", (1, 0, 0)), *[("add_contact", draw) for draw in people]])
        if runs:
            self.arena.run("changes")

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

    @rule(mode=_modes, tries=st.integers(1, 2))
    def runs(self, mode: str, tries: int) -> None:
        """A whole run, in whatever weather."""
        self.dead = None
        note(f"well: {self.arena.run(mode, tries=tries)}")

    @rule(mode=st.sampled_from(["changes", "full"]))
    def runs_dry(self, mode: str) -> None:
        """A dry run, after which the provider is as before."""
        self.dead = None
        self.arena.run(mode, dry_run=True)

    @rule(mode=_modes, twice=st.sampled_from(list(STAGES)))
    def runs_a_stage_twice(self, mode: str, twice: str) -> None:
        """A run whose task was cleared and run again."""
        self.dead = None
        edits, stages = self.arena.edits, list(STAGES)
        at = stages.index(twice)
        airflow_run_id = self.arena.begin(mode)
        is_well = self.arena.play([*stages[: at + 1], *stages[at:]], airflow_run_id)
        self.arena.note(airflow_run_id, edits, is_well)

    @rule(mode=_modes, kill_at=st.integers(1, 40), dies_in=st.sampled_from(["load", "load", "load", "plan", "record"]))
    def runs_and_is_killed(self, mode: str, kill_at: int, dies_in: str) -> None:
        """A run that dies by SIGKILL."""
        self.dead = None
        edits, at = self.arena.edits, list(STAGES).index(dies_in)
        airflow_run_id = self.arena.begin(mode)
        before, rest = list(STAGES)[:at], list(STAGES)[at + 1 :]
        if not self.arena.play(before, airflow_run_id) or self.arena._is_over(airflow_run_id):
            return
        died = self.arena.killable.play(self.arena.world, [dies_in], airflow_run_id, kill_at)
        note(f"killed: {died}")
        assert died["error"] in {"", "TransientError", "LoadFailedError"}, died
        assert self.arena.is_stormy or not died["error"], died
        if died["killed"]:
            self.dead = (airflow_run_id, dies_in, edits)
        else:
            is_well = self.arena.play(rest or [], airflow_run_id) and not died["error"]
            self.arena.note(airflow_run_id, edits, is_well)

    @rule(how=st.sampled_from(["stage", "stage", "plan", "all", "record"]))
    def goes_on_with_the_dead_run(self, how: str) -> None:
        """Airflow tries the task again, somebody clears the run from a stage on, or record is all that follows."""
        if self.dead is None:
            return
        (airflow_run_id, stage, edits), self.dead = self.dead, None
        if how == "all":
            mode = self.arena.world.query("select mode from crm_sync.run where airflow_run_id = %s", airflow_run_id)[0][
                0
            ]
            edits = self.arena.edits
            self.arena.begin(mode, airflow_run_id)
        first = {"stage": stage, "all": "opt_outs"}.get(how, how)
        if how == "record":
            self._only_records(airflow_run_id)
            return
        is_well = self.arena.play(list(STAGES)[list(STAGES).index(first) :], airflow_run_id)
        self.arena.note(airflow_run_id, edits, is_well)

    def _only_records(self, airflow_run_id: str) -> None:
        was_stormy, self.arena.is_stormy = self.arena.is_stormy, True
        self.arena.play(["record"], airflow_run_id)
        self.arena.is_stormy = was_stormy

    # -- the weather

    @rule(
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
    def weather_turns_bad(self, kind: str, method: str, skip: int, times: int) -> None:
        """Some of the next calls fail, before or after their effect."""
        details: dict[str, Any] = {"skip": skip, "times": times, "method": method}
        if kind.isdigit():
            self.arena.standin.fault("status", status=int(kind), **details)
        else:
            self.arena.standin.fault(kind, seconds=0.02 if kind == "slow" else 0.5, **details)
        self.arena.is_stormy = True
        if kind.startswith("timeout"):
            self.arena.world.facts = HASTY

    # -- people at work at the provider

    def _member(self, which: int, *, only: str = "") -> str | None:
        members = self.arena.standin.state()["members"]
        return pick([m["address"] for m in members if only in {"", m["status"]}], which)

    def _act(self, action: str, **details: Any) -> dict[str, Any]:
        self.arena.standin.clock(advance_seconds=SECONDS_PER_DEED)
        return self.arena.standin.act(action, **details)  # type: ignore[no-any-return]

    @rule(who=_number, how=st.sampled_from(["unsubscribe", "unsubscribe", "admin_unsubscribe", "clean"]))
    def somebody_leaves(self, who: int, how: str) -> None:
        """An opt-out, or a bounce; no full run is needed to hear of it."""
        if address := self._member(who, only="subscribed"):
            self._act(how, address=address)

    @rule(who=_number)
    def somebody_comes_back(self, who: int) -> None:
        """Who had left signs up again."""
        if address := self._member(who, only="unsubscribed"):
            self._act("resubscribe", address=address)
            self.arena.edits += 1

    @rule(
        who=_number,
        how=st.sampled_from(["archive", "forget", "rename", "tag", "untag", "mark", "untag_all"]),
        what=_number,
    )
    def somebody_edits(self, who: int, how: str, what: int) -> None:
        """Something done by hand in the web application."""
        tags = [s["name"] for s in self.arena.standin.state()["segments"] if s["name"] not in MARKETERS_TAGS]
        address, tag = self._member(who, only="subscribed"), pick(tags, what)
        if how == "untag_all" and tag:
            self._act("delete_segment", name=tag)
        elif address is None or (how in {"tag", "untag"} and tag is None):
            return
        elif how == "mark":
            self._mark(address, what)
        elif how != "untag_all":
            self._edit(how, address, str(tag))
        self.arena.edits += 1

    def _edit(self, how: str, address: str, tag: str) -> None:
        if how == "rename":
            self._act("set_merge_fields", address=address, merge_fields={"FNAME": "By hand"})
        elif how in {"tag", "untag"}:
            self._act({"tag": "add_tag", "untag": "remove_tag"}[how], address=address, name=tag)
        else:
            self._act(how, address=address)
        if how == "forget":
            self.arena.by_hand.forgotten.add(address.lower())

    def _mark(self, address: str, which: int) -> None:
        tag = MARKETERS_TAGS[which % len(MARKETERS_TAGS)]
        done = self._act("add_tag", address=address, name=tag)
        self.arena.by_hand.tags.setdefault(done["contact_id"], set()).add(tag)

    @rule(who=_number, tagged=st.booleans())
    def a_stranger_appears(self, who: int, tagged: bool) -> None:
        """Somebody signs up there whom the CRM does not know, or not yet."""
        address = [*ADDRESSES, "stranger1@example.org", "stranger2@example.org"][who % 10]
        there = {member["address"].lower() for member in self.arena.standin.state()["members"]}
        if address in there | self.arena.by_hand.forgotten:
            return
        self._act("create_member", address=address)
        self.arena.by_hand.strangers.add(address)
        self.arena.edits += 1
        if tagged:
            self._mark(address, who)

    # -- the end

    @rule()
    def fair_weather(self) -> None:
        """The comparison, in the midst of a history."""
        self.dead = None
        self.arena.settle()

    def teardown(self) -> None:
        """The comparison at the end."""
        try:
            if self.open is not None:
                self.open.commit()
            self.arena.settle()
        finally:
            if self.open is not None:
                self.open.close()
        self.arena.assert_opt_outs_stand()
