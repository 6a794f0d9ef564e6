"""A page asks little of the databases: few statements, over connections that are open already."""

from __future__ import annotations

import json
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import QueuePool, event

from crm_sync.hooks import database
from crm_sync.ledger.database import Database
from unit.web.conftest import Visit
from unit.web.test_nothing_untrue import RUN, outcome, planned, run

MOST = {"/": 20, "/runs": 4, RUN + "one": 9, "/exceptions": 7, "/people": 8}


@pytest.mark.parametrize("path", MOST)
def test_a_page_asks_no_more_the_more_runs_and_providers_there_are(visit: Visit, path: str) -> None:
    visit.guest.providers = ["constant_contact", "higher_logic", "mailchimp", "votervoice"]
    number = run(visit, "one", "recorded")
    for who in range(30):
        outcome(visit, number, planned(visit, number, who=who), "refused", "address_taken")
    for minute in range(30):
        run(visit, f"n{minute}", "idle", minute)
    said: list[str] = []
    for each in (visit.state, visit.crm):
        event.listen(each.engine, "before_cursor_execute", lambda *about: said.append(about[2]))
    visit.page(path)
    assert 0 < len(said) <= MOST[path], said


def test_one_engine_serves_all_pages_of_a_process(state: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def connected(name: str) -> None:
        url = state.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        parts: Any = conninfo_to_dict(url)
        known = {"conn_type": "postgres", "host": parts["host"], "port": int(parts["port"]), "login": "postgres"}
        monkeypatch.setenv("AIRFLOW_CONN_CRM_SYNC_STATE", json.dumps({**known, "schema": name}))

    monkeypatch.setattr(database, "_shared", {})
    connected(str(state.engine.url.database))
    with database.shared_database(*database.STATE) as first, first.transaction() as transaction:
        transaction.run("session/limit_time")
    with database.shared_database(*database.STATE) as second:
        assert second is first
    pool = first.engine.pool
    assert isinstance(pool, QueuePool)
    assert pool.checkedin() == 1
    connected("another")
    with database.shared_database(*database.STATE, for_seconds=600) as patient:
        assert patient is first
    with database.shared_database(*database.STATE) as other:
        assert other is not first
    first.engine.dispose()
