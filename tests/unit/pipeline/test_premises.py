"""What a run rests on: what alters a result is in the fingerprint, what does not is not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from crm_sync import providers
from crm_sync.errors import ConfigError, TransientError
from crm_sync.ledger import store
from crm_sync.ledger.database import Database
from crm_sync.ledger.statements import statement
from crm_sync.model import Asked, Mode, Run
from crm_sync.pipeline import premises
from crm_sync.settings import OfProvider

MAILCHIMP = providers.get("mailchimp")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT 1 -- why", "SELECT 1"),
        ("SELECT /* why */ 1\n  FROM t", "SELECT 1 FROM t"),
        ("-- header\n\nSELECT 1", "SELECT 1"),
    ],
)
def test_comments_and_blanks_alter_nothing(one: str, other: str) -> None:
    assert premises.normalized(one) == premises.normalized(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SELECT 'a  b'", "SELECT 'a b'"),
        ("SELECT '--a'", "SELECT '--b'"),
        ("SELECT 'it''s -- a'", "SELECT 'it''s -- b'"),
        ('SELECT "a  b"', 'SELECT "a b"'),
        ("SELECT $x$ -- a $x$", "SELECT $x$ -- b $x$"),
        ("SELECT 1", "SELECT 2"),
    ],
)
def test_what_is_quoted_or_said_alters_it(one: str, other: str) -> None:
    assert premises.normalized(one) != premises.normalized(other)


def test_the_scope_alters_results_where_do_not_contact_is_heeded() -> None:
    assert premises.fingerprint(MAILCHIMP, "list") != premises.fingerprint(MAILCHIMP, "contact")
    heedless = providers.get("higher_logic")
    assert premises.fingerprint(heedless, "list") == premises.fingerprint(heedless, "contact")


@pytest.mark.parametrize("name", ["subscribers", "lists", "changed_contacts"])
def test_adapted_sql_alters_results_but_not_its_comments(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = premises.fingerprint(MAILCHIMP, "contact")
    adapted = {f"crm/extract/{name}": statement(f"crm/extract/{name}") + "\n-- a remark"}
    monkeypatch.setattr(premises, "statement", lambda each: adapted.get(each) or statement(each))
    assert premises.fingerprint(MAILCHIMP, "contact") == before
    adapted[f"crm/extract/{name}"] += "\nLIMIT 10"
    assert premises.fingerprint(MAILCHIMP, "contact") != before


def test_a_worker_with_other_rules_than_the_one_that_opened_the_run_says_so() -> None:
    here = premises.fingerprint(MAILCHIMP, "list")
    sync: Any = SimpleNamespace(
        provider=MAILCHIMP, own=OfProvider(), run=Run(7, "mailchimp", Mode.CHANGES, fingerprint=here)
    )
    with pytest.raises(ConfigError, match=r"run 7 .*clear the whole run"):
        premises.require_rules(sync)
    sync.run = Run(7, "mailchimp", Mode.CHANGES, fingerprint=here, do_not_contact_scope="list")
    premises.require_rules(sync)


# -- accounts


def with_account(state: Database, answering: str, of_run: str, of_ledger: str | None) -> Any:
    run = store.open_run(state, Asked("mailchimp", "one", Mode.CHANGES, account=of_run))
    with store.writing(state, run) as transaction:
        transaction.run("opt_outs/polled", provider="mailchimp", polled_at="2026-01-01T00:00:00Z")
        transaction.run("accounts/turn_cursor", provider="mailchimp", account=of_ledger)
    return SimpleNamespace(provider=MAILCHIMP, own=OfProvider(), run=run, state=state, answering=answering)


@pytest.mark.parametrize(
    ("answering", "of_run", "of_ledger"),
    [("a", "a", "a"), ("a", "", "a"), ("a", "a", None), ("a", "", None), ("", "a", "a"), ("", "", "")],
)
def test_an_account_that_is_not_known_to_be_another_is_the_runs(
    answering: str, of_run: str, of_ledger: str | None, state: Database
) -> None:
    assert premises.require_account(with_account(state, answering, of_run, of_ledger)) == answering


def test_another_account_than_when_the_run_opened_ends_it(state: Database) -> None:
    with pytest.raises(ConfigError, match="mailchimp_default"):
        premises.require_account(with_account(state, "b", "a", "a"))


def test_a_run_that_opened_while_nobody_answered_is_opened_again_where_another_account_does(state: Database) -> None:
    with pytest.raises(TransientError):
        premises.require_account(with_account(state, "b", "", "a"))


@pytest.mark.parametrize(("answers", "before"), [("", None), ("", "a"), ("tenant", "tenant"), ("tenant", None)])
def test_a_person_says_that_it_is_another_account_each_time_anew(
    answers: str, before: str | None, state: Database
) -> None:
    sync = with_account(state, answers, "", before)
    known: list[str] = []
    for _ in range(2):
        known.append(store.say_another_account(state, "mailchimp", answers))
        assert premises.account_now(sync) == known[-1]
        with state.transaction() as transaction:
            of_ledger = transaction.row("runs/cursor", provider="mailchimp")
            assert of_ledger is not None
            assert store.accounts_differ(known[-1], of_ledger.account)
            transaction.run("accounts/turn_cursor", provider="mailchimp", account=known[-1])
    assert known[0] != known[1]


def test_a_person_says_that_it_is_the_same_whatever_it_calls_itself(state: Database) -> None:
    sync = with_account(state, "new name", "", "old name")
    with pytest.raises(TransientError):
        premises.require_account(sync)
    assert store.say_same_account(state, "mailchimp", "new name") == "old name"
    assert premises.require_account(sync) == "old name"


def test_there_is_nothing_to_be_the_same_as_before_a_run_was_recorded(state: Database) -> None:
    with pytest.raises(ConfigError, match="no run of mailchimp has been recorded"):
        store.say_same_account(state, "mailchimp", "anything")
