"""Where histories are played: one PostgreSQL, one stand-in, one killable process; emptied, never made anew."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import psycopg

from convergence.association import Association
from convergence.byhand import ByHand
from convergence.killable import Killable
from convergence.oracle import Truth, read
from convergence.verdict import Subscriber, Verdict, assert_counted, subscribers, touched_strangers, undone_opt_outs
from crm_sync.errors import LoadFailedError, TransientError
from crm_sync.ledger import store
from crm_sync.model import Mode, RunState
from crm_sync.pipeline import STAGES
from crm_sync.settings import OfProvider
from local.world import QUICK, World, facts
from standins.process import Controls

# One call after the other, so that a history is the same whenever it is played, and batches small enough to be many.
SMALL = {
    "batch_sizes": {"enroll": 3, "suppress": 2, "change_membership": 3, "archive": 2},
    "concurrency": 1,
    "calls_per_second": None,
}
PATIENT = {**SMALL, "timeout_seconds": 30.0}
HASTY = {**SMALL, "timeout_seconds": 0.3}
WEATHER = (TransientError, LoadFailedError)


@dataclass
class Arena:
    """One provider's world, with what a history must remember about it. Several may share an association."""

    association: Association
    world: World
    standin: Controls
    killable: Killable
    by_hand: ByHand = field(default_factory=ByHand)
    edits: int = 0
    edits_covered: int = 0
    is_stormy: bool = False
    asked: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)  # of each run, in order
    ever_ours: set[str] = field(default_factory=set)
    former: dict[int, set[str]] = field(default_factory=dict)
    estranged: set[str] = field(default_factory=set)  # keys there of whom a lost ledger cannot know

    @property
    def provider(self) -> ModuleType:
        """What the stand-in says of itself."""
        return importlib.import_module(f"standins.{self.world.provider}.seen")

    def reset(self) -> None:
        """Both databases and the provider empty, nothing remembered."""
        self.association.reset()
        with psycopg.connect(self.world.state_dsn) as connection:
            tables = connection.execute(
                "select tablename from pg_tables"
                " where schemaname = 'crm_sync' and tablename not in ('migration', 'token')"
                " order by tablename = 'held_count'"  # which a trigger on the ledger keeps
            )
            for (table,) in tables.fetchall():
                connection.execute(f"delete from crm_sync.{table}")
        self.standin.reset()
        self.take_first_key()
        if self.provider.TUNED:
            self.standin.switch(**self.provider.TUNED)
        self.world.way = self.world.usual_way
        facts(self.world.way).prepare(self.standin, self.world.client_state)
        self.by_hand, self.edits, self.edits_covered, self.is_stormy = ByHand(), 0, 0, False
        self.asked, self.ever_ours, self.former, self.estranged = {}, set(), {}, set()
        self.world.facts, self.world.settings, self.world.extras = PATIENT, QUICK, {}

    def take_first_key(self) -> None:
        """The key that the stand-in began with; it keeps a rotated one when it is reset."""
        if self.world.key is not None:
            self.standin.switch(api_key=facts(self.world.way).KEY)
            self.world.key = None

    def set_brake(self, floor: int) -> None:
        """Up to so many may be taken away unasked."""
        self.world.settings = replace(self.world.settings, brake_floor=floor)

    def set_own(self, **own: Any) -> None:
        """What the settings have for the provider alone."""
        self.world.settings = replace(self.world.settings, providers={self.world.provider: OfProvider(**own)})

    # -- runs

    def begin(self, mode: str, airflow_run_id: str | None = None, **options: Any) -> str:
        """Open a run, or open it again; its Airflow run id."""
        self._remember()
        if mode == "backfill" and self.world.source.compares:
            mode = "full"  # such a CRM does not say when something changed
        asked = (mode, dict(options))
        if mode == "backfill":
            now = datetime.now(UTC)
            options |= {"since": now - timedelta(hours=1), "until": now + timedelta(hours=1)}
        if airflow_run_id:
            options["airflow_run_id"] = airflow_run_id
        self.world.begin(mode, **options)
        airflow_run_id = airflow_run_id or self.world.last_run_id()
        self.asked[airflow_run_id] = asked
        return airflow_run_id

    def begin_again(self, airflow_run_id: str) -> None:
        """Open a run again, as its first task does when it is cleared: asked for what it was asked for."""
        mode, options = self.asked[airflow_run_id]
        self.begin(mode, airflow_run_id, **options)

    def _remember(self) -> None:
        truth = read(self.association.dsn, self.provider, {})
        for contact in truth.contacts.values():
            if contact.subscriber_key and contact.lists and not contact.is_bad:
                self.former.setdefault(contact.contact_id, set()).add(contact.subscriber_key)
                self.ever_ours.add(contact.subscriber_key)
            if contact.subscriber_key:
                self.ever_ours.add(contact.subscriber_key)

    def play(self, stages: list[str], airflow_run_id: str, *, tries: int = 1) -> bool:
        """The stages of a run as its DAG has them: load tried again, record whatever happened. Whether all went well.

        Only bad weather may make a stage fail, and only where there is some.
        """
        if "extract" in stages:
            self._remember()
        for name in stages:
            if name != stages[0] and self.is_over(airflow_run_id):
                return True
            for attempt in range(tries if name == "load" else 1):
                if self._try(name, airflow_run_id):
                    break
                if attempt == tries - 1 or name != "load":
                    if name != "record":
                        self._try("record", airflow_run_id)
                    return False
        return True

    def is_over(self, airflow_run_id: str) -> bool:
        """Whether the run has nothing to send."""
        run = store.load_run(self.world.state, self.world.provider, airflow_run_id)
        return run.state in {RunState.IDLE, RunState.PREVIEWED, RunState.HELD}

    def _try(self, name: str, airflow_run_id: str) -> bool:
        try:
            self.world.stage(name, airflow_run_id)
        except WEATHER:
            if not self.is_stormy:
                raise
            return False
        return True

    def run(self, mode: str, *, tries: int = 1, **options: Any) -> bool:
        """A whole run."""
        edits = self.edits
        airflow_run_id = self.begin(mode, **options)
        is_well = self.play(list(STAGES), airflow_run_id, tries=tries)
        return self.note(airflow_run_id, edits, is_well)

    def note(self, airflow_run_id: str, edits: int, is_well: bool) -> bool:
        """A full run that was recorded has seen the hand edits from before it began."""
        run = store.load_run(self.world.state, self.world.provider, airflow_run_id)
        if is_well and run.state is RunState.HELD and not self.is_stormy:
            self.assert_do_not_contact_was_sent()
        if is_well and run.mode is Mode.FULL and run.state is RunState.RECORDED:
            self.edits_covered = max(self.edits_covered, edits)
        return is_well

    def hang_up(self) -> None:
        """Both database servers end the connections of the pipeline; it does not know yet."""
        for database in (self.world.crm, self.world.state):
            with database.engine.connect() as one, database.engine.connect() as other:
                for connection in (one, other):
                    driver: Any = connection.connection.driver_connection
                    pid = driver.info.backend_pid
                    with psycopg.connect(self.world.state_dsn) as killing:
                        killing.execute("select pg_terminate_backend(%s, 5000)", (pid,))

    # -- judgement

    def truth(self) -> Truth:
        """The CRM now."""
        return read(self.association.dsn, self.provider, self.former, self.world.settings.do_not_contact_scope)

    def subscribers(self) -> list[Subscriber]:
        """Who gets mail as the CRM says, where no row says anything else of them; in order."""
        return subscribers(self.judge())

    def assert_refuse_mail(self, contact_ids: frozenset[int]) -> None:
        """Do Not Contact stands on every membership of the contacts in a synchronized list, whatever their address."""
        contacts = self.truth().contacts
        open_lists = {each: [i for i, flag in contacts[each].lists.items() if not flag] for each in contact_ids}
        assert not any(open_lists.values()), f"who left may still be written to: {open_lists}"

    def assert_do_not_contact_was_sent(self) -> None:
        """The brake holds the plan of the last run, but not Do Not Contact, unless that is a mass itself."""
        newest = "select notice from crm_sync.run where provider = %s order by run_id desc limit 1"
        if "not even Do Not Contact" in str(self.world.query(newest, self.world.provider)[0][0]):
            return
        rows = self.world.query(
            "select subscriber_key from crm_sync.holding where provider = %s and state = 'active' and managed"
            " and unanswered_verb is null",
            self.world.provider,
        )
        wishes = self.truth().wishes
        refused = {subscriber_key for subscriber_key, wish in wishes.items() if wish.is_refused and not wish.bad_ones}
        assert not (held := refused & {subscriber_key for (subscriber_key,) in rows}), (
            f"the brake held Do Not Contact of {held}"
        )

    def mode_of(self, airflow_run_id: str) -> str:
        """How much a run looked at."""
        return store.load_run(self.world.state, self.world.provider, airflow_run_id).mode.value

    def clear_up(self) -> None:
        """Fair weather, whatever the brake holds is approved, and one more run a day later, full where somebody edited
        by hand since the last."""
        with psycopg.connect(self.world.state_dsn) as state:
            for table in ("holding", "list_holding"):
                state.execute(f"update crm_sync.{table} set retry_at = now() where retry_at is not null")
        self.standin.clear_faults()
        self.world.facts, self.is_stormy = PATIENT, False
        self.set_brake(QUICK.brake_floor)
        self.world.answer(approves=True)
        self.run("full" if self.edits > self.edits_covered else "changes")

    def settle(self) -> Verdict:
        """Fair weather and one more run; then the comparison."""
        self.clear_up()
        verdict = self.judge()
        assert not verdict.findings, verdict.findings
        assert_counted(self.world)
        self._assert_still("changes")
        self._assert_still("full")
        assert not (again := self.judge().findings), f"after a further full run: {again}"
        return verdict

    def judge(self) -> Verdict:
        """What there is to be said of the provider as it is now."""
        exceptions = self.world.query(
            "select what, contact_id, subscriber_key, list_id, reason from crm_sync.exceptions where provider = %s",
            self.world.provider,
        )
        verdict = Verdict(self.truth(), self.standin.state(), exceptions, self.by_hand, self.ever_ours, self.held())
        verdict.findings += self._balance()
        return verdict

    def held(self) -> dict[str, str]:
        """Identity there → by which address of the CRM the ledger knows them."""
        known = "select remote_id, subscriber_key from crm_sync.holding where provider = %s and remote_id is not null"
        return dict(self.world.query(known, self.world.provider))

    def assert_opt_outs_stand(self) -> None:
        """No opt-out was ever undone, and no stranger touched."""
        state = self.standin.state(history=1)
        assert not (undone := undone_opt_outs(self.provider.history(state))), f"opt-outs undone: {undone}"
        touched = touched_strangers(self.provider, state, self.by_hand.strangers - self.ever_ours)
        assert not touched, f"touched: {touched}"

    def _balance(self) -> list[str]:
        rows = self.world.query(
            "select run_id, planned, applied, refused, deferred, unsettled from crm_sync.run_summary"
            " where state = 'recorded' and provider = %s",
            self.world.provider,
        )
        return [f"run {row[0]} does not add up: {row[1:]}" for row in rows if row[1] != sum(row[2:5]) or row[5]]

    def _assert_still(self, mode: str) -> None:
        """A further run changes nothing, and writes nothing but what was refused before."""
        before = self._held()
        self.standin.clear_requests()
        self.run(mode)
        routes = self.standin.requests(entries=0)["by_route"]
        writes = {route: count for route, count in routes.items() if not route.startswith("GET")}
        newest = "(select max(run_id) from crm_sync.run where provider = %s)"
        asked = self.world.query(
            f"select verb, subscriber_key, list_id, status, reason from crm_sync.operation where run_id = {newest}",
            self.world.provider,
        )
        assert not (done := [row for row in asked if row[3] != "refused"]), (
            f"a further {mode} run was not still: {done}"
        )
        assert asked or not writes, f"a further {mode} run wrote without a plan: {writes}"
        assert mode == "full" or not writes, f"a further changes run wrote: {writes} {asked}"
        assert self._held() == before, f"a further {mode} run changed something there"

    def _held(self) -> Any:
        state = self.standin.state()
        return self.provider.people(state), self.provider.lists(state)
