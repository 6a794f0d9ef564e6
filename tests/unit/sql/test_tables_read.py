"""The tables that lineage tells of are those that PostgreSQL reads for the statements of the CRM's extract.sql."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from crm_sync import providers
from crm_sync.ledger.statements import statement
from crm_sync.operators.lineage import tables_read

CHANGES = ("changed_contacts",)
ASKED = {
    "contact_ids": [1],
    "subscriber_keys": ["1"],
    "since": "2026-01-01",
    "until": "2026-01-02",
    "last_snapshot": "10:20:10",
}


def relations(plan: Any) -> Iterator[str]:
    """schema.table of every scan in a plan, of whatever depth."""
    if isinstance(plan, dict):
        if "Relation Name" in plan:
            yield f"{plan['Schema']}.{plan['Relation Name']}"
        plan = list(plan.values())
    if isinstance(plan, list | tuple):
        for each in plan:
            yield from relations(each)


def read_by_postgres(crm: str, names: list[str]) -> set[str]:
    with psycopg.connect(crm) as connection:
        plans = [
            connection.execute(f"EXPLAIN (VERBOSE, FORMAT JSON) {statement(f'crm/extract/{name}')}", asked).fetchone()
            for name in names
            for asked in (ASKED, {**ASKED, "contact_ids": None, "subscriber_keys": None})
        ]
    return {relation for plan in plans for relation in relations(plan)}


@pytest.mark.parametrize("name", ["mailchimp", "higher_logic", "votervoice"])
def test_all_that_postgres_reads_is_told(crm: str, name: str) -> None:
    provider = providers.get(name)
    names = [provider.audience, *CHANGES, *(["lists"] if provider.has_lists else [])]

    told = tables_read(provider)

    assert "crm.contact" in told
    assert set(told) == read_by_postgres(crm, names)


def test_kinds_of_membership_are_read_for_members_only() -> None:
    assert "crm.membership_type" not in tables_read(providers.get("mailchimp"))
    assert "crm.membership_type" in tables_read(providers.get("votervoice"))
