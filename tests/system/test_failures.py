"""What happens next when something is wrong: who is told, what is tried again, and what was sent meanwhile."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from crm_sync.errors import TransientError
from crm_sync.pipeline import transform, validate
from crm_sync.pipeline.context import RunContext
from standins.process import StandIn
from system.accounts import Held
from system.association import Association, audience, writes
from system.mailbox import DATA_TEAM, Mailbox
from system.runs import Runs


@pytest.fixture
def impatient(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> Runs:
    """Tasks are tried again at once."""
    for task in runs.dag.tasks:
        monkeypatch.setattr(task, "retry_delay", timedelta(0))
        monkeypatch.setattr(task, "max_retry_delay", timedelta(0))
    return runs


def test_a_wrong_key_is_tried_once_and_the_data_team_gets_a_mail_that_says_what_to_do(
    association: Association, standin: StandIn, runs: Runs, mailbox: Mailbox
) -> None:
    association.contact("Ann", association.list("News"))
    standin.switch(api_key="another-us1")
    try:
        ended = runs.run()
    finally:
        standin.switch(api_key="standin-us1")

    assert ended == "failed"
    assert runs.states["extract"] == "failed"
    assert runs.states["load"] == "upstream_failed"
    assert runs.tries("extract") == 1
    assert standin.requests()["by_status"] == {"401": 1}
    assert mailbox.subjects() == ["CRM Sync: Mailchimp has lost its connection"]
    assert mailbox.receivers() == {DATA_TEAM}
    text = mailbox.text("CRM Sync: Mailchimp has lost its connection")
    assert "refused the key (401); put a valid one into the Airflow connection" in text
    assert f"/dags/crm_to_mailchimp/runs/{runs.run_id_in_links()}/tasks/extract" in text
    assert "standin-us1" not in text
    assert "@example.org" not in text


def test_a_provider_in_trouble_is_tried_again_and_nobody_is_alarmed(
    association: Association, standin: StandIn, impatient: Runs, mailbox: Mailbox
) -> None:
    association.contact("Ann", association.list("News"))
    # The call is tried twice inside a task, so this outlives the first task.
    standin.fault("status", method="POST", status=503, times=4)

    impatient.sync()

    assert impatient.tries("load") == 2
    assert audience(standin) == {"ann@example.org": Held("subscribed", frozenset({"News"}))}
    assert mailbox.subjects() == []


def test_a_task_that_is_tried_again_begins_at_its_first_stage(
    association: Association, standin: StandIn, impatient: Runs, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    run = transform.transform

    def failing_once(ctx: RunContext) -> dict[str, int]:
        if "transform" not in begun:
            begun.append("transform")
            raise TransientError("the state database is away")
        return run(ctx)

    def noted(ctx: RunContext) -> dict[str, int]:
        begun.append("validate")
        return check(ctx)

    check = validate.validate
    monkeypatch.setattr(validate, "validate", noted)
    monkeypatch.setattr(transform, "transform", failing_once)
    association.contact("Ann", association.list("News"))

    impatient.sync()

    assert begun == ["validate", "transform", "validate"]
    assert (impatient.tries("extract"), impatient.tries("plan")) == (1, 2)
    assert audience(standin) == {"ann@example.org": Held("subscribed", frozenset({"News"}))}
    assert mailbox.subjects() == []


def test_a_provider_that_stays_down_fails_the_run_and_the_next_one_makes_good(
    association: Association, standin: StandIn, impatient: Runs, mailbox: Mailbox
) -> None:
    association.contact("Ann", association.list("News"))
    standin.fault("status", method="POST", status=503)

    assert impatient.run() == "failed"

    assert impatient.tries("load") == 4
    assert impatient.states["load"] == impatient.states["record"] == "failed"
    assert mailbox.subjects() == ["CRM Sync: Mailchimp failed at load"]
    assert "503" in mailbox.text("CRM Sync: Mailchimp failed at load")
    assert audience(standin) == {}

    standin.clear_faults()
    impatient.sync()
    assert audience(standin) == {"ann@example.org": Held("subscribed", frozenset({"News"}))}
    assert mailbox.subjects() == ["CRM Sync: Mailchimp failed at load", "CRM Sync: Mailchimp recovered"]


def test_a_missing_connection_is_named_with_the_way_to_make_it(
    association: Association, runs: Runs, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_CRM_SYNC_CRM")

    assert runs.run() == "failed"

    assert runs.tries("extract") == 1
    text = mailbox.text("CRM Sync: Mailchimp has lost its connection")
    assert "no Airflow connection crm_sync_crm" in text
    assert "AIRFLOW_CONN_CRM_SYNC_CRM" in text


def test_a_broken_extract_stops_before_anything_is_sent(
    association: Association,
    standin: StandIn,
    runs: Runs,
    mailbox: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CRM_SYNC_SET_ASIDE_FLOOR", "1")
    news = association.list("News")
    association.contact("Ann", news)
    for name in ("Bob", "Cid"):
        association.contact(name, news, address=f"{name} at example.org")

    assert runs.run() == "failed"

    assert runs.states["plan"] == "failed"
    assert runs.tries("plan") == 1
    assert "2 of 3 contacts are invalid" in mailbox.text("CRM Sync: Mailchimp failed at validate")
    assert writes(standin) == []


def test_a_misspelt_setting_stops_a_run_but_no_opt_out(
    association: Association, standin: StandIn, runs: Runs, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    news = association.list("News")
    ann = association.contact("Ann", news)
    runs.sync()
    standin.act("unsubscribe", address="ann@example.org")
    association.contact("Bob", news)
    before = len(writes(standin))
    monkeypatch.setenv("CRM_SYNC_BRAKE_FLOR", "1")

    assert runs.run() == "failed"

    assert runs.states["extract"] == "failed"
    assert "CRM_SYNC_BRAKE_FLOOR is: rename it" in mailbox.text("CRM Sync: Mailchimp failed at extract")
    assert len(writes(standin)) == before
    flags = association.do("select do_not_contact from crm.list_member where contact_id = %s", ann)
    assert flags == [(True,)]


def test_a_settings_file_that_is_gone_stops_a_run_but_no_opt_out(
    association: Association,
    standin: StandIn,
    runs: Runs,
    mailbox: Mailbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "crm_sync.toml"
    file.write_text("[providers.mailchimp.pilot]\npeople = 1\n")
    monkeypatch.setenv("CRM_SYNC_CONFIG", str(file))
    news = association.list("News")
    ann = association.contact("Ann", news)
    association.contact("Bob", news)
    runs.sync()
    standin.act("unsubscribe", address="ann@example.org")
    before = len(writes(standin))
    monkeypatch.delenv("CRM_SYNC_CONFIG")

    assert [runs.run(), runs.run(mode="full")] == ["failed", "failed"]

    assert runs.states["extract"] == "failed"
    text = mailbox.text("CRM Sync: Mailchimp failed at extract")
    assert "crm_sync.toml, which the previous run read, is gone" in text
    assert len(writes(standin)) == before
    assert association.do("select do_not_contact from crm.list_member where contact_id = %s", ann) == [(True,)]

    file.write_text("")  # the defaults are meant
    monkeypatch.setenv("CRM_SYNC_CONFIG", str(file))
    runs.sync()
    assert set(audience(standin)) == {"ann@example.org", "bob@example.org"}
    monkeypatch.delenv("CRM_SYNC_CONFIG")
    runs.sync()


def test_a_mail_server_that_is_gone_does_not_hide_the_failure(
    association: Association, standin: StandIn, runs: Runs, mailbox: Mailbox
) -> None:
    mailbox.close()
    standin.switch(api_key="another-us1")
    try:
        assert runs.run() == "failed"
    finally:
        standin.switch(api_key="standin-us1")
    assert runs.states["extract"] == "failed"
