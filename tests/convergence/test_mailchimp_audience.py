"""What an audience of Mailchimp holds besides our people, and what its owner changes in it, stops nobody."""

from __future__ import annotations

import psycopg
import pytest

from convergence.arena import Arena
from convergence.mailchimp_audience import add_field, calls, delete_field, last_run, lists_of, rows
from convergence.stages import stages_before, stages_from
from convergence.two_people import (
    ADDRESS,
    ANN_IS_BACK,
    ANN_LEAVES,
    ANN_REFUSES_MAIL,
    BOB_IS_CALLED_OTHERWISE,
    OTHER_ADDRESS,
    add_person,
    clear_the_weather,
    do_by_hand,
    person,
    subscribed,
)
from crm_sync.errors import DisconnectedError

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.parametrize("arena", ["mailchimp"], indirect=True),
]


@pytest.mark.parametrize("status", ["subscribed", "unsubscribed", "archived"])
def test_whoever_has_no_address_there_is_passed_over(played: Arena, status: str) -> None:
    for number in range(2):
        played.standin.act("create_sms_contact", phone=f"+1202555010{number}", status=status)
    for mode in ("full", "changes"):
        assert played.run(mode)
    assert subscribed(played) == {ADDRESS, OTHER_ADDRESS}
    played.world.crm_do(ANN_REFUSES_MAIL)
    assert played.run("full")
    assert person(played, ADDRESS)["is_unsubscribed"]
    played.settle()


def test_mail_is_refused_though_the_audience_asks_for_more_than_the_crm_has(played: Arena) -> None:
    add_field(played, "COMPANY", required=True)
    played.world.crm_do(ANN_REFUSES_MAIL)
    assert played.run("changes")
    assert person(played, ADDRESS)["is_unsubscribed"]
    assert not lists_of(played)
    assert not rows(played)
    played.settle()


def test_whoever_leaves_goes_though_the_audience_asks_for_more(played: Arena) -> None:
    add_field(played, "COMPANY", required=True)
    played.world.crm_do(ANN_LEAVES)
    assert played.run("changes")
    assert person(played, ADDRESS)["is_archived"]
    assert not rows(played)


def test_whose_name_changes_where_the_audience_asks_for_more_is_a_row(played: Arena) -> None:
    add_field(played, "COMPANY", required=True)
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    assert played.run("changes")
    assert rows(played) == {("subscriber", OTHER_ADDRESS, None, "field_refused:COMPANY")}
    delete_field(played, "COMPANY")
    assert played.run("full")
    assert person(played, OTHER_ADDRESS)["names"][0] == "Bobby"
    played.settle()


@pytest.mark.parametrize("names", ["plain", "dotted"])
def test_a_name_that_a_field_of_another_type_does_not_take_is_a_row(played: Arena, names: str) -> None:
    played.standin.switch(error_fields=names)
    delete_field(played, "FNAME")
    add_field(played, "FNAME", type="dropdown", options={"choices": ["Ann", "Bob"]})
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    assert played.run("changes")
    assert rows(played) == {("subscriber", OTHER_ADDRESS, None, "field_refused:FNAME")}
    played.world.crm_do("update crm.contact set do_not_contact = true where contact_id = 2")
    assert played.run("changes")
    assert person(played, OTHER_ADDRESS)["is_unsubscribed"]


def test_a_field_that_the_audience_lost_is_told_and_sends_nobody_again(played: Arena) -> None:
    played.world.crm_do("update crm.contact set last_name = 'Lee'")
    assert played.run("changes")
    delete_field(played, "LNAME")
    assert played.run("full")
    assert last_run(played)[:3] == (0, 0, 0)
    assert "no merge field LNAME" in last_run(played)[3]
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    assert played.run("changes")
    assert "LNAME" not in last_run(played)[3]
    assert played.run("full")
    assert last_run(played)[:3] == (0, 0, 0)


def test_nobody_is_made_to_be_refused_mail(played: Arena) -> None:
    played.standin.act("empty_audience")
    played.world.crm_do(ANN_REFUSES_MAIL)
    assert played.run("changes")
    assert not played.standin.state()["members"]
    assert played.run("full")
    assert subscribed(played) == {OTHER_ADDRESS}
    assert len(played.standin.state()["members"]) == 1


def test_who_was_never_brought_across_is_not_made_to_be_refused_mail(played: Arena) -> None:
    carl = "carl@example.org"
    played.is_stormy = True
    played.standin.fault("cut_before", method="POST")
    with psycopg.connect(played.world.crm_dsn) as connection:
        add_person(connection, 3, "Carl", carl, list_id=1)
    assert not played.run("changes")
    clear_the_weather(played)
    played.world.crm_do("update crm.contact set do_not_contact = true where contact_id = 3")
    assert played.run("changes")
    assert {member["address"] for member in played.standin.state()["members"]} == {ADDRESS, OTHER_ADDRESS}
    played.settle()


def test_refusing_mail_costs_a_call_for_each_and_no_other(played: Arena) -> None:
    played.world.crm_do("update crm.contact set do_not_contact = true")
    played.standin.clear_requests()
    assert played.run("changes")
    assert (calls(played, "PATCH", "/members/{subscriber_hash}"), calls(played, "POST", "/lists/{list_id}")) == (2, 0)


@pytest.mark.parametrize("account", ["disabled", "forbidden"])
def test_a_closed_account_is_not_called_a_wrong_key(played: Arena, account: str) -> None:
    played.standin.switch(account=account)
    played.world.crm_do(ANN_REFUSES_MAIL)
    with pytest.raises(DisconnectedError) as told:
        played.run("changes")
    assert {"disabled": "switched off", "forbidden": "the role"}[account] in str(told.value)
    assert "refused the key" not in str(told.value)
    played.standin.switch(account="active")
    assert played.run("changes")
    assert person(played, ADDRESS)["is_unsubscribed"]


def test_whoever_is_archived_there_already_is_done(played: Arena) -> None:
    do_by_hand(played, "archive", ADDRESS)
    played.world.crm_do(ANN_LEAVES)
    assert played.run("changes")
    assert person(played, ADDRESS)["is_archived"]
    assert not rows(played)
    played.settle()


def test_whoever_bounces_after_the_poll_and_leaves_is_done(played: Arena) -> None:
    played.world.crm_do(ANN_LEAVES)
    airflow_run_id = played.begin("changes")
    assert played.play(stages_before("load"), airflow_run_id)
    do_by_hand(played, "bounce", ADDRESS)
    assert played.play(stages_from("load"), airflow_run_id)
    assert person(played, ADDRESS)["has_left"]
    played.settle()


def test_whoever_leaves_before_confirming_is_a_row_and_is_looked_at_again(played: Arena) -> None:
    played.standin.act("await", address=ADDRESS)
    played.world.crm_do(ANN_LEAVES)
    assert played.run("changes")
    assert rows(played) == {("subscriber", ADDRESS, None, "pending_confirmation")}
    played.standin.act("resubscribe", address=ADDRESS)
    played.clear_up()
    assert person(played, ADDRESS)["is_archived"]
    assert not rows(played)
    played.settle()


def test_whoever_confirms_after_a_full_run_saw_them_wait_and_go_is_archived(played: Arena) -> None:
    played.standin.act("await", address=ADDRESS)
    assert played.run("full")
    assert rows(played) == {("subscriber", ADDRESS, None, "pending_confirmation")}
    played.world.crm_do(ANN_LEAVES)
    assert played.run("changes")
    assert rows(played) == {("subscriber", ADDRESS, None, "pending_confirmation")}
    played.standin.act("resubscribe", address=ADDRESS)
    played.clear_up()
    assert person(played, ADDRESS)["is_archived"]
    assert not rows(played)


def test_whoever_has_yet_to_confirm_may_refuse_mail(played: Arena) -> None:
    played.standin.act("await", address=ADDRESS)
    assert played.run("full")
    played.world.crm_do(ANN_REFUSES_MAIL)
    assert played.run("changes")
    assert person(played, ADDRESS)["is_unsubscribed"]
    assert not rows(played)


def test_who_signed_up_too_often_is_brought_across_another_day(played: Arena) -> None:
    for _ in range(3):
        played.world.crm_do(ANN_LEAVES)
        assert played.run("changes")
        played.world.crm_do(ANN_IS_BACK)
        assert played.run("changes")
    played.world.crm_do(ANN_LEAVES)
    assert played.run("changes")
    played.standin.switch(sign_up_cap=4)
    played.world.crm_do(ANN_IS_BACK)
    assert played.run("changes")
    assert rows(played) == {("subscriber", ADDRESS, None, "address_or_field_refused")}
    played.standin.clock(advance_seconds=25 * 3600)
    played.settle()
    assert subscribed(played) == {ADDRESS, OTHER_ADDRESS}
    assert not rows(played)


def test_whoever_was_deleted_there_is_enrolled_by_the_batch_that_updates_others(played: Arena) -> None:
    played.standin.act("empty_audience")
    played.standin.clear_requests()
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    assert played.run("changes")
    assert subscribed(played) == {OTHER_ADDRESS}
    assert not calls(played, "PUT", "/members/{subscriber_hash}")
