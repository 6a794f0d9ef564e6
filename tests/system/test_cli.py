"""The command crm-sync says what a person would look up, names what is wrong, and ends with 1 where something is."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crm_sync.cli import main
from crm_sync.ledger import sources
from standins.process import StandIn
from system.association import Association, as_environment
from system.connections import connections_of


@pytest.fixture
def world(association: Association, state_dsn: str, standin: StandIn, monkeypatch: pytest.MonkeyPatch) -> Association:
    """Connections to databases and Mailchimp, and a schema."""
    made = as_environment(connections_of("mailchimp", association.crm_dsn, state_dsn, standin))
    for name, value in made.items():
        monkeypatch.setenv(name, value)
    assert said("migrate").output.startswith("applied: 0001_schema")
    return association


def said(*words: str) -> Result:
    """What a command answers."""
    return CliRunner().invoke(main, list(words))


def test_a_check_of_what_is_right_ends_well(world: Association) -> None:
    found = said("check", "--provider", "mailchimp")
    assert found.exit_code == 0, found.output
    assert [line.split()[0] for line in found.output.splitlines()] == ["ok"] * 6
    assert "127.0.0.1" in found.output.splitlines()[-1]


def misspelt(monkeypatch: pytest.MonkeyPatch, _: Association) -> str:
    monkeypatch.setenv("CRM_SYNC_BRAKE_SHAER", "0.5")
    return "CRM_SYNC_BRAKE_SHARE is: rename it"


def unfit(monkeypatch: pytest.MonkeyPatch, _: Association) -> str:
    monkeypatch.setenv("CRM_SYNC_BRAKE_FLOOR", "many")
    return "CRM_SYNC_BRAKE_FLOOR must be"


def no_triggers(_: pytest.MonkeyPatch, association: Association) -> str:
    association.do("alter table crm.contact disable trigger user")
    return "the change log may miss changes"


def no_key(monkeypatch: pytest.MonkeyPatch, _: Association) -> str:
    connection = json.loads(os.environ["AIRFLOW_CONN_MAILCHIMP_DEFAULT"])
    monkeypatch.setenv("AIRFLOW_CONN_MAILCHIMP_DEFAULT", json.dumps({**connection, "password": "stranger-us1"}))
    return "Mailchimp:"


@pytest.mark.parametrize("spoil", [misspelt, unfit, no_triggers, no_key])
def test_what_is_wrong_is_named_and_the_rest_is_checked(
    spoil: Any, world: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = spoil(monkeypatch, world)
    found = said("check", "--provider", "mailchimp")
    assert found.exit_code == 1
    bad = [line for line in found.output.splitlines() if line.startswith("not ok")]
    assert len(bad) >= 1
    assert expected in bad[0]
    assert len(found.output.splitlines()) == 6
    assert "stranger" not in found.output


def test_a_crm_that_only_reads_needs_a_connection_for_opt_outs(
    world: Association, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = world.crm_dsn.rpartition("/")[2]
    world.do(f"alter database {name} set default_transaction_read_only = on")
    monkeypatch.setenv("CRM_SYNC_CRM_CHANGES", "comparison")
    sources.chosen.cache_clear()
    found = said("check", "--provider", "mailchimp").output.splitlines()[4]
    assert found.startswith("not ok  CRM: ")
    assert "crm_sync_crm_write_back" in found
    assert said("check", "--provider", "votervoice").output.splitlines()[4].startswith("ok      CRM: ")
    second = json.loads(os.environ["AIRFLOW_CONN_CRM_SYNC_CRM"])
    second["extra"] = {"options": "-c default_transaction_read_only=off"}
    monkeypatch.setenv("AIRFLOW_CONN_CRM_SYNC_CRM_WRITE_BACK", json.dumps(second))
    found = said("check", "--provider", "mailchimp").output.splitlines()[4]
    assert found.endswith("compares everyone with the last read; opt-outs are written by crm_sync_crm_write_back")
    monkeypatch.undo()
    sources.chosen.cache_clear()


def test_a_schema_that_is_missing_says_how_to_make_it(
    world: Association, state_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    with psycopg.connect(state_dsn) as connection:
        connection.execute("drop schema crm_sync cascade")
    assert "run crm-sync migrate" in said("check", "--provider", "mailchimp").output


def test_status_and_why_say_what_the_page_says(world: Association) -> None:
    news = world.list("News")
    ann = world.contact("Ann", news)
    assert "Mailchimp: no run yet" in said("status", "--provider", "mailchimp").output
    told = said("why", str(ann))
    assert told.exit_code == 0, told.output
    assert "Mailchimp: " in told.output
    assert "  News: " in told.output
    assert said("why", "999").exit_code == 1


def test_status_says_a_failure_that_a_preview_followed(world: Association, state_dsn: str) -> None:
    import psycopg

    run = (
        "insert into crm_sync.run (provider, airflow_run_id, mode, state, dry_run, opened_at)"
        " values ('mailchimp', %s, 'changes', %s, %s, now() - make_interval(mins => %s))"
    )
    with psycopg.connect(state_dsn) as state:
        for values in (("bad", "failed", False, 20), ("later", "previewed", True, 10)):
            state.execute(run, values)
    lines = said("status", "--provider", "mailchimp").output.splitlines()
    assert lines[0].startswith("Mailchimp: preview, nothing was sent")
    assert "  the last run failed" in lines


def test_an_export_is_that_of_the_page_and_addresses_are_logged(
    world: Association, state_dsn: str, tmp_path: Path
) -> None:
    import psycopg

    ann = world.contact("Ann", world.list("News"))
    with psycopg.connect(state_dsn) as state:
        state.execute(
            "insert into crm_sync.set_aside (run_id, provider, contact_id, reason)"
            " values (1, 'mailchimp', %s, 'address_not_valid'), (1, 'votervoice', %s, 'address_too_long')",
            (ann, ann),
        )
    told = said("export")
    assert told.exit_code == 0, told.output
    rows = list(csv.DictReader(told.output.splitlines()))
    assert [row["reason"] for row in rows] == ["address_not_valid", "address_too_long"]
    assert "ann@example.org" not in told.output
    assert said("export", "--provider", "votervoice").output.count("\n") == 2
    assert said("export", "--reason", "address_not_valid").output.count("\n") == 2
    file = tmp_path / "exceptions.csv"
    assert said("export", "--addresses", "--output", str(file)).output == ""
    assert "ann@example.org" in file.read_text(encoding="utf-8")
    with psycopg.connect(state_dsn) as state:
        looks = state.execute("select distinct who, what, contact_id from crm_sync.looked_at").fetchall()
    assert [(what, contact_id) for _, what, contact_id in looks] == [("exported", ann)]
    assert looks[0][0].startswith("cli:")


def test_a_run_is_started_as_by_the_button(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def trigger(command: list[str], **_: Any) -> Any:
        asked.append(command)
        return subprocess.CompletedProcess(command, len(asked) - 1, '[{"dag_run_id": "manual__1"}]', "no such DAG")

    monkeypatch.setattr(subprocess, "run", trigger)
    assert said("sync", "--provider", "mailchimp", "--full").output == "started manual__1\n"
    assert asked[0][2:6] == ["airflow", "dags", "trigger", "crm_to_mailchimp"]
    assert json.loads(asked[0][7]) == {"mode": "full", "dry_run": False}
    failed = said("sync", "--provider", "mailchimp", "--dry-run")
    assert (failed.exit_code, json.loads(asked[1][7])) == (1, {"mode": "changes", "dry_run": True})
    assert "no such DAG" in failed.output


def test_without_connections_an_error_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    found = said("migrate")
    assert found.exit_code == 1
    assert "crm_sync_state" in found.output
    assert "Traceback" not in found.output
