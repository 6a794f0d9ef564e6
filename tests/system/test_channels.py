"""Who was told and who was not: each address for itself, by its place, with no address and no key in a log."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from crm_sync.alerts import channels
from local.postgres import free_port
from system.mailbox import DATA_TEAM, Mailbox
from system.webhooks import APPRISE, Webhooks

TEXT = "line one\nline <two> & {three}"
SECRET = "s3cr3t"


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhooks]:
    """What Slack and Apprise are sent."""
    with Webhooks() as made:
        for name, value in made.environment().items():
            monkeypatch.setenv(name, value)
        yield made


def tell(channels: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Tell of a failure; whether anybody was told."""
    from crm_sync.alerts.channels import tell as told
    from crm_sync.alerts.message import Message

    monkeypatch.setenv("CRM_SYNC_ALERT_CHANNELS", channels)
    return not told(Message("mailchimp", "Subject", TEXT, "failure"), {})


def entries(hooks: Webhooks, monkeypatch: pytest.MonkeyPatch, *paths: str) -> None:
    """Apprise is to send to these."""
    config = [{"path": path.replace("GOOD", f"json://{hooks.place}{APPRISE}"), "tag": "team"} for path in paths]
    monkeypatch.setenv(
        "AIRFLOW_CONN_APPRISE_DEFAULT", json.dumps({"conn_type": "apprise", "extra": {"config": config}})
    )


class Lines(logging.Handler):
    """What our package and Apprise write into a log, whatever Airflow does to the handlers of all."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.all: list[str] = []
        self.complaints: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.all.append(record.getMessage())
        if record.levelno >= logging.WARNING and record.name == "crm_sync":
            self.complaints.append(record.getMessage())


@pytest.fixture
def log() -> Iterator[Lines]:
    """The log of a task."""
    lines, loggers = Lines(), [logging.getLogger(name) for name in ("crm_sync", "apprise")]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.addHandler(lines)
        each.setLevel(logging.DEBUG)
    yield lines
    for each, level in zip(loggers, levels, strict=True):
        each.removeHandler(lines)
        each.setLevel(level)


BAD = {
    "nobody listens": f"json://user:{SECRET}@127.0.0.1:PORT/x",
    "unknown": f"slak://{SECRET}/x",
    "unreadable": f"slack://{SECRET}",
    "half of it": f"GOOD, slak://{SECRET}/x",
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("place", [1, 2])
def test_a_bad_entry_of_apprise_is_named_by_its_place_and_the_good_one_is_told(
    kind: str, place: int, hooks: Webhooks, monkeypatch: pytest.MonkeyPatch, log: Lines
) -> None:
    paths = ["GOOD", BAD[kind].replace("PORT", str(free_port()))]
    entries(hooks, monkeypatch, *(paths if place == 2 else reversed(paths)))

    assert tell("apprise", monkeypatch)

    assert hooks.apprise.subjects() == ["Subject"] * (2 if kind == "half of it" else 1)
    (said,) = log.complaints
    assert f"entry {place} of 2 (team)" in said
    assert SECRET not in "".join(log.all)


@pytest.mark.parametrize("channel", ["apprise", "slack"])
def test_a_channel_whose_package_is_missing_names_the_extra(
    channel: str, hooks: Webhooks, monkeypatch: pytest.MonkeyPatch, log: Lines
) -> None:
    monkeypatch.setattr(channels, "find_spec", lambda _: None)
    assert not tell(channel, monkeypatch)
    assert (hooks.apprise.subjects(), hooks.slack.subjects()) == ([], [])
    (said,) = log.complaints
    assert f"pip install 'crm-sync[{channel}]'" in said


def test_entries_that_are_all_bad_tell_nobody(hooks: Webhooks, monkeypatch: pytest.MonkeyPatch) -> None:
    entries(hooks, monkeypatch, f"slak://{SECRET}", f"json://127.0.0.1:{free_port()}")
    assert not tell("apprise", monkeypatch)


def test_a_mail_by_apprise_keeps_its_lines_and_brackets(
    hooks: Webhooks, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries(hooks, monkeypatch, f"mailto://127.0.0.1:{mailbox.port}?from=a@alerts.example.org&to={DATA_TEAM}")

    assert tell("apprise", monkeypatch)

    assert as_read(mailbox) == TEXT


def as_read(mailbox: Mailbox) -> str:
    """The text of the mail as its reader sees it."""
    import html
    import re

    lines = re.sub(r"<br\s*/?>\s*", "\n", mailbox.text("Subject"))
    return html.unescape(re.sub(r"</?(html|body|p|div)>", "", lines)).replace("\r\n", "\n").strip()


@pytest.mark.parametrize("refused", [0, 1, 2])
def test_an_address_that_the_mail_server_refuses_is_named_by_its_place_and_the_others_are_told(
    refused: int, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, log: Lines
) -> None:
    team = [f"{name}@alerts.example.org" for name in ("chair", "data", "office")]
    monkeypatch.setenv("CRM_SYNC_ALERT_EMAILS", ",".join(team))
    mailbox.refuse(team[refused])

    assert tell("smtp", monkeypatch)

    assert mailbox.receivers() == set(team) - {team[refused]}
    (said,) = log.complaints
    assert f"address {refused + 1} of 3" in said
    assert "alerts.example.org" not in "".join(log.all)


def test_a_mail_server_that_takes_no_address_tells_nobody(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox.refuse(DATA_TEAM)
    assert not tell("smtp", monkeypatch)


class Panic(BaseException):
    """As a library written in Rust ends."""


@pytest.mark.parametrize("error", [RuntimeError, ImportError, Panic])
def test_a_channel_that_breaks_in_any_way_leaves_the_others_to_tell(
    error: type[BaseException], hooks: Webhooks, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.providers.smtp.hooks.smtp import SmtpHook

    def broken(*_: object, **__: object) -> Any:
        raise error

    monkeypatch.setattr(SmtpHook, "send_email_smtp", broken)
    assert tell("smtp, slack", monkeypatch)
    assert hooks.slack.subjects() == ["Subject"]


@pytest.mark.parametrize("missing", ["apprise", "airflow.providers.apprise.hooks.apprise"])
def test_a_library_that_is_not_installed_leaves_the_others_to_tell(
    missing: str, hooks: Webhooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    assert tell("apprise, slack", monkeypatch)
    assert (hooks.apprise.subjects(), hooks.slack.subjects()) == ([], ["Subject"])


@pytest.mark.parametrize("error", [RuntimeError, Panic])
def test_no_failure_to_tell_reaches_the_task(error: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    from crm_sync.alerts import callbacks, report_brake, report_failed_run, report_failure, report_success

    def broken(*_: object, **__: object) -> Any:
        raise error

    monkeypatch.setattr(callbacks, "state_database", broken)
    monkeypatch.setattr(callbacks, "tell", broken)
    ti = SimpleNamespace(dag_id="crm_to_mailchimp", run_id="manual__1", task_id="load", log_url="")
    task, dag = SimpleNamespace(provider="mailchimp"), SimpleNamespace(dag_id="crm_to_mailchimp")
    context: Any = {"ti": ti, "task": task, "dag": dag, "run_id": "manual__1", "exception": ValueError()}

    for report in (report_failure, report_success, report_failed_run):
        report(context)
    question: Any = SimpleNamespace(
        provider="mailchimp",
        question_id=1,
        run_id=1,
        airflow_run_id="manual__1",
        asked_at=datetime.now(UTC),
        why="a test",
    )
    report_brake(question, context, is_asked=True)


def test_a_task_that_is_told_to_stop_stops() -> None:
    from airflow.sdk.exceptions import AirflowTaskTimeout

    from crm_sync.side_work import beside_the_work

    for stop in (AirflowTaskTimeout, KeyboardInterrupt, SystemExit):
        with pytest.raises(stop), beside_the_work("nothing"):
            raise stop
