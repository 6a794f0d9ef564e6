"""How much a run looks at: a first connection and a CRM that cannot tell its changes need everybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine

from crm_sync.ledger import sources, store
from crm_sync.ledger.database import Database
from crm_sync.model import Asked, Mode
from crm_sync.pipeline import begin, change_log
from crm_sync.settings import Settings
from local.world import engine_url

# The state database and the CRM.
Both = tuple[Database, Database]


@pytest.fixture
def both(state: Database, crm: str) -> Iterator[Both]:
    engine = create_engine(engine_url(crm))
    yield state, Database(engine, "the CRM")
    engine.dispose()


def noted(both: Both, **changes: Any) -> None:
    """Leave a cursor of the CRM's present and its marker there, but for ``changes``."""
    state, crm = both
    run = store.open_run(state, Asked("mailchimp", "one", Mode.FULL))
    with state.transaction() as knowing, crm.transaction(snapshot=True) as reading:
        here = change_log.inspect(knowing, reading, "mailchimp", sources.chosen())
        values = {"run_id": run.run_id, "provider": "mailchimp"}
        marker = knowing.value("extract/intend_marker", **values)
        read = {"snapshot": here.snapshot, "marker": marker, "log_installed": here.log_installed}
        read |= {"crm_identity": here.crm_identity} | changes
        knowing.run("extract/run_extracted", run_id=run.run_id, everyone=False, **read)
        left = changes.get("left", marker)
        state_id = knowing.value("extract/installation")
    with psycopg.connect(url(state)) as connection:
        connection.execute("update crm_sync.run set crm_identity = %s", [read["crm_identity"]])
    with state.transaction() as moving, crm.transaction() as marking:
        moving.run("record/move_cursor", run_id=run.run_id)
        marking.run("crm/markers/leave_marker", provider="mailchimp", state_id=state_id, run_token=left)


def url(database: Database) -> str:
    return str(database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False))


def decided(
    both: Both, provider: str, mode: Mode, settings: Settings | None = None, **stated: Any
) -> tuple[Mode, str | None]:
    state, crm = both
    ctx: Any = SimpleNamespace(
        state=state, crm=crm, settings=settings or Settings(), now=datetime.now(UTC), source=sources.chosen()
    )
    with state.transaction() as reading:
        cursor = reading.row("runs/cursor", provider=provider)
    return begin.decide_mode(ctx, Asked(provider, "two", mode, **stated), cursor)[:2]


def of_ledger(state: Database, what: str) -> None:
    """What the last recorded run rested on."""
    with psycopg.connect(url(state)) as connection:
        connection.execute(f"update crm_sync.cursor set {what}".encode())


def in_crm(crm: Database, text: str) -> None:
    with psycopg.connect(url(crm)) as connection:
        connection.execute(text.encode())


def test_a_first_connection_brings_everybody(both: Both) -> None:
    assert decided(both, "mailchimp", Mode.CHANGES) == (Mode.FULL, change_log.FIRST)


def test_a_poll_alone_is_no_first_run(both: Both) -> None:
    with both[0].transaction() as transaction:
        transaction.run("opt_outs/polled", provider="mailchimp", polled_at="2026-01-01T00:00:00Z")
    assert decided(both, "mailchimp", Mode.CHANGES) == (Mode.FULL, change_log.FIRST)


def test_a_good_cursor_means_changes(both: Both) -> None:
    noted(both)
    assert decided(both, "mailchimp", Mode.CHANGES) == (Mode.CHANGES, None)
    assert decided(both, "another", Mode.CHANGES) == (Mode.FULL, change_log.FIRST)


@pytest.mark.parametrize("mode", [Mode.FULL, Mode.BACKFILL])
def test_what_else_is_asked_for_is_done_as_asked(mode: Mode, both: Both) -> None:
    assert decided(both, "mailchimp", mode) == (mode, None)


@pytest.mark.parametrize("spoiled", [{"crm_identity": "another"}, {"snapshot": "4000000000:4000000000:"}])
def test_a_cursor_of_another_crm_or_of_the_future_means_everybody(spoiled: dict[str, str], both: Both) -> None:
    noted(both, **spoiled)
    assert decided(both, "mailchimp", Mode.CHANGES) == (Mode.COMPARE, change_log.RESTORED)


def test_a_change_log_pruned_beyond_the_cursor_means_everybody(both: Both) -> None:
    noted(both)
    in_crm(both[1], "insert into crm.contact (kind, first_name) values ('individual', 'x')")
    with both[1].transaction(snapshot=True) as reading:
        here = reading.row("crm/extract/snapshot")
    assert here is not None
    with both[1].transaction() as pruning:
        pruning.run("crm/prune/prune_change_log", before="2999-01-01", crm_identity=here.crm_identity)
    assert decided(both, "mailchimp", Mode.CHANGES) == (Mode.COMPARE, change_log.RESTORED)


SILENCED = {
    "a trigger that is off": "alter table crm.contact disable trigger log_update",
    "a trigger that is gone": "drop trigger log_delete on crm.list",
    "triggers that were off": "alter table crm.list disable trigger user; alter table crm.list enable trigger user",
}


@pytest.mark.parametrize("how", SILENCED)
def test_a_change_log_that_may_miss_something_means_a_comparison(how: str, both: Both) -> None:
    noted(both)
    in_crm(both[1], SILENCED[how])
    mode, notice = decided(both, "mailchimp", Mode.CHANGES)
    assert mode is Mode.COMPARE
    assert notice is not None
    assert notice.startswith(change_log.SILENT)


def test_a_change_log_that_was_off_for_a_while_means_a_comparison(both: Both) -> None:
    noted(both)
    in_crm(both[1], "alter table crm.contact disable trigger log_update")
    in_crm(both[1], "alter table crm.contact enable always trigger log_update")
    assert decided(both, "mailchimp", Mode.CHANGES) == (Mode.COMPARE, change_log.REINSTALLED)


def test_a_crm_without_the_last_marker_is_an_older_image(both: Both) -> None:
    noted(both)
    in_crm(both[1], "delete from crm.sync_marker")
    assert decided(both, "mailchimp", Mode.CHANGES) == (Mode.COMPARE, change_log.OLDER)


def test_a_marker_that_nobody_remembers_means_that_the_state_is_the_older_one(both: Both) -> None:
    noted(both)
    in_crm(both[1], "insert into crm.sync_marker select provider, state_id, gen_random_uuid() from crm.sync_marker")
    assert decided(both, "mailchimp", Mode.CHANGES) == (Mode.FULL, change_log.FORGOTTEN)
    assert decided(both, "mailchimp", Mode.COMPARE) == (Mode.FULL, change_log.FORGOTTEN)


def test_markers_of_another_state_database_and_of_another_provider_are_no_matter(both: Both) -> None:
    noted(both)
    copied = "insert into crm.sync_marker select {} from crm.sync_marker"
    in_crm(both[1], copied.format("provider, gen_random_uuid(), gen_random_uuid()"))
    in_crm(both[1], copied.format("'votervoice', state_id, gen_random_uuid()"))
    assert decided(both, "mailchimp", Mode.CHANGES) == (Mode.CHANGES, None)


def test_a_marker_of_a_run_that_died_is_no_false_alarm(both: Both) -> None:
    noted(both)
    with both[0].transaction() as knowing, both[1].transaction() as marking:
        whose = {"provider": "mailchimp", "state_id": knowing.value("extract/installation")}
        for reaches_crm in (True, False):
            token = knowing.value("extract/intend_marker", provider="mailchimp", run_id=2)
            if reaches_crm:
                marking.run("crm/markers/leave_marker", **whose, run_token=token)
    assert decided(both, "mailchimp", Mode.CHANGES) == (Mode.CHANGES, None)


@pytest.mark.parametrize(
    "harm", ["drop table crm.sync_marker", "revoke insert on crm.sync_marker from crm_sync_pipeline"]
)
def test_where_no_marker_may_be_left_everybody_is_compared(harm: str, both: Both) -> None:
    noted(both)
    in_crm(both[1], f"alter role crm_sync_pipeline login; {harm}")
    engine = create_engine(both[1].engine.url.set(username="crm_sync_pipeline"))
    try:
        assert decided((both[0], Database(engine, "the CRM")), "mailchimp", Mode.CHANGES) == (
            Mode.COMPARE,
            change_log.UNMARKED,
        )
    finally:
        engine.dispose()


@pytest.mark.parametrize("mode", list(Mode))
def test_another_account_means_everybody_with_read_back_whatever_was_asked(mode: Mode, both: Both) -> None:
    noted(both)
    of_ledger(both[0], "account = 'ours'")
    assert decided(both, "mailchimp", mode, account="theirs") == (Mode.FULL, begin.ANOTHER_ACCOUNT)


@pytest.mark.parametrize(("before", "now"), [("ours", ""), (None, "ours"), ("ours", "ours"), (None, "")])
def test_an_account_that_is_not_known_proves_nothing(before: str | None, now: str, both: Both) -> None:
    noted(both)
    of_ledger(both[0], f"account = nullif('{before or ''}', '')")
    assert decided(both, "mailchimp", Mode.CHANGES, account=now) == (Mode.CHANGES, None)


@pytest.mark.parametrize("before", ["'yesterday'", "null"])
def test_other_rules_mean_that_everybody_is_compared(before: str, both: Both) -> None:
    noted(both)
    of_ledger(both[0], f"fingerprint = {before}")
    assert decided(both, "mailchimp", Mode.CHANGES, fingerprint="today") == (Mode.COMPARE, begin.OTHER_RULES)
    assert decided(both, "mailchimp", Mode.FULL, fingerprint="today") == (Mode.FULL, None)


@pytest.mark.parametrize(
    ("compared", "hours", "mode"),
    [
        ("now() - interval '24 hours'", 23, Mode.COMPARE),
        ("now() - interval '22 hours'", 23, Mode.CHANGES),
        ("null", 23, Mode.COMPARE),
        ("null", 0, Mode.CHANGES),
    ],
)
def test_once_a_day_everybody_is_compared(compared: str, hours: float, mode: Mode, both: Both) -> None:
    noted(both)
    of_ledger(both[0], f"compared_at = {compared}")
    setting = Settings(compare_after_hours=hours)
    expected = (mode, begin.ONCE_A_DAY if mode is Mode.COMPARE else None)
    assert decided(both, "mailchimp", Mode.CHANGES, setting) == expected
    assert decided(both, "mailchimp", Mode.COMPARE, setting) == (Mode.COMPARE, None)
