"""What happens in Tendenci, by its ORM, its pages or its nightly jobs, arrives at every provider; then all rests."""

from __future__ import annotations

import pytest

from tendenci.association import Association

pytestmark = [pytest.mark.tendenci]

DEEDS = [
    "is_renamed",
    "has_another_address",
    "addresses_move_in_bulk",
    "two_come_to_share_an_address",
    "an_address_is_emptied",
    "somebody_refuses_mail",
    "many_refuse_mail",
    "somebody_wants_mail_again",
    "somebody_joins_by_themselves",
    "many_join_in_bulk",
    "somebody_leaves_by_themselves",
    "many_are_removed",
    "a_membership_of_a_group_is_paused",
    "somebody_leaves_a_newsletter",
    "somebody_comes_back_to_a_newsletter",
    "a_group_is_renamed",
    "a_group_is_no_longer_synchronized",
    "a_group_is_deleted",
    "a_group_is_deleted_for_good",
    "a_committee_is_deleted",
    "officers_change",
    "an_applicant_is_approved",
    "somebody_new_joins",
    "lapse",
    "renew",
    "many_lapse",
    "whole_night",
    "a_membership_is_deleted",
    "a_type_stops_expiring",
    "a_company_lapses",
    "a_company_is_approved",
    "a_company_is_renamed",
    "a_company_is_deleted",
    "a_type_of_companies_is_deleted_for_good",
    "representatives_change",
    "somebody_is_deleted",
    "somebody_without_an_address_is_deleted",
    "somebody_is_deleted_for_good",
    "many_are_deleted_for_good",
    "two_are_merged",
]


@pytest.mark.parametrize("deed", DEEDS)
def test_a_change_arrives_and_the_third_run_has_nothing_to_do(begun: Association, deed: str) -> None:
    begun.does(deed)
    for _ in range(2):
        begun.run()
        begun.assert_as_tendenci_says()
    begun.run()
    assert {side.state_of_last_run() for side in begun.sides.values()} == {"idle"}


def test_a_login_is_no_change(begun: Association) -> None:
    begun.run()
    begun.does("somebody_logs_in")
    begun.run()
    assert {side.state_of_last_run() for side in begun.sides.values()} == {"idle"}


def test_a_staff_account_deleted_for_good_waits_for_a_person(begun: Association) -> None:
    """It takes everyone's profile along, and with it what they had said about mail."""
    mailed = {name: begun[name].holds() for name in ("mailchimp", "constant_contact")}
    begun.does("a_staff_account_is_deleted_for_good")
    begun.run()
    assert {begun[name].state_of_last_run() for name in mailed} == {"held"}
    assert {name: begun[name].holds() for name in mailed} == mailed
