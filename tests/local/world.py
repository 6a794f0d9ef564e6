"""A whole sync without Airflow: CRM, state database and provider, and a run of all stages in order, in this process."""

from __future__ import annotations

import base64
import importlib
import itertools
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from cryptography.fernet import Fernet
from sqlalchemy import create_engine

from crm_sync import providers, reasons
from crm_sync.contract import Credentials
from crm_sync.errors import UnderWayError
from crm_sync.ledger import sources, store
from crm_sync.ledger.client_state import ClientState
from crm_sync.ledger.database import Database
from crm_sync.ledger.opening import database
from crm_sync.model import Asked, Mode, RunState
from crm_sync.pipeline import STAGES, questions, run_stage
from crm_sync.pipeline.begin import open_run, unopened
from crm_sync.pipeline.context import RunContext
from crm_sync.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from crm_sync.ledger.sources import Source
    from crm_sync.model import Run
    from crm_sync.pipeline.opt_out_writer import OptOutWriter

# A key as long as keys must be; every process of a test knows it.
SEAL = base64.urlsafe_b64encode(b"a key for tests".ljust(32))
# A retry in a test waits as little as it can.
QUICK = Settings(backoff_seconds=0.01, attempts=3)


def facts(way: str) -> ModuleType:
    """What the stand-in of a provider says of itself: where to connect, and with which key.

    ``way``: the provider, and after a colon another version of its API than the one a new connection has.
    """
    provider, _, version = way.partition(":")
    return importlib.import_module(f"standins.{provider}.contract{version and '_'}{version}")


def ways() -> list[str]:
    """Every provider, with each version of its API that its stand-in tells of: ``contract_<version>.py``."""
    found = []
    for name in providers.names():
        found.append(name)
        package = importlib.import_module(f"standins.{name}")
        versions = sorted(each.stem for folder in package.__path__ for each in Path(folder).glob("contract_*.py"))
        found += [f"{name}:{each.removeprefix('contract_')}" for each in versions]
    return found


def engine_url(dsn: str) -> str:
    """The SQLAlchemy URL of a libpq DSN, with its driver named."""
    return dsn.replace("postgresql://", "postgresql+psycopg://", 1)


@dataclass
class World:
    """One CRM, one state database and one provider's stand-in at ``provider_url``. ``way``: how it is connected, where
    it is not as usual; see ``facts``."""

    crm_dsn: str
    state_dsn: str
    provider_url: str
    provider: str = "mailchimp"
    settings: Settings = QUICK
    key: str | None = None
    extras: dict[str, Any] = field(default_factory=dict)
    way: str = ""
    source: Source = field(default_factory=sources.chosen)
    connect_writer: Callable[[], OptOutWriter] | None = None
    write_back: str = ""  # where opt-outs are written if the CRM only reads
    facts: dict[str, Any] = field(default_factory=dict)  # of the provider's data sheet, in place of its own
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _seconds: dict[str, Database] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open both databases and bring the state up to date."""
        self.way = self.usual_way = self.way or self.provider
        self.provider = self.way.partition(":")[0]
        self.crm = database(create_engine(engine_url(self.crm_dsn)), "the CRM")
        self.state = Database(create_engine(engine_url(self.state_dsn)), "the state database")
        store.migrate(self.state)

    def close(self) -> None:
        """Give the connections back, so that the databases can be dropped."""
        self.crm.engine.dispose()
        for second in self._seconds.values():
            second.engine.dispose()
        self.state.engine.dispose()

    def begin(self, mode: str = "changes", **options: Any) -> RunContext:
        """Open a run and answer what its stages are given."""
        name = options.pop("airflow_run_id", f"test_{next(self._numbers)}")
        watch = {key: options.pop(key) for key in ("is_alive",) if key in options}
        asked = Asked(self.provider, name, Mode(mode), **options)
        return open_run(self.context(unopened(self.provider)), asked, **watch)

    def context(self, run: Run) -> RunContext:
        """What the stages of ``run`` are given."""
        told = facts(self.way)
        base_url = self.provider_url + told.API_PATH
        extras = {**told.EXTRAS, "base_url": base_url, **told.addresses_at(self.provider_url), **self.extras}
        sheet = replace(providers.get(self.provider), **self.facts).as_connected(extras)
        key, login = told.KEY if self.key is None else self.key, told.LOGIN
        return RunContext(
            run=run,
            provider=sheet,
            settings=self.settings.of(self.provider),
            state=self.state,
            crm=self.crm,
            connect=lambda: sheet.connect(Credentials(key, login, extras), self.settings, self.client_state),
            now=datetime.now(UTC),
            source=self.source,
            connect_writer=self.connect_writer,
            connect_second=self.second_crm,
        )

    def second_crm(self) -> Database | None:
        """The CRM by the connection for opt-outs, None where there is none."""
        if self.write_back and self.write_back not in self._seconds:
            self._seconds[self.write_back] = database(create_engine(engine_url(self.write_back)), "the primary")
        return self._seconds.get(self.write_back)

    @property
    def client_state(self) -> ClientState:
        """What the provider's client remembers."""
        return ClientState(self.state, self.provider, Fernet(SEAL))

    def stage(self, name: str, airflow_run_id: str) -> dict[str, int]:
        """Run one stage of an open run, as its Airflow task does: again while the provider is at work on it."""
        while True:
            run = store.load_run(self.state, self.provider, airflow_run_id)
            try:
                return run_stage(name, self.context(run))
            except UnderWayError:
                continue

    def run(self, mode: str = "changes", **options: Any) -> dict[str, dict[str, int]]:
        """A whole run; the counts of each stage. Like the DAG, an idle run and a dry run end early."""
        self.begin(mode, **options)
        airflow_run_id = self.last_run_id()
        counts: dict[str, dict[str, int]] = {}
        for name in STAGES:
            run = store.load_run(self.state, self.provider, airflow_run_id)
            if run.state in {RunState.IDLE, RunState.PREVIEWED, RunState.HELD}:
                break
            counts[name] = self.stage(name, airflow_run_id)
        self.require_words()
        return counts

    def require_words(self) -> None:
        """Each reason that the ledger has by now means something to a person: the provider's data say what."""
        rows = "select reason from crm_sync.{} where provider = %s"
        told = f"{rows.format('exceptions')} union {rows.format('operation')}"
        known, found = providers.get(self.provider).reasons, self.query(told, self.provider, self.provider)
        silent = [code for (code,) in found if code and reasons.find(known, code) is None]
        assert silent == [], f"{self.provider}/reasons.py does not say what these mean"

    def answer(self, *, approves: bool, who: str = "chair") -> bool:
        """A person decides about the plan that the brake holds; whether there was one to decide about."""
        newest = "select max(question_id) from crm_sync.question where provider = %s"
        number = self.query(newest, self.provider)[0][0]
        return number is not None and questions.answer(self.state, number, approves=approves, who=who) is not None

    def last_run_id(self) -> str:
        """The Airflow run id of the newest run."""
        newest = "select airflow_run_id from crm_sync.run where provider = %s order by run_id desc limit 1"
        return str(self.query(newest, self.provider)[0][0])

    def query(self, text: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Rows of the state database."""
        with psycopg.connect(self.state_dsn) as connection:
            return connection.execute(text, parameters or None).fetchall()

    def crm_do(self, text: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Change, or ask, the CRM in a transaction of its own."""
        if self.source.database == sources.MARIADB:
            with self.crm.engine.begin() as writing:
                found = writing.exec_driver_sql(text, parameters or None)
                return [tuple(row) for row in found] if found.returns_rows else []
        with psycopg.connect(self.crm_dsn) as connection:
            cursor = connection.execute(text, parameters or None)
            return cursor.fetchall() if cursor.description else []
