"""A database is put back to what it was, or crashes: what the CRM says by then arrives, and a run under way ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from convergence.conftest import MEMBER_PROVIDERS
from crm_sync.errors import PremiseError
from crm_sync.pipeline import change_log
from local.postgres import DSN_VARIABLE
from local.trial import Site, Trial, trial

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ANN, BOB = "ann@example.org", "bob@example.org"
EVE_COMES = """
    insert into crm.contact (contact_id, first_name) values (3, 'Eve');
    insert into crm.email_address (contact_id, address, is_primary) values (3, 'eve@example.org', true);
    insert into crm.list_member (list_id, contact_id) values (1, 3)
"""
BOB_IS_CALLED_OTHERWISE = "update crm.contact set first_name = 'Bobby' where contact_id = 2"
ANN_REFUSES_MAIL = "update crm.contact set do_not_contact = true where contact_id = 1"
MANY_TRANSACTIONS = "do $$ begin for n in 1..300 loop perform pg_current_xact_id(); commit; end loop; end $$"


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> Iterator[Trial]:
    monkeypatch.delenv(DSN_VARIABLE, raising=False)
    with trial("mailchimp") as opened:
        yield opened


@pytest.fixture
def mailchimp(tried: Trial) -> Site:
    return tried["mailchimp"]


def subscribed(site: Site) -> set[str]:
    return {address for address, each in site.people().items() if each["is_subscribed"]}


def use_up_transaction_ids(tried: Trial) -> None:
    """So many that the ids of the CRM as it was pass the cursor."""
    with tried.crm.connect() as connection:
        connection.autocommit = True
        connection.execute(MANY_TRANSACTIONS)


def test_an_older_image_of_the_crm_is_compared(tried: Trial, mailchimp: Site) -> None:
    image = tried.crm.image()
    tried.crm.do(EVE_COMES)
    mailchimp.run()
    assert subscribed(mailchimp) == {ANN, BOB, "eve@example.org"}
    tried.crm.put_back(image)
    use_up_transaction_ids(tried)
    mailchimp.run()
    assert subscribed(mailchimp) == {ANN, BOB}
    assert mailchimp.last_run()["mode"] == "compare"
    assert mailchimp.last_run()["notice"] == change_log.OLDER
    tried.crm.do(ANN_REFUSES_MAIL)
    mailchimp.run()
    assert subscribed(mailchimp) == {BOB}
    assert mailchimp.last_run()["mode"] == "changes"


@pytest.mark.parametrize("stage", ["extract", "load", "record"])
def test_a_crm_put_back_inside_a_run_ends_it(tried: Trial, mailchimp: Site, stage: str) -> None:
    image = tried.crm.image()
    tried.crm.do(EVE_COMES)
    mailchimp.run()
    tried.crm.do(BOB_IS_CALLED_OTHERWISE)
    run = mailchimp.begin("changes")
    stages = ["opt_outs", "extract", "validate", "transform", "plan", "load", "record"]
    for each in stages[: stages.index(stage)]:
        mailchimp.stage(each, run)
    tried.crm.put_back(image)
    use_up_transaction_ids(tried)
    tried.crm.do(ANN_REFUSES_MAIL)
    with pytest.raises(PremiseError, match="since run 3 opened"):
        mailchimp.stage(stage, run)
    if stage != "record":
        with pytest.raises(Exception):  # noqa: B017, PT011
            mailchimp.stage("record", run)
    mailchimp.run()
    assert subscribed(mailchimp) == {BOB}
    assert mailchimp.people()[BOB]["names"][0] == "Bob"


def test_an_older_image_of_the_state_adopts_what_was_made_since(tried: Trial, mailchimp: Site) -> None:
    image = tried.state.image()
    tried.crm.do(
        "insert into crm.list (list_id, name, sync_enabled) values (3, 'Jobs', true);"
        " insert into crm.list_member (list_id, contact_id) values (3, 1)"
    )
    mailchimp.run()
    tried.state.put_back(image)
    mailchimp.run()
    assert mailchimp.last_run()["mode"] == "full"
    assert mailchimp.last_run()["notice"] == change_log.FORGOTTEN
    assert mailchimp.exceptions() == []
    assert mailchimp.people()[ANN]["lists"] == {"News", "Jobs"}
    tried.crm.do(ANN_REFUSES_MAIL)
    mailchimp.run()
    assert mailchimp.last_run()["mode"] == "changes"
    assert subscribed(mailchimp) == {BOB}


@pytest.mark.parametrize("provider", MEMBER_PROVIDERS)
def test_an_older_image_of_the_state_sends_again_what_cannot_be_read_back(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(DSN_VARIABLE, raising=False)
    with trial(provider) as tried:
        site = tried[provider]
        image = tried.state.image()
        tried.crm.do(BOB_IS_CALLED_OTHERWISE)
        site.run()
        assert site.people()["2"]["names"][0] == "Bobby"
        tried.state.put_back(image)
        tried.crm.do(BOB_IS_CALLED_OTHERWISE.replace("Bobby", "Bob"))
        site.run()
        assert site.last_run()["notice"] == change_log.FORGOTTEN
        assert site.people()["2"]["names"][0] == "Bob"
        assert site.run("full")["plan"]["planned"] == 0


def test_an_older_image_of_both_is_compared(tried: Trial, mailchimp: Site) -> None:
    images = tried.crm.image(), tried.state.image()
    tried.crm.do(EVE_COMES)
    mailchimp.run()
    tried.crm.put_back(images[0])
    tried.state.put_back(images[1])
    tried.crm.do(BOB_IS_CALLED_OTHERWISE)
    mailchimp.run()
    assert mailchimp.people()[BOB]["names"][0] == "Bobby"
    mailchimp.run("full")
    assert subscribed(mailchimp) == {ANN, BOB, "eve@example.org"}, "nobody knows that she is ours"


def test_a_change_after_a_crash_is_seen(tried: Trial, mailchimp: Site) -> None:
    for number in range(3):
        tried.crm.do(BOB_IS_CALLED_OTHERWISE.replace("Bobby", f"Bob {number}"))
        with tried.crm.connect() as undecided:
            undecided.execute("select pg_current_xact_id()")
            undecided.rollback()
        mailchimp.run()
        tried.crm.crash()
        tried.crm.do(ANN_REFUSES_MAIL.replace("true", str(number % 2 == 0)))
        mailchimp.run()
        assert (ANN in subscribed(mailchimp)) == (number % 2 == 1)
        assert mailchimp.last_run()["mode"] == "changes"


def test_where_no_marker_may_be_left_everybody_is_compared_and_the_run_says_so(tried: Trial, mailchimp: Site) -> None:
    tried.crm.do("drop table crm.sync_marker")
    tried.crm.do(ANN_REFUSES_MAIL)
    mailchimp.run()
    assert subscribed(mailchimp) == {BOB}
    assert mailchimp.last_run()["notice"] == change_log.UNMARKED
