"""An opt-out that the CRM does not take makes no run red: people are told once, and when none is left."""

from __future__ import annotations

from typing import Any

import psycopg

from system.moments import at, ended, migrated

UNWRITTEN = "CRM Sync: Mailchimp has opt-outs that the CRM rejects"


def refused(state_dsn: str, contact_id: int, reason: str) -> None:
    with psycopg.connect(state_dsn) as connection:
        subscriber_key = f"person{contact_id}@example.org"
        connection.execute(
            "insert into crm_sync.opt_out (provider, subscriber_key, reason) values ('mailchimp', %s, 'unsubscribed')",
            (subscriber_key,),
        )
        for list_id in (1, 2):
            connection.execute(
                "insert into crm_sync.unwritten_opt_out (provider, subscriber_key, contact_id, list_id, reason)"
                " values ('mailchimp', %s, %s, %s, %s)",
                (subscriber_key, contact_id, list_id, reason),
            )


def test_opt_outs_that_the_crm_refuses_are_told_with_how_many_and_why_until_none_is_left(
    told: Any, state_dsn: str
) -> None:
    from crm_sync.alerts import report_success

    migrated(state_dsn)
    for contact_id, reason in ((1, "crm_refused:23514"), (2, "crm_refused:23514"), (3, "crm_locked")):
        refused(state_dsn, contact_id, reason)
    ended(state_dsn, "scheduled__4", "recorded", "0 seconds")
    for _ in range(2):
        report_success(at("record", "scheduled__4"))
    assert told.subjects() == [UNWRITTEN]
    assert "for 3 people" in told.texts()[0]
    assert "crm_refused:23514 (2), crm_locked (1)" in told.texts()[0]
    assert "person1@" not in told.texts()[0]

    with psycopg.connect(state_dsn) as connection:
        connection.execute("delete from crm_sync.unwritten_opt_out")
    ended(state_dsn, "scheduled__5", "idle", "-1 second")
    report_success(at("extract", "scheduled__5"))
    assert told.subjects() == [UNWRITTEN, "CRM Sync: Mailchimp recovered"]
    assert "Ended: the CRM rejected opt-outs" in told.texts()[1]
