"""Whoever is refused or set aside is found by name, sorted, and offered again one by one."""

from __future__ import annotations

import re

import pytest

from crm_sync.web import exceptions_listed, labels
from unit.web.conftest import Visit
from unit.web.test_nothing_untrue import holding, person, run

TAKEN = labels.reason("address_taken", "mailchimp")


@pytest.fixture
def refused(visit: Visit) -> Visit:
    """Ann and Bob are refused, Cid opted out, Dora is set aside."""
    for who, name in enumerate(["Ann", "Bob", "Cid", "Dora"], 1):
        person(visit, who, name)
    holding(visit, 1, "absent", reason="address_taken", refused_at="2026-11-20 09:30Z", retry_at="2030-01-01 00:00Z")
    holding(visit, 2, "absent", reason="compliance", refused_at="2026-11-21 09:30Z")
    holding(visit, 3, "opted_out", reason="opted_out", refused_at="2026-11-22 09:30Z")
    number = run(visit, "one", "recorded")
    visit.ledger(
        "insert into crm_sync.set_aside (run_id, provider, contact_id, reason, set_aside_at)"
        f" values ({number}, 'mailchimp', 4, 'address_not_valid', '2026-11-19')"
    )
    return visit


def contacts(page: str) -> list[str]:
    return re.findall(r"/why/(\d+)", page)


def test_they_are_named_sorted_and_filtered(refused: Visit) -> None:
    assert contacts(refused.page("/people")) == ["3", "2", "1", "4"]
    assert contacts(refused.page("/people?sort=reason")) == ["4", "1", "2", "3"]
    assert contacts(refused.page("/people?sort=next_try"))[0] == "1"
    assert contacts(refused.page("/people?reason=address_taken&provider=mailchimp")) == ["1"]
    said = refused.get("/people")
    assert "4 in all" in said
    assert f"Ann p1@example.org Mailchimp {TAKEN}" in said
    assert "2026-11-20 09:30 UTC 2030-01-01 00:00 UTC" in said


def test_they_are_found_by_name_in_a_form_and_whoever_looks_is_noted(refused: Visit) -> None:
    assert contacts(refused.post("/people", q="bob").text) == ["2"]
    assert contacts(refused.post("/people", q="nobody").text) == []
    assert refused.ledger("select distinct who, what from crm_sync.looked_at") == [("op", "found")]


def test_whoever_may_not_see_people_sees_neither_name_nor_address(refused: Visit) -> None:
    refused.guest.sees_people = False
    said = refused.get("/people")
    assert "address_taken" not in said
    assert TAKEN in said
    assert not re.search(r"Ann|Bob|@example.org", said)
    assert refused.client.post("/people", data={"token": "x", "q": "bob"}).status_code == 403
    assert refused.ledger("select count(*) from crm_sync.looked_at") == [(0,)]


def test_only_whoever_can_come_back_is_offered_and_offered_again(refused: Visit) -> None:
    offered = re.findall(r'name="contact_id" value="(\d+)"', refused.page("/people"))
    assert offered == ["1"]
    said = refused.post("/people/retry/mailchimp", contact_id=["1", "3"]).text
    assert "1 will be offered again by the next run." in said
    assert "Run it now" in said
    assert refused.ledger("select subscriber_key from crm_sync.holding where retry_at <= now()") == [
        ("p1@example.org",)
    ]
    assert "Nobody was chosen" in refused.post("/people/retry/mailchimp").text


def test_pages_meet(refused: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exceptions_listed, "ROWS", 3)
    assert contacts(refused.page("/people")) + contacts(refused.page("/people?page=2")) == ["3", "2", "1", "4"]


def test_a_refused_list_is_shown_and_offered_again_with_whoever_waits_for_it(refused: Visit) -> None:
    refused.ledger(
        "insert into crm_sync.list_holding (provider, list_id, name, crm_name, reason, retry_at) values"
        " ('mailchimp', 7, null, 'Board', 'list_name_taken', '2030-01-01'), ('mailchimp', 8, 'x', 'Jobs', null, null)"
    )
    refused.ledger("update crm_sync.holding set reason = 'list_refused' where contact_id = 2")
    said = refused.get("/exceptions")
    assert "Lists refused: 1" in said
    assert f"Board {labels.reason('list_name_taken', 'mailchimp')}" in said
    assert "2 will be offered again" in refused.post("/retry/mailchimp", list_id=["7", "8"]).text
    due = "select subscriber_key from crm_sync.holding where retry_at <= now()"
    assert refused.ledger(due) == [("p2@example.org",)]
    assert refused.ledger("select list_id from crm_sync.list_holding where retry_at <= now()") == [(7,)]


def test_one_press_offers_a_reason_again_unless_it_is_for_good(refused: Visit) -> None:
    pressed = r'<button type="submit" name="reason" value="([a-z_]+)"'
    assert re.findall(pressed, refused.page("/exceptions")) == ["address_taken"]
    refused.guest.may = False
    assert re.findall(pressed, refused.page("/exceptions")) == []
