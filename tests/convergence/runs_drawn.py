"""The runs of a random history: whole ones, dry ones, those that die and are gone on with, those that are cleared."""

from __future__ import annotations

from typing import Any, ClassVar

import hypothesis.strategies as st
import psycopg
from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine, rule

from convergence.arena import Arena
from convergence.association import Draw, pick
from convergence.stages import stages_before, stages_from
from crm_sync.errors import ConfigError, LoadFailedError, SupersededError
from crm_sync.pipeline import STAGES

_number = st.integers(0, 19)
_modes = st.sampled_from(["changes", "changes", "changes", "compare", "full", "backfill"])
# How a run may end that is cleared from a later task on, whatever the weather.
_OUT_OF_PLACE = (SupersededError, LoadFailedError, ConfigError)


class RunsDrawn(RuleBasedStateMachine):
    """The runs of some providers on one association; ``arenas`` is set by the test.

    No rule has a precondition: what is open or dead may depend on how busy the machine is, and a history that is played
    again must draw the same. What makes no sense just now does nothing.
    """

    arenas: ClassVar[list[Arena]]
    open: psycopg.Connection[Any] | None = None  # a transaction of the CRM that lasts

    def __init__(self) -> None:
        super().__init__()
        for arena in self.arenas:
            arena.reset()
        self.crm = self.arenas[0].association
        self.dead: dict[int, tuple[str, str, int]] = {}
        self.outdated: set[int] = set()  # dead runs, by provider, that rest on what is no more

    def _arena(self, which: int) -> Arena:
        return self.arenas[which % len(self.arenas)]

    def _arena_to_run(self, which: int) -> Arena:
        """The provider of that number, whose dead run, if there is one, is left to the next."""
        self.dead.pop(which % len(self.arenas), None)
        self.outdated.discard(which % len(self.arenas))
        return self._arena(which)

    @rule(which=_number, mode=_modes, tries=st.integers(1, 2))
    def runs(self, which: int, mode: str, tries: int) -> None:
        """A whole run, in whatever weather."""
        note(f"well: {self._arena_to_run(which).run(mode, tries=tries)}")

    @rule(which=_number, mode=st.sampled_from(["changes", "compare", "full"]))
    def runs_dry(self, which: int, mode: str) -> None:
        """A dry run, after which the provider is as before."""
        self._arena_to_run(which).run(mode, dry_run=True)

    @rule(which=_number, mode=_modes, twice=st.sampled_from(list(STAGES)))
    def runs_a_stage_twice(self, which: int, mode: str, twice: str) -> None:
        """A run whose task was cleared and run again."""
        arena = self._arena_to_run(which)
        edits = arena.edits
        airflow_run_id = arena.begin(mode)
        is_well = arena.play([*stages_before(twice), twice, *stages_from(twice)], airflow_run_id)
        arena.note(airflow_run_id, edits, is_well)

    @rule(
        which=_number,
        mode=_modes,
        kill_at=st.integers(1, 40),
        dies_in=st.sampled_from(["load", "load", "load", "plan", "record", *STAGES]),
    )
    def runs_and_is_killed(self, which: int, mode: str, kill_at: int, dies_in: str) -> None:
        """A run that dies by SIGKILL."""
        arena = self._arena_to_run(which)
        edits = arena.edits
        airflow_run_id = arena.begin(mode)
        if not arena.play(stages_before(dies_in), airflow_run_id) or arena.is_over(airflow_run_id):
            return
        died = arena.killable.play(arena.world, [dies_in], airflow_run_id, kill_at)
        note(f"killed: {died}")
        assert died["error"] in {"", "TransientError", "LoadFailedError"}, died
        assert arena.is_stormy or not died["error"], died
        if died["killed"]:
            self.dead[which % len(self.arenas)] = (airflow_run_id, dies_in, edits)
        else:
            is_well = arena.play(stages_from(dies_in)[1:], airflow_run_id) and not died["error"]
            arena.note(airflow_run_id, edits, is_well)

    @rule(which=_number, how=st.sampled_from(["stage", "stage", "extract", "plan", "all", "record"]))
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
        try:
            arena.note(airflow_run_id, edits, arena.play(stages_from(first), airflow_run_id))
        except ConfigError as error:
            if which % len(self.arenas) not in self.outdated:
                raise
            note(f"said no: {error}")

    @rule(which=_number, mode=_modes, before=st.sampled_from(list(STAGES)))
    def runs_until(self, which: int, mode: str, before: str) -> None:
        """A run whose scheduler dies between two tasks; perhaps somebody goes on with it."""
        arena = self._arena_to_run(which)
        edits, airflow_run_id = arena.edits, arena.begin(mode)
        if arena.play(stages_before(before), airflow_run_id) and not arena.is_over(airflow_run_id):
            self.dead[which % len(self.arenas)] = (airflow_run_id, before, edits)

    @rule(which=_number, mode=_modes, before=st.sampled_from(list(STAGES)))
    def the_databases_hang_up(self, which: int, mode: str, before: str) -> None:
        """Both database servers end all connections before a stage of a run."""
        arena = self._arena_to_run(which)
        edits, airflow_run_id = arena.edits, arena.begin(mode)
        if not arena.play(stages_before(before), airflow_run_id) or arena.is_over(airflow_run_id):
            return
        was_stormy, arena.is_stormy = arena.is_stormy, True
        arena.hang_up()
        arena.note(airflow_run_id, edits, arena.play(stages_from(before), airflow_run_id, tries=2))
        arena.is_stormy = was_stormy
        arena.world.close()  # the next task is another process

    def _transact(self, changes: list[tuple[str, Draw]], ending: str = "commit") -> None:
        """A transaction that is given up where the one that is open holds a lock."""
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

    def _end_what_is_open(self, *, commits: bool) -> None:
        if self.open is not None:
            self.open.commit() if commits else self.open.rollback()
            self.open.close()
            self.open = None

    def _only_records(self, arena: Arena, airflow_run_id: str) -> None:
        was_stormy, arena.is_stormy = arena.is_stormy, True
        arena.play(["record"], airflow_run_id)
        arena.is_stormy = was_stormy

    @rule(which=_number, back=st.integers(0, 3), first=st.sampled_from(["opt_outs", "opt_outs", *STAGES]))
    def clears_an_earlier_run(self, which: int, back: int, first: str) -> None:
        """Somebody clears one of the last runs, from a task on; from a later one it may have to say no."""
        at_work = [number for number, arena in enumerate(self.arenas) if arena.asked]
        if not at_work:
            return
        arena = self._arena_to_run(at_work[which % len(at_work)])
        edits, airflow_run_id = arena.edits, pick(list(arena.asked)[::-1][:4], back) or ""
        if first == "opt_outs":
            arena.begin_again(airflow_run_id)
            arena.note(airflow_run_id, edits, arena.play(list(STAGES), airflow_run_id))
            return
        for stages in (stages_from(first), ["record"]):
            try:
                arena.play(stages, airflow_run_id)
            except _OUT_OF_PLACE as error:
                note(f"said no: {error}")
            else:
                break
