"""The line at the end of each stage's log, in words that a data team reads."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest

from crm_sync import pipeline
from crm_sync.ledger import store
from crm_sync.ledger.database import Database
from crm_sync.model import Asked, Mode
from crm_sync.pipeline import report

LOADED = {"planned": 1200, "applied": 1190, "refused": 7, "deferred": 3, "unsettled": 0, "set_aside": 2}


@pytest.mark.parametrize(
    ("stage", "counts", "line"),
    [
        ("opt_outs", {}, "opt_outs: the provider reports no opt-outs, in 3.2 s"),
        (
            "opt_outs",
            {"opt_outs_new": 1, "do_not_contact_set": 3},
            "opt_outs: 1 new opt-out, Do Not Contact set on 3 list memberships, in 3.2 s",
        ),
        (
            "opt_outs",
            {"lists_read_back": 12, "people_read_back": 4412, "opt_outs_new": 0, "do_not_contact_set": 0},
            "opt_outs: 4,412 people and 12 lists read back, 0 new opt-outs,"
            " Do Not Contact set on 0 list memberships, in 3.2 s",
        ),
        ("extract", {"idle": 1, "lists": 4, "contacts": 0}, "extract: nothing has changed in the CRM, in 3.2 s"),
        ("extract", {"idle": 0, "lists": 12, "contacts": 4412}, "extract: 4,412 contacts and 12 lists, in 3.2 s"),
        ("validate", {"checked": 4412, "set_aside": 1}, "validate: 4,412 contacts checked, 1 set aside, in 3.2 s"),
        (
            "transform",
            {"contacts": 4412, "subscribers": 1},
            "transform: 1 subscriber made of 4,412 contacts, in 3.2 s",
        ),
        ("plan", {"planned": 0}, "plan: nothing to send, in 3.2 s"),
        (
            "plan",
            {"planned": 1201, "create": 1000, "add_to_list": 200, "create_refused": 1},
            "plan: 1,201 operations: 1,000 create, 200 add to list, 1 create refused, in 3.2 s",
        ),
        ("load", LOADED, "load: 1,190 applied, 7 refused, 3 deferred of 1,200 operations, in 3.2 s"),
        ("load", {}, "load: nothing to send, in 3.2 s"),
        (
            "record",
            {**LOADED, "planned": 1240, "held": 40},
            "record: 1,190 applied, 7 refused, 3 deferred, 40 held back of 1,240 operations, in 3.2 s",
        ),
        ("record", LOADED, "record: 1,190 applied, 7 refused, 3 deferred of 1,200 operations, in 3.2 s"),
    ],
)
def test_a_line_says_what_was_done_how_many_and_how_long(stage: str, counts: dict[str, int], line: str) -> None:
    assert report.line(stage, counts, 3.21) == line


def test_hours_are_told_in_seconds_too() -> None:
    assert report.line("plan", {"planned": 0}, 12345.6).endswith("in 12,345.6 s")


def test_a_stage_that_is_run_says_its_line(
    state: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = store.open_run(state, Asked("mailchimp", "one", Mode.CHANGES))
    answer = {"idle": 1, "lists": 0, "contacts": 0}
    monkeypatch.setattr(pipeline, "stage", lambda _: lambda _: answer)

    ctx: Any = SimpleNamespace(state=state, run=run)
    with caplog.at_level(logging.INFO, "crm_sync"):
        pipeline.run_stage("extract", ctx)

    told = [record.getMessage().rpartition(", in ")[0] for record in caplog.records]
    assert told == [f"extract: {report.said('extract', answer)}"]
