"""How much a run looks at: a first connection and a CRM that cannot tell its changes need everybody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine

from crm_sync.database import Database, sql_folder
from crm_sync.model import Mode
from crm_sync.pipeline import begin
from local.world import engine_url


@pytest.fixture
def both(state: Database, crm: str) -> Any:
    engine = create_engine(engine_url(crm))
    yield state, Database(engine, "the CRM")
    engine.dispose()


def noted(state: Database, crm: Database, **changes: Any) -> None:
    """Leave a cursor of the CRM's present, but for ``changes``."""
    with crm.transaction(snapshot=True) as reading:
        here = dict(reading.row("extract/snapshot")._mapping)  # type: ignore[union-attr]
    values = {
        "provider": "mailchimp",
        "snapshot": here["snapshot"],
        "crm_identity": here["crm_identity"],
        "run_id": 1,
        **changes,
    }
    with state.transaction() as transaction:
        transaction.run("state/move_cursor", **values)


def test_a_first_connection_brings_everybody(both: Any) -> None:
    assert begin.decide_mode(*both, "mailchimp", Mode.CHANGES) == (Mode.FULL, begin.FIRST)


def test_a_poll_alone_is_no_first_run(both: Any) -> None:
    with both[0].transaction() as transaction:
        transaction.run("state/polled", provider="mailchimp", polled_at="2026-01-01T00:00:00Z")
    assert begin.decide_mode(*both, "mailchimp", Mode.CHANGES) == (Mode.FULL, begin.FIRST)


def test_a_good_cursor_means_changes(both: Any) -> None:
    noted(*both)
    assert begin.decide_mode(*both, "mailchimp", Mode.CHANGES) == (Mode.CHANGES, None)
    assert begin.decide_mode(*both, "another", Mode.CHANGES) == (Mode.FULL, begin.FIRST)


@pytest.mark.parametrize("mode", [Mode.FULL, Mode.BACKFILL])
def test_what_else_is_asked_for_is_done_as_asked(mode: Mode, both: Any) -> None:
    assert begin.decide_mode(*both, "mailchimp", mode) == (mode, None)


@pytest.mark.parametrize("spoiled", [{"crm_identity": "another"}, {"snapshot": "4000000000:4000000000:"}])
def test_a_cursor_of_another_crm_or_of_the_future_means_everybody(spoiled: dict[str, str], both: Any) -> None:
    noted(*both, **spoiled)
    assert begin.decide_mode(*both, "mailchimp", Mode.CHANGES) == (Mode.FULL, begin.RESTORED)


def test_a_change_log_pruned_beyond_the_cursor_means_everybody(both: Any) -> None:
    noted(*both)
    with psycopg.connect(both[1].engine.url.set(drivername="postgresql").render_as_string()) as connection:
        connection.execute("insert into crm.contact (kind, first_name) values ('individual', 'x')")
        connection.commit()
        connection.execute((crm_scripts() / "prune_change_log.sql").read_text(), {"before": "2999-01-01"})
    assert begin.decide_mode(*both, "mailchimp", Mode.CHANGES) == (Mode.FULL, begin.RESTORED)


def crm_scripts() -> Path:

    return sql_folder() / "crm"
