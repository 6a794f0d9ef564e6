"""Why? goes by what a connection chose, as a run does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine

from crm_sync.ledger.database import Database
from crm_sync.web import person, reading
from local.world import engine_url

ANN = """
    insert into crm.membership_type (membership_type_id, name) values (1, 'Regular');
    insert into crm.contact (contact_id, first_name, do_not_contact) values (1, 'Ann', true);
    insert into crm.membership (contact_id, membership_type_id, status, started_on)
    values (1, 1, 'active', '2026-01-01')
"""


@pytest.mark.parametrize("heeds", [False, True])
def test_do_not_contact_counts_at_votervoice_where_the_connection_says_so(
    heeds: bool, state: Database, crm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = {"conn_type": "votervoice", "extra": {"association": "EXAMPLE", "heeds_do_not_contact": heeds}}
    monkeypatch.setenv("AIRFLOW_CONN_VOTERVOICE_DEFAULT", json.dumps(connection))
    here = Database(create_engine(engine_url(crm)), "the CRM")
    with here.engine.begin() as writing:
        writing.exec_driver_sql(ANN)

    @contextmanager
    def opened(_: str, role: str) -> Iterator[Database]:
        yield here if role == "the CRM" else state

    monkeypatch.setattr(reading, "shared_database", opened)
    told = person.read_person(1, ["votervoice"])
    here.engine.dispose()
    assert told is not None
    case = told.cases["votervoice"]
    assert (case.is_blocked, case.is_wanted) == (heeds, not heeds)
