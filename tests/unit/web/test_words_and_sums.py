"""Codes become words, moments name their time zone, and a run's operations add up; the chart is bare SVG."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from xml.etree import ElementTree

import pytest

from crm_sync import providers
from crm_sync.alerts.kinds import Kind
from crm_sync.model import Verb
from crm_sync.web import labels
from crm_sync.web.chart import DAYS, chart, days_before
from crm_sync.web.counts import by_list, effects, outcomes
from crm_sync.web.rendering import environment

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@dataclass
class Row:
    """A row of crm_sync.run_tally."""

    verb: str
    status: str
    operations: int
    list_id: int | None = None
    list_name: str | None = None
    cause: str | None = None


TALLY = [
    Row("create", "applied", 5),
    Row("create", "refused", 2),
    Row("suppress", "applied", 1, cause="do_not_contact"),
    Row("archive", "deferred", 3, cause="in_no_list"),
    Row("add_to_list", "applied", 4, 7, "News"),
    Row("add_to_list", "pending", 6, 8, "Offers"),
]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("opted_out", providers.get("mailchimp").reasons["opted_out"].meaning),
        ("field_refused:FNAME", "the field FNAME was not accepted: its value is invalid, or it is required and empty"),
        ("refused:member_in_review", "refused by Mailchimp: member in review"),
        ("fname_too_long", "the field fname is too long"),
        ("something_new", "something new"),
        (None, ""),
    ],
)
def test_a_reason_is_said_in_words(code: str | None, said: str) -> None:
    assert labels.reason(code, "mailchimp") == said


def test_every_alert_has_its_words() -> None:
    assert labels.ALERTS.keys() == {kind.value for kind in Kind}


def test_a_moment_is_told_in_utc_whatever_its_own_zone() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-5)))
    assert labels.utc(elsewhere) == "2026-11-24 09:00 UTC"
    assert labels.utc(None) == "never"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "less than a minute"), (1, "1 minute"), (59, "59 minutes"), (60, "1 hour"), (3000, "2 days")],
)
def test_how_long_ago_is_told_in_the_largest_unit(minutes: int, said: str) -> None:
    assert labels.ago(NOW - timedelta(minutes=minutes), NOW) == said


def test_outcomes_add_up_to_what_was_planned() -> None:
    sums = outcomes(TALLY)
    assert sums == {"planned": 21, "applied": 10, "refused": 2, "deferred": 3, "held": 0, "open": 6}


def test_effects_name_people_disabled_by_cause() -> None:
    assert effects(TALLY) == [
        ("People added", "", 7),
        ("People disabled", "Do Not Contact is set", 1),
        ("People disabled", "in no synchronized list any more", 3),
        ("Added to a list", "", 10),
    ]


def test_every_verb_has_words() -> None:
    assert {each.value for each in Verb} == set(labels.VERBS)
    assert len(effects([Row(each.value, "applied", 1) for each in Verb])) >= 9


def test_lists_come_after_the_people_themselves() -> None:
    assert [(row["name"], row["planned"], row["open"]) for row in by_list(TALLY)] == [
        ("people themselves", 11, 0),
        ("News", 4, 0),
        ("Offers", 6, 6),
    ]


def test_a_template_escapes_what_it_is_given() -> None:
    shown = (
        environment()
        .get_template("trouble.html")
        .render(root="", airflow="", sees_people=False, title="<script>x</script>", message='"&<b>')
    )
    assert "<script>x" not in shown
    assert "&lt;script&gt;x&lt;/script&gt;" in shown
    assert "<b>" not in shown


def elements(text: str) -> Iterator[ElementTree.Element]:
    """All elements of a drawing."""
    yield from ElementTree.fromstring(text).iter()  # noqa: S314  our own drawing


def test_the_chart_has_a_bar_for_each_day_and_nothing_that_a_strict_page_refuses() -> None:
    pytest.importorskip("pygal")
    days = list(days_before(NOW))
    assert (len(days), days[0], days[-1]) == (DAYS, "2026-11-11", "2026-11-24")
    drawn = chart({("2026-11-24", "applied"): 5, ("2026-11-20", "refused"): 2}, days)
    names = [element.tag.split("}")[-1] for element in elements(drawn)]
    assert names.count("rect") >= DAYS * 3
    assert not {"style", "script", "defs"} & set(names)
    assert not [element for element in elements(drawn) if "style" in element.attrib]
