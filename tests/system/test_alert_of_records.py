"""Records whose own calls fail make no run red: people are told of them once, and when none is left."""

from __future__ import annotations

from typing import Any

import psycopg

from system.moments import at, ended, migrated

WAITS = "CRM Sync: Mailchimp fails for some records"


def held(state_dsn: str, subscriber_key: str, tries: int) -> None:
    with psycopg.connect(state_dsn) as connection:
        connection.execute(
            "insert into crm_sync.holding (provider, subscriber_key, address, state, reason, tries)"
            " values ('mailchimp', %s, %s, 'absent', 'server_error_500', %s)"
            " on conflict (provider, subscriber_key) do update set tries = excluded.tries",
            (subscriber_key, subscriber_key, tries),
        )


def test_records_that_wait_are_told_with_how_many_and_why_until_none_is_left(told: Any, state_dsn: str) -> None:
    from crm_sync.alerts import report_success

    migrated(state_dsn)
    for number in (1, 2):
        held(state_dsn, f"person{number}@example.org", tries=1)
    ended(state_dsn, "scheduled__4", "recorded", "0 seconds")
    for _ in range(2):
        report_success(at("record", "scheduled__4"))
    assert told.subjects() == [WAITS]
    assert "The calls for 2 records fail at Mailchimp" in told.texts()[0]
    assert "server_error_500 (2)" in told.texts()[0]
    assert "person1@" not in told.texts()[0]

    for number in (1, 2):
        held(state_dsn, f"person{number}@example.org", tries=0)
    ended(state_dsn, "scheduled__5", "recorded", "-1 second")
    report_success(at("record", "scheduled__5"))
    assert told.subjects() == [WAITS, "CRM Sync: Mailchimp recovered"]
    assert "Ended: calls failed for some records" in told.texts()[1]
