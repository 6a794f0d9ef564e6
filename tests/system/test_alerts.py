"""People are told once when something goes wrong and once when it has ended: by mail, by Slack, by whatever Apprise
reaches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from standins.process import StandIn
from system.association import KEY, PERSON, Association
from system.mailbox import Mailbox
from system.runs import Runs
from system.webhooks import Webhooks

FAILED = "CRM Sync: Mailchimp failed at load"
DISCONNECTED = "CRM Sync: Mailchimp has lost its connection"
REFUSES = "CRM Sync: Mailchimp refuses many operations"
RECOVERED = "CRM Sync: Mailchimp recovered"


@pytest.fixture
def impatient(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> Runs:
    """Tasks are not tried again."""
    for task in runs.dag.tasks:
        monkeypatch.setattr(task, "retries", 0)
    return runs


@pytest.fixture
def webhooks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhooks]:
    """A web server that takes what Slack and Apprise send; they are the only channels unless a test says otherwise."""
    with Webhooks() as made:
        for name, value in made.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("CRM_SYNC_ALERT_CHANNELS", "slack, apprise")
        yield made


def down(standin: StandIn) -> None:
    """From now on Mailchimp answers 503 to whatever is sent."""
    standin.fault("status", method="POST", status=503)


def test_each_channel_tells_of_a_failure_once_and_of_its_end_once(
    association: Association,
    standin: StandIn,
    impatient: Runs,
    mailbox: Mailbox,
    webhooks: Webhooks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CRM_SYNC_ALERT_CHANNELS", "smtp, slack, apprise")
    association.contact("Ann", association.list("News"))
    down(standin)

    assert [impatient.run(), impatient.run()] == ["failed", "failed"]

    everywhere = (mailbox, webhooks.slack, webhooks.apprise)
    assert [each.subjects() for each in everywhere] == [[FAILED]] * 3

    standin.clear_faults()
    impatient.sync()
    impatient.sync()

    assert [each.subjects() for each in everywhere] == [[FAILED, RECOVERED]] * 3
    assert webhooks.apprise.tones() == ["failure", "success"]


def test_a_message_names_provider_cause_remedy_and_run_and_its_end_says_what_had_been_wrong(
    association: Association, standin: StandIn, impatient: Runs, webhooks: Webhooks
) -> None:
    association.contact("Ann", association.list("News"))
    down(standin)
    assert impatient.run() == "failed"
    failed_in = impatient.run_id_in_links()
    standin.clear_faults()
    impatient.sync()

    failure, end = webhooks.apprise.texts()
    for words in ("503", "What to do: ", "Provider: Mailchimp", "Stage: load", f"/runs/{failed_in}/tasks/load"):
        assert words in failure
    for words in ("Ended: runs failed, since ", "for 0:00:", f"/runs/{impatient.run_id_in_links()}/"):
        assert words in end
    for text in (failure, end, *webhooks.slack.texts()):
        assert not PERSON.search(text)
        assert KEY not in text


def test_a_refused_key_is_a_lost_connection_until_a_run_has_nothing_to_complain_of(
    association: Association, standin: StandIn, runs: Runs, webhooks: Webhooks
) -> None:
    association.contact("Ann", association.list("News"))
    runs.sync()
    standin.switch(api_key="another-us1")
    try:
        assert [runs.run(), runs.run()] == ["failed", "failed"]
    finally:
        standin.switch(api_key=KEY)
    assert webhooks.slack.subjects() == [DISCONNECTED]
    assert "refused the key (401); put a valid one into the Airflow connection" in webhooks.slack.texts()[0]

    runs.sync()

    assert runs.states["load"] == "skipped"
    assert webhooks.slack.subjects() == [DISCONNECTED, RECOVERED]
    assert "Ended: the connection was lost" in webhooks.slack.texts()[1]
    assert KEY not in "".join(webhooks.slack.texts())


def test_a_second_trouble_is_told_beside_the_first_and_both_end_with_one_message(
    association: Association, standin: StandIn, impatient: Runs, webhooks: Webhooks
) -> None:
    association.contact("Ann", association.list("News"))
    down(standin)
    assert impatient.run() == "failed"
    standin.switch(api_key="another-us1")
    try:
        assert impatient.run() == "failed"
    finally:
        standin.switch(api_key=KEY)
    standin.clear_faults()
    impatient.sync()

    assert webhooks.slack.subjects() == [FAILED, DISCONNECTED, RECOVERED]
    assert "Ended: runs failed" in webhooks.slack.texts()[2]
    assert "Ended: the connection was lost" in webhooks.slack.texts()[2]


def test_many_refused_are_told_with_their_share_until_a_run_has_few(
    association: Association, runs: Runs, webhooks: Webhooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_SYNC_ALERT_REFUSED_FLOOR", "1")
    news = association.list("News")
    association.contact("Ann", news)
    for number in range(2):
        association.contact(f"Bob{number}", news, address=f"refused{number}@fake.example.org")
    runs.sync()
    (refused,) = runs.ask("select refused, applied from crm_sync.run_summary")
    assert refused[0] >= 2
    association.contact("Cid", news, address="refused9@fake.example.org")
    runs.sync()  # one more refused, and nothing else: fewer than the floor, but no proof that it is better
    assert webhooks.apprise.subjects() == [REFUSES]
    assert f"refused {refused[0]} of {sum(refused)} operations, more than 20%" in webhooks.apprise.texts()[0]
    assert "The main reasons: " in webhooks.apprise.texts()[0]
    assert webhooks.apprise.tones() == ["warning"]

    association.contact("Dora", news)
    runs.sync()

    assert webhooks.apprise.subjects() == [REFUSES, RECOVERED]
    assert not PERSON.search("".join(webhooks.apprise.texts()))


def test_few_refused_are_not_told(association: Association, runs: Runs, webhooks: Webhooks) -> None:
    association.contact("Ann", association.list("News"), address="refused1@fake.example.org")
    runs.sync()
    assert runs.ask("select refused > 0 from crm_sync.run_summary") == [(True,)]
    assert webhooks.apprise.subjects() == []


def test_what_nobody_took_is_told_by_the_next_failure(
    association: Association, standin: StandIn, impatient: Runs, webhooks: Webhooks
) -> None:
    association.contact("Ann", association.list("News"))
    down(standin)
    webhooks.status = 500
    assert impatient.run() == "failed"
    is_told = "select kind, told_at is not null, untold is not null from crm_sync.alert"
    assert impatient.ask(is_told) == [("load_failed", False, True)]

    webhooks.status = 200
    assert impatient.run() == "failed"

    assert webhooks.apprise.subjects() == webhooks.slack.subjects() == [FAILED]
    assert impatient.ask(is_told) == [("load_failed", True, False)]
    standin.clear_faults()
    webhooks.status = 500
    impatient.sync()
    assert impatient.ask("select kind from crm_sync.alert") == [("load_failed",)]
    webhooks.status = 200
    impatient.sync()
    assert webhooks.slack.subjects() == [FAILED, RECOVERED]


def test_without_the_state_database_each_failure_is_told_and_says_that_it_may_come_again(
    association: Association, runs: Runs, webhooks: Webhooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    association.contact("Ann", association.list("News"))
    monkeypatch.delenv("AIRFLOW_CONN_CRM_SYNC_STATE")

    assert runs.run() == "failed"
    first = webhooks.slack.subjects()
    assert runs.run() == "failed"

    assert DISCONNECTED in first
    assert webhooks.slack.subjects() == first * 2
    assert all("may get this message again" in text for text in webhooks.slack.texts())
    assert "no Airflow connection crm_sync_state" in webhooks.slack.texts()[0]


def test_a_setting_that_does_not_fit_is_told_though_it_is_an_alerts_own(
    association: Association, runs: Runs, webhooks: Webhooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_SYNC_ALERT_REFUSED_SHARE", "half")

    assert runs.run() == "failed"

    assert webhooks.slack.subjects() == ["CRM Sync: Mailchimp failed at extract"]
    assert "CRM_SYNC_ALERT_REFUSED_SHARE must be a valid number" in webhooks.slack.texts()[0]


def test_a_provider_in_passing_trouble_alarms_nobody(
    association: Association, standin: StandIn, runs: Runs, webhooks: Webhooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    for task in runs.dag.tasks:
        monkeypatch.setattr(task, "retry_delay", timedelta(0))
        monkeypatch.setattr(task, "max_retry_delay", timedelta(0))
    association.contact("Ann", association.list("News"))
    standin.fault("status", method="POST", status=503, times=4)

    runs.sync()

    assert runs.tries("load") == 2
    assert webhooks.slack.subjects() == []
