"""Every reason for being in a list or not is said in plain words, the strongest first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from crm_sync import providers
from crm_sync.pipeline.foresight import After
from crm_sync.web import labels
from crm_sync.web.why import Case, Flag, Held, Line, Membership, lines, summary

SINCE = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
NEWS = Membership(1, "News", True, False)
BOARD = Membership(2, "Board", False, False)
# In News, which is synchronized, and in Board, which is not; wanted, and held.
STAYS, OUT = After(True, frozenset({1})), After(False, frozenset())
WELL = Case(
    title="Postbox",
    after=STAYS,
    provider="mailchimp",
    is_wanted=True,
    wanted_lists=frozenset({1}),
    memberships=(NEWS, BOARD),
    held=Held("active", frozenset({1})),
)
MISSING = replace(WELL, held=None, after=OUT)


def line_of(case: Case, name: str) -> Line:
    """The line of one list."""
    (found,) = [each for each in lines(case) if each.name == name]
    return found


def test_whoever_is_where_the_crm_wants_them_needs_no_reason() -> None:
    assert summary(WELL) == "Held by Postbox."
    assert line_of(WELL, "News") == Line("News", True, True, "")
    assert line_of(WELL, "Board") == Line("Board", False, False, "this list is not synchronized")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"after": STAYS}, "waiting for the next run"),
        ({"after": STAYS, "is_begun": False}, "waiting for the first run to Postbox"),
        (
            {"opt_out": ("unsubscribed", SINCE), "is_blocked": True},
            "opted out at Postbox on 2026-11-01 09:30 UTC",
        ),
        ({"opt_out": ("cleaned", SINCE)}, "the address bounces at Postbox on 2026-11-01 09:30 UTC"),
        ({"is_in_crm": False}, "not in the CRM any more"),
        ({"has_address": False}, "not eligible: no primary e-mail address"),
        ({"is_blocked": True}, "not eligible: Do Not Contact is set"),
        ({"is_blocked": True, "flags": (Flag(lists=("News",)),)}, "not eligible: Do Not Contact is set in News"),
        (
            {"is_blocked": True, "flags": (Flag(sharer=2), Flag(sharer=3, lists=("News", "Board")))},
            "not eligible: Do Not Contact is set on contact 2, who shares the address and on contact 3, who shares the"
            " address, in News, Board",
        ),
        (
            {"is_blocked": True, "held_back": ("Otherbox", SINCE)},
            "opted out at Otherbox on 2026-11-01 09:30 UTC; the CRM did not accept the opt-out, and the person is"
            " held back everywhere",
        ),
        (
            {"aside": (("address_not_valid", True),)},
            "set aside until corrected in the CRM: the e-mail address is not valid",
        ),
        (
            {"is_wanted": False, "wanted_lists": frozenset(), "memberships": (BOARD,)},
            "in no synchronized list",
        ),
        (
            {"is_wanted": False},
            "not eligible: not a person or membership that Postbox takes",
        ),
        (
            {"held": Held("absent", frozenset(), "field_refused:FNAME", retry_at=SINCE)},
            "refused by Postbox: the field FNAME was not accepted: its value is invalid, or it is required and empty;"
            " offered again after 2026-11-01 09:30 UTC",
        ),
        ({"refusal": "opted_out"}, f"refused by Postbox: {labels.reason('opted_out', 'mailchimp')}"),
        (
            {"after": STAYS, "held": Held("absent", frozenset(), "deferred")},
            "put off by an earlier run; waiting for the next run",
        ),
    ],
)
def test_whoever_is_missing_is_told_why(change: dict[str, Any], why: str) -> None:
    case = replace(MISSING, **change)
    assert summary(case) == f"Not held by Postbox: {why}."
    theirs = line_of(case, case.memberships[0].name)
    assert not theirs.is_in
    assert theirs.why in {why, "this list is not synchronized"}


def test_an_address_is_not_asked_of_whom_a_provider_knows_by_number() -> None:
    case = replace(MISSING, after=STAYS, needs_address=False, has_address=False)
    assert summary(case) == "Not held by Postbox: waiting for the next run."


def test_whoever_must_go_is_still_there_until_the_next_run() -> None:
    case = replace(WELL, is_blocked=True, after=OUT)
    assert summary(case).startswith("Still held by Postbox; the next run disables the person there: not eligible")
    assert line_of(case, "News").why == "leaves with the next run: not eligible: Do Not Contact is set"


def test_a_list_that_the_crm_took_away_is_left_by_the_next_run() -> None:
    after = After(True, frozenset())
    case = replace(WELL, memberships=(), wanted_lists=frozenset(), list_names={1: "News"}, after=after)
    assert line_of(case, "News") == Line(
        "News", True, False, "leaves with the next run: not in this list in the CRM any more"
    )


def test_do_not_contact_of_one_list_keeps_out_of_that_list_alone() -> None:
    flagged = replace(NEWS, is_flagged=True)
    other = Membership(3, "Offers", True, False)
    held, after = Held("active", frozenset({3})), After(True, frozenset({3}))
    case = replace(WELL, memberships=(flagged, other), wanted_lists=frozenset({3}), held=held, after=after)
    assert line_of(case, "News") == Line("News", False, False, "Do Not Contact is set for this list")
    assert line_of(case, "Offers") == Line("Offers", True, True, "")


def test_a_list_that_the_provider_does_not_have_is_said_to_be_the_reason() -> None:
    case = replace(
        WELL, held=Held("active", frozenset()), after=After(True, frozenset()), refused_lists={1: "list_name_taken"}
    )
    line = line_of(case, "News")
    assert (line.is_in, line.stays_or_comes) == (False, False)
    assert line.why == f"Postbox does not have the list: {labels.reason('list_name_taken', 'mailchimp')}"


@pytest.mark.parametrize(
    ("held", "told"),
    [
        (
            Held("active", frozenset({1}), is_unanswered=True),
            "The last call was not answered; the next run asks again.",
        ),
        (
            Held("active", frozenset({1}), own_address="own@example.org"),
            "There under own@example.org, which the person chose; it stays until the CRM's address changes.",
        ),
        (Held("active", frozenset({1}), remark="address_not_valid"), "Left out: the e-mail address is not valid."),
        (Held("active", frozenset({1}), "address_taken"), "The last change was refused by Postbox"),
    ],
)
def test_doubts_about_whom_is_held_are_told(held: Held, told: str) -> None:
    assert told in summary(replace(WELL, held=held))


def test_an_excluded_list_stays_and_nobody_joins_it() -> None:
    there = replace(WELL, excluded=frozenset({1}), wanted_lists=frozenset())
    assert line_of(there, "News") == Line("News", True, True, "stays: excluded by the settings")
    gone = replace(there, is_wanted=False, held=None, after=OUT)
    assert line_of(gone, "News") == Line("News", False, False, "excluded by the settings")


def test_whoever_is_outside_the_pilot_is_said_to_be() -> None:
    aside = (("held_back_by_pilot", True),)
    assert summary(replace(MISSING, aside=aside)) == "Not held by Postbox: held back by the pilot."
    assert (
        summary(replace(WELL, aside=aside)) == "Held by Postbox, and stays as they are there: held back by the pilot."
    )


def test_a_provider_that_is_switched_off_sends_nothing() -> None:
    case = replace(MISSING, off="switched off by a setting")
    assert summary(case) == "Postbox is switched off by a setting: nothing is sent."
    assert line_of(case, "News").why == "Postbox is switched off by a setting"


def test_a_provider_without_lists_has_no_lines() -> None:
    assert lines(replace(WELL, has_lists=False)) == []
    assert lines(WELL)


@pytest.mark.parametrize("provider", ["constant_contact", "mailchimp", "votervoice"])
def test_a_refusal_is_told_in_the_words_of_the_provider_that_refused(provider: str) -> None:
    refused = replace(MISSING, provider=provider, held=Held("absent", frozenset(), "address_taken", None, SINCE))
    assert providers.get(provider).reasons["address_taken"].meaning in summary(refused)
