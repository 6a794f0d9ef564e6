"""What a run rests on changes in a random history: key, account, settings, an earlier CRM or state database."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal
from unittest.mock import patch

import hypothesis.strategies as st
import psycopg
from hypothesis import note
from hypothesis.stateful import rule

from convergence import images
from convergence.images import Image
from convergence.premises_changed import lead_to_another_account, put_state_back, rotate_key
from convergence.runs_drawn import RunsDrawn
from convergence.stages import stages_before, stages_from
from crm_sync.errors import ConfigError
from crm_sync.pipeline import STAGES, premises
from local.world import ways

_number = st.integers(0, 19)
_draw = st.tuples(_number, _number, _number)
_TAKING_AWAY = ["leave", "leave", "delete_contact", "switch_list", "flag_contact", "flag_membership", "rename"]


class PremisesDrawn(RunsDrawn):
    """Each rule changes one thing; a run that was under way may have to say no by then."""

    def __init__(self) -> None:
        super().__init__()
        self.crm_image: Image | None = None
        self.state_image: Image | None = None

    def _all_run(self) -> None:
        for arena in self.arenas:
            arena.run("changes")

    # -- the account

    @rule(which=_number, number=_number)
    def the_key_is_rotated(self, which: int, number: int) -> None:
        """The same account has another key."""
        rotate_key(self._arena(which), f"rotated{number}-us1")

    @rule(which=_number, number=_number)
    def the_account_is_another(self, which: int, number: int) -> None:
        """The connection leads to another account, which is empty."""
        arena = self._arena_to_run(which)
        arena.assert_opt_outs_stand()
        lead_to_another_account(arena, f"account{number}")

    @rule(version=_number)
    def the_version_is_another(self, version: int) -> None:
        """Connections lead to another version of the API, of the same account, where there are several."""
        for which, arena in enumerate(self.arenas):
            versions = [way for way in ways() if way.partition(":")[0] == arena.world.provider]
            way = versions[version % len(versions)]
            self.outdated |= {which} & set(self.dead) if way != arena.world.way else set()
            arena.world.way = way
            note(f"connected as {way}")

    # -- settings

    @rule(which=_number, scope=st.sampled_from(["list", "contact"]))
    def the_scope_is_changed(self, which: int, scope: Literal["list", "contact"]) -> None:
        """Do Not Contact of a membership counts for its list alone, or for the person."""
        arena = self._arena(which)
        arena.world.settings = replace(arena.world.settings, do_not_contact_scope=scope)

    @rule(which=_number, first=st.sampled_from(list(STAGES)))
    def a_worker_has_another_scope(self, which: int, first: str) -> None:
        """From that stage on a worker with another setting goes on with a run: it is of one scope all the same."""
        arena = self._arena_to_run(which)
        edits, airflow_run_id, settings = arena.edits, arena.begin("changes"), arena.world.settings
        if not arena.play(stages_before(first), airflow_run_id):
            return
        other: Literal["contact", "list"] = "contact" if settings.do_not_contact_scope == "list" else "list"
        arena.world.settings = replace(settings, do_not_contact_scope=other)
        is_well = arena.is_over(airflow_run_id) or arena.play(stages_from(first), airflow_run_id)
        arena.world.settings = settings
        arena.note(airflow_run_id, edits, is_well)

    @rule(which=_number, first=st.sampled_from(list(STAGES)[1:-1]))
    def a_worker_has_other_statements(self, which: int, first: str) -> None:
        """From that stage on a worker with another SQL folder is to go on with a run, and says no."""
        arena = self._arena_to_run(which)
        airflow_run_id = arena.begin("changes")
        if not arena.play(stages_before(first), airflow_run_id) or arena.is_over(airflow_run_id):
            return
        with patch.object(premises, "fingerprint", lambda *_: "of another release"):
            try:
                arena.world.stage(first, airflow_run_id)
            except ConfigError as error:
                note(f"said no: {error}")
            else:
                raise AssertionError(f"{first} went on by other rules")
        self._only_records(arena, airflow_run_id)

    # -- the CRM and the state database

    @rule()
    def a_backup_is_made(self) -> None:
        """Of both databases, as they are."""
        self.crm_image = images.of_crm(self.arenas[0].association.dsn)
        self.state_image = images.of_state(self.arenas[0].world.state_dsn)

    @rule(runs_first=st.booleans())
    def the_crm_is_put_back(self, runs_first: bool) -> None:
        """Staff put the backup of the CRM in place, with no word of it."""
        image, self.crm_image, self.state_image = self.crm_image, None, None
        if image is None:
            return
        if runs_first:
            self._all_run()
        self._put_crm_back(image)

    def _put_crm_back(self, image: Image) -> None:
        self._end_what_is_open(commits=False)
        try:
            images.put_back(self.arenas[0].association.dsn, image)
        except psycopg.errors.LockNotAvailable:
            note("somebody holds a lock")
        self.outdated |= set(self.dead)

    @rule(runs_first=st.booleans())
    def the_state_database_is_put_back(self, runs_first: bool) -> None:
        """The pipeline's own database is lost, and the backup of it put in place."""
        image, self.crm_image, self.state_image = self.state_image, None, None
        if image is None:
            return
        if runs_first:
            self._all_run()
        self.dead = {}
        put_state_back(self.arenas, image)

    @rule(which=_number, changes=st.lists(st.tuples(st.sampled_from(_TAKING_AWAY), _draw), min_size=1, max_size=4))
    def a_plan_is_held_over_a_restore(self, which: int, changes: list[tuple[str, tuple[int, int, int]]]) -> None:
        """The brake holds a plan, Do Not Contact arrives and is sent, and then the backup of before is put in place."""
        arena = self._arena(which)
        image = images.of_crm(arena.association.dsn)
        arena.set_brake(0)
        for name, draw in changes:
            self._transact([(name, draw)])
            self._arena_to_run(which).run("changes")
        self.crm_image = self.state_image = None
        self._put_crm_back(image)

    # -- the brake

    @rule(which=_number, floor=st.sampled_from([0, 1, 1, 50]))
    def the_brake_is_set(self, which: int, floor: int) -> None:
        """Whatever takes away more than that, and a tenth, is held from now on."""
        self._arena(which).set_brake(floor)

    @rule(which=_number, approves=st.sampled_from([True, True, False]))
    def somebody_decides(self, which: int, approves: bool) -> None:
        """A person answers what the brake asks, if it does."""
        note(f"decided: {self._arena(which).world.answer(approves=approves)}")
