"""A CRM that is read on a replica: opt-outs are written to its primary by a connection of their own, and without one no
run of a provider that reports opt-outs begins."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from crm_sync.errors import ConfigError
from crm_sync.ledger import sources
from local.background import await_until
from local.crm_data import create_schema
from local.postgres import Postgres
from local.trial import TWO_PEOPLE
from local.world import World, facts
from standins.process import StandIn

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

SECONDS = 60.0
OF_A_PRIMARY = {"wal_level": "replica", "max_wal_senders": "4"}


@dataclass
class Pair:
    """A CRM and a replica of it, by URL."""

    primary: str
    replica: str

    def do(self, text: str) -> None:
        """Change the CRM; the replica has it, too, at the end."""
        with psycopg.connect(self.primary) as connection:
            connection.execute(text.encode())
        self.catch_up()

    def catch_up(self) -> None:
        """Wait until the replica has all that the primary has."""
        with psycopg.connect(self.primary, autocommit=True) as there:
            (place,) = there.execute("select pg_current_wal_flush_lsn()").fetchone() or ("",)
        with psycopg.connect(self.replica, autocommit=True) as here:
            asked = "select pg_last_wal_replay_lsn() >= %s"
            assert await_until(lambda: here.execute(asked, [place]).fetchone() == (True,), SECONDS)

    def hold(self, *, holds: bool) -> None:
        """The replica stays as it is, or goes on."""
        with psycopg.connect(self.replica, autocommit=True) as here:
            here.execute("select pg_wal_replay_pause()" if holds else "select pg_wal_replay_resume()")
            paused = "select pg_get_wal_replay_pause_state() = 'paused'"
            assert await_until(lambda: here.execute(paused).fetchone() == (holds,), SECONDS)


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """A server, and another that follows it."""
    folder = Path(tempfile.mkdtemp(prefix="crm-sync-replica-"))
    folder.chmod(0o755)
    primary = Postgres(folder / "primary", settings=OF_A_PRIMARY)
    with primary:
        dsn = primary.create_database("crm")
        with psycopg.connect(dsn) as connection:
            create_schema(connection)
    follows = f"host=127.0.0.1 port={primary.port} user=postgres"
    replica = Postgres(folder / "replica", settings={**OF_A_PRIMARY, "primary_conninfo": follows})
    shutil.copytree(primary.directory, replica.directory)
    (replica.data / "standby.signal").touch()
    _same_owners(primary.data, replica.data)
    with primary, replica:
        yield Pair(dsn, replica.dsn("crm"))
    shutil.rmtree(folder)


def _same_owners(source: Path, target: Path) -> None:
    owner = source.stat()
    for each in [target.parent, *target.parent.rglob("*")]:
        shutil.chown(each, owner.st_uid, owner.st_gid)


@pytest.fixture(autouse=True)
def comparing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A replica is read by comparison."""
    monkeypatch.setenv(sources.CHANGES_SETTING, sources.COMPARISON)
    sources.chosen.cache_clear()
    yield
    monkeypatch.undo()
    sources.chosen.cache_clear()


@pytest.fixture(params=["mailchimp", "constant_contact"])
def synced(request: pytest.FixtureRequest, pair: Pair, postgres: Postgres) -> Iterator[World]:
    """Ann and Bob are brought across; the CRM is read on the replica and written on the primary."""
    pair.do("truncate crm.contact, crm.list, crm.membership_type cascade; " + TWO_PEOPLE)
    name = request.node.name.replace("[", "_").rstrip("]")[-50:]
    with StandIn(request.param) as standin:
        made = World(
            pair.replica, postgres.create_database(name), standin.url, provider=request.param, write_back=pair.primary
        )
        facts(request.param).prepare(standin, made.client_state)
        made.run()
        standin.clock(advance_seconds=660)
        standin.act("unsubscribe", address="ann@example.org")
        yield made
        made.close()
    postgres.drop_database(name)


def flags(pair: Pair) -> list[bool]:
    with psycopg.connect(pair.primary) as connection:
        asked = "select do_not_contact from crm.list_member order by contact_id"
        return [flag for (flag,) in connection.execute(asked).fetchall()]


def unwritten(world: World) -> list[str]:
    return [reason for (reason,) in world.query("select reason from crm_sync.exceptions where what = 'opt_out'")]


def waiting(world: World) -> int:
    asked = "select count(*) from crm_sync.opt_out where crm_written_at is null"
    return int(world.query(asked)[0][0])


def test_an_opt_out_reaches_the_primary(synced: World, pair: Pair) -> None:
    synced.run()
    assert flags(pair) == [True, False]
    pair.catch_up()
    synced.run()
    assert waiting(synced) == 0
    assert unwritten(synced) == []


def test_until_the_replica_has_it_the_opt_out_is_not_taken_for_written(synced: World, pair: Pair) -> None:
    pair.hold(holds=True)
    try:
        synced.run()
        assert flags(pair) == [True, False]
        assert waiting(synced) == 1
    finally:
        pair.hold(holds=False)
    pair.catch_up()
    synced.run()
    assert waiting(synced) == 0


def test_without_the_second_connection_the_run_is_refused_and_nothing_is_lost(synced: World, pair: Pair) -> None:
    synced.write_back = ""
    with pytest.raises(ConfigError, match="crm_sync_crm_write_back"):
        synced.run()
    assert flags(pair) == [False, False]
    synced.begin(dry_run=True)  # a preview writes nothing
    synced.write_back = pair.primary
    synced.run()
    assert flags(pair) == [True, False]


def test_a_second_connection_that_may_not_write_either_is_refused(synced: World, pair: Pair) -> None:
    synced.write_back = pair.replica
    with pytest.raises(ConfigError, match="crm_sync_crm_write_back only reads, too"):
        synced.run()


def test_a_second_connection_to_another_crm_is_refused(synced: World, pair: Pair, crm: str) -> None:
    assert conninfo_to_dict(crm)["port"] != conninfo_to_dict(pair.primary)["port"]
    synced.write_back = crm
    with pytest.raises(ConfigError, match="another CRM"):
        synced.run()


@pytest.mark.parametrize("provider", ["higher_logic", "votervoice"])
def test_who_reports_no_opt_outs_needs_no_second_connection(pair: Pair, postgres: Postgres, provider: str) -> None:
    pair.do("truncate crm.contact, crm.list, crm.membership_type cascade; " + TWO_PEOPLE)
    name = f"read_only_{provider}"
    with StandIn(provider) as standin:
        made = World(pair.replica, postgres.create_database(name), standin.url, provider=provider)
        facts(provider).prepare(standin, made.client_state)
        assert made.run()["record"]["applied"]
        made.close()
    postgres.drop_database(name)
