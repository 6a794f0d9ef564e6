"""Rule C1, and what is changed by hand at Constant Contact; what it shares with Mailchimp, rules E1 to E10 and C2, is
told in test_rules_of_lists.py and test_rules_of_subscribers.py."""

from __future__ import annotations

import multiprocessing
from typing import Any

import pytest

from standins.process import StandIn
from system.accounts import Account, allow, subscribed, told_of
from system.association import Association
from system.mailbox import Mailbox
from system.runs import Runs

NAME = "constant_contact"
SECONDS = 120.0
CONNECT_AGAIN = "run crm-sync connect constant_contact"

pytestmark = told_of(NAME)


def kept_token(runs: Runs) -> dict[str, Any]:
    """The token that the pipeline keeps, opened; from now on no log may hold it."""
    from crm_sync.hooks.accounts import account_hook
    from crm_sync.hooks.database import STATE, open_database

    with open_database(*STATE) as state, account_hook(NAME)().client_state(state).token() as slot:
        token = slot.value
    assert token
    runs.secrets += [token["access_token"], token["refresh_token"]]
    return token


def answer() -> tuple[bool, str]:
    """What the Test button of the connection says."""
    from crm_sync.hooks.accounts import account_hook

    is_connected, said = account_hook(NAME)().test_connection()
    return is_connected, said


def renewals(standin: StandIn) -> int:
    """How often a token was asked for since the last clear_requests()."""
    return sum(each["path"].endswith("/token") for each in standin.requests()["requests"])


def test_c1_an_account_is_connected_once_somebody_allowed_it_and_its_tokens_are_sealed(
    standin: StandIn, runs: Runs
) -> None:
    runs.ask("delete from crm_sync.token returning provider")
    is_connected, said = answer()
    assert not is_connected
    assert CONNECT_AGAIN in said

    allow(NAME)

    is_connected, said = answer()
    assert is_connected
    assert said.startswith(f"{standin.url.removeprefix('http://')} answered: Example Association")
    token, ((sealed,),) = kept_token(runs), runs.ask("select sealed from crm_sync.token")
    assert sealed
    assert token["access_token"] not in sealed
    assert token["refresh_token"] not in sealed


@pytest.mark.parametrize("mode", ["rotating", "long_lived"])
def test_c1_a_token_past_its_time_is_renewed_once_and_the_run_goes_on(
    mode: str, association: Association, account: Account, runs: Runs
) -> None:
    account.standin.switch(refresh_mode=mode)
    news = association.list("News")
    association.contact("Ann", news)
    runs.sync()
    before = kept_token(runs)
    account.standin.act("expire_access_tokens")
    account.standin.clear_requests()

    association.contact("Bob", news)
    runs.sync()

    assert account.people() == {"ann@example.org": subscribed("News"), "bob@example.org": subscribed("News")}
    assert renewals(account.standin) == 1
    after = kept_token(runs)
    assert after["access_token"] != before["access_token"]
    assert (after["refresh_token"] == before["refresh_token"]) == (mode == "long_lived")


def test_c1_a_permission_that_was_taken_back_fails_at_once_and_the_mail_says_how_to_connect_again(
    association: Association, account: Account, runs: Runs, mailbox: Mailbox
) -> None:
    association.contact("Ann", association.list("News"))
    runs.sync()
    kept_token(runs)
    account.standin.act("revoke")
    account.standin.clear_requests()

    assert runs.run() == "failed"

    assert runs.states["extract"] == "failed"
    assert runs.tries("extract") == 1
    assert renewals(account.standin) == 1
    text = mailbox.text("CRM Sync: Constant Contact has lost its connection")
    assert "Constant Contact no longer accepts its permission" in text
    assert CONNECT_AGAIN in text

    allow(NAME)
    runs.sync()


def ask_twice(together: Any, answers: Any) -> None:
    """A worker: asks with a token that is good, waits until it is not, and asks again together with the others."""
    from crm_sync.errors import CrmSyncError
    from crm_sync.hooks.accounts import account_hook
    from crm_sync.hooks.database import STATE, open_database

    with open_database(*STATE) as state:
        client = account_hook(NAME)().get_conn(state)
        first = client.account()["organization"]
        together.wait(SECONDS)
        together.wait(SECONDS)
        try:
            answers.put((first, client.account()["organization"]))
        except CrmSyncError as error:
            answers.put((first, type(error).__name__))


def test_c1_two_workers_that_are_refused_at_once_renew_the_token_once(standin: StandIn, runs: Runs) -> None:
    before = kept_token(runs)
    spawn = multiprocessing.get_context("spawn")
    together, answers = spawn.Barrier(3), spawn.Queue()
    workers = [spawn.Process(target=ask_twice, args=(together, answers), daemon=True) for _ in range(2)]
    for each in workers:
        each.start()
    together.wait(SECONDS)
    standin.act("expire_access_tokens")
    standin.fault("slow", path_regex="/token$", seconds=0.5)  # so that the other one comes while it is renewed
    standin.clear_requests()
    together.wait(SECONDS)
    found = [answers.get(timeout=SECONDS) for _ in workers]
    for each in workers:
        each.join()

    assert found == [("Example Association", "Example Association")] * 2
    assert standin.requests()["by_status"]["401"] == 2, "both had been refused"
    assert renewals(standin) == 1
    assert kept_token(runs)["refresh_token"] != before["refresh_token"]


def test_a_full_run_puts_right_what_was_changed_by_hand_and_leaves_alone_what_is_of_others(
    association: Association, account: Account, runs: Runs
) -> None:
    account.by_hand("appear", address="guest@example.org", lists=["Donors"])
    news = association.list("News")
    for name in ("Ann", "Bob", "Cid"):
        association.contact(name, news)
    runs.sync()

    account.by_hand("join", address="ann@example.org", name="Donors")
    account.by_hand("part", address="ann@example.org", name="News")
    account.by_hand("archive", address="bob@example.org")
    account.standin.act("set_names", address="cid@example.org", first_name="Sid", last_name="Spoiled")
    runs.sync(mode="full")

    assert account.people() == {
        "guest@example.org": subscribed("Donors"),
        "ann@example.org": subscribed("Donors", "News"),
        "bob@example.org": subscribed("News"),
        "cid@example.org": subscribed("News"),
    }
    assert account.names("cid@example.org") == ("Cid", "Example")
    assert account.lists() == {"Donors", "News"}
