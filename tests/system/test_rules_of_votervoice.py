"""Rules V1 to V3 as a person at the association sees them: a change in the CRM, a run, the contacts at VoterVoice."""

from __future__ import annotations

import pytest

from standins.process import StandIn
from system.accounts import told_of
from system.connections import connected
from system.members import MemberAssociation
from system.runs import Runs

NAME = "votervoice"
DEFAULT = "Default List"

pytestmark = told_of(NAME)


def contacts(standin: StandIn) -> dict[str, str]:
    """Everybody there by first name or, of an organization, by its own, with the list they are in."""
    return {each["given_names"] or each["company"]: each["list"] for each in standin.state()["contacts"]}


def writes(standin: StandIn) -> list[str]:
    """The methods of the calls since the last look that could change anything."""
    sent = [each["method"] for each in standin.requests()["requests"] if each["method"] != "GET"]
    standin.clear_requests()
    return sent


def test_v1_active_and_courtesy_members_are_there_in_lists_or_not(
    association: MemberAssociation, standin: StandIn, runs: Runs
) -> None:
    news = association.list("News")
    association.member("Ann", news)
    association.member("Bob")
    association.member("Cid", status="courtesy")
    association.member("Dan", news, status="prospective")
    association.member("Eve", news, status=None)
    fay = association.member("Fay", status=None, address=None)
    acme = association.organization("Acme", status="active")
    association.relate(fay, acme)
    association.organization("Lapsed", status="dropped")
    runs.sync()

    assert contacts(standin) == dict.fromkeys(("Ann", "Bob", "Cid", "Fay", "Acme"), DEFAULT)
    ids = {each["given_names"]: each["contact_id"] for each in standin.state()["contacts"]}
    assert ids["Fay"] == str(fay)


def test_v1_people_are_put_into_the_list_that_the_connection_names(
    association: MemberAssociation, standin: StandIn, runs: Runs, state_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected(NAME, association.crm_dsn, state_dsn, standin, monkeypatch, list_name="Advocates")
    association.member("Ann")
    runs.sync()
    assert contacts(standin) == {"Ann": "Advocates"}


def test_v2_changed_records_are_updated_and_nobody_else(
    association: MemberAssociation, standin: StandIn, runs: Runs
) -> None:
    ann = association.member("Ann")
    association.member("Bob")
    runs.sync()
    assert writes(standin) == ["POST", "POST"]

    association.do(
        "update crm.contact set phone = '555', address_line1 = '1 Main St', city = 'Springfield', state = 'IL',"
        " postal_code = '62701', country = 'US' where contact_id = %s",
        ann,
    )
    runs.sync()
    assert writes(standin) == ["PUT"]
    (held,) = [each for each in standin.state()["contacts"] if each["given_names"] == "Ann"]
    assert (held["phone"], held["home_address"]["city"], held["address_valid"]) == ("555", "Springfield", True)

    runs.sync(mode="full")
    assert writes(standin) == []


def test_v2_who_no_longer_qualifies_leaves_the_list(
    association: MemberAssociation, standin: StandIn, runs: Runs
) -> None:
    ann, bob, cid = (association.member(name) for name in ("Ann", "Bob", "Cid"))
    runs.sync()
    assert sorted(contacts(standin)) == ["Ann", "Bob", "Cid"]

    association.set_status(ann, "dropped")
    association.do("delete from crm.contact where contact_id = %s", bob)
    association.set_status(cid, "courtesy")
    runs.sync()
    assert contacts(standin) == {"Cid": DEFAULT}

    association.set_status(ann, "active")
    runs.sync()
    assert sorted(contacts(standin)) == ["Ann", "Cid"]


def test_v2_an_address_that_is_not_good_is_left_out_and_told_of(
    association: MemberAssociation, standin: StandIn, runs: Runs
) -> None:
    ann = association.member("Ann")
    association.do("update crm.contact set address_line1 = '1 Road', city = 'Nowhere' where contact_id = %s", ann)
    runs.sync()
    assert contacts(standin) == {"Ann": DEFAULT}
    assert runs.ask("select status, reason from crm_sync.operation") == [("applied", "address_left_out")]


def test_v3_a_change_made_there_is_never_read_back(
    association: MemberAssociation, standin: StandIn, runs: Runs
) -> None:
    ann = association.member("Ann")
    runs.sync()
    standin.act("edit_contact", email="ann@example.org", given_names="Annabel", phone="999")
    before = association.do("select * from crm.contact where contact_id = %s", ann)
    standin.clear_requests()

    runs.sync()
    runs.sync(mode="full")

    assert standin.requests()["requests"] == [], "nothing is asked, so nothing can be taken over"
    assert association.do("select * from crm.contact where contact_id = %s", ann) == before
    assert contacts(standin) == {"Annabel": DEFAULT}, "and it stays until the record changes in the CRM"
