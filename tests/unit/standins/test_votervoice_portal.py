"""What is done by hand in the portal, what the state tells of it, the suite's facts, and a crowd of contacts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests

from standins import StandIn, StandInError
from standins.votervoice import contract
from unit.standins.votervoice_client import CONTACTS, Client

provider = pytest.fixture(lambda: "votervoice")

ADA, BOB = "ada@example.org", "bob@example.org"
SINCE = {"dateUpdated": ">2020-01-01T00:00:00Z", "orderBy": "dateUpdated"}


def test_things_done_by_hand(api: Client, standin: StandIn) -> None:
    standin.act("create_contact", address=ADA, given_names="Ada", surname="Example")
    standin.act("create_contact", address=BOB, contact_id="2", list="Advocates")
    standin.act(
        "edit_contact", email=ADA, contact_id="1", list="Advocates", phone="1", company="Works", position="Head"
    )
    standin.act("edit_contact", email=BOB, new_email="bob.new@example.org", surname="Example", given_names="Bob")
    standin.act("mark_non_deliverable", email="Bob.New@example.org")
    ada, bob = standin.state()["contacts"]
    assert (ada["contact_id"], ada["temporary_contact_id"], ada["list"]) == ("1", None, "Advocates")
    assert (ada["given_names"], ada["phone"], ada["company"], ada["position"]) == ("Ada", "1", "Works", "Head")
    assert (bob["email"], bob["surname"], bob["is_non_deliverable"]) == ("bob.new@example.org", "Example", True)
    assert api.found(email=BOB) == []
    standin.act("delete_contact", email=ADA)
    assert standin.act("remove_list", name="Advocates") == {"removed": 1}
    changes = [(each["from"], each["to"], each["by"]) for each in standin.state(history=1)["history"]]
    assert changes == [
        (None, "Default List", "admin"),
        (None, "Advocates", "admin"),
        ("Default List", "Advocates", "admin"),
        ("Advocates", "deleted", "admin"),
        ("Advocates", "deleted", "admin"),
    ]


def test_what_the_state_says_of_a_contact(api: Client, standin: StandIn) -> None:
    standin.clock(frozen=True)
    standin.clock(set="2026-01-02T03:04:05Z")
    standin.act("create_contact", address=ADA)
    (contact,) = standin.state()["contacts"]
    assert contact["temporary_contact_id"] == api.found(email=ADA)[0]["temporaryContactId"]
    assert contact | {"temporary_contact_id": "x"} == {
        "contact_id": None,
        "temporary_contact_id": "x",
        "list": "Default List",
        "honorific": "",
        "given_names": "",
        "surname": "",
        "suffix": "",
        "email": ADA,
        "phone": "",
        "fax": "",
        "company": "",
        "position": "",
        "home_address": None,
        "business_address": None,
        "address_valid": None,
        "custom_fields": {},
        "is_non_deliverable": False,
        "updated_at": "2026-01-02T03:04:05.0000000Z",
    }
    counts = {"contacts": 1, "without_contact_id": 1, "non_deliverable": 0, "lists": 2, "users": 0}
    assert standin.state(counts=1)["counts"] == counts
    assert "contacts" not in standin.state(counts=1)


@pytest.mark.parametrize(
    "wish",
    [
        {"action": "no"},
        {"action": "create_contact"},
        {"action": "create_contact", "address": ADA},
        {"action": "create_contact", "address": BOB, "contact_id": "1"},
        {"action": "create_contact", "address": BOB, "list": "none"},
        {"action": "edit_contact", "email": BOB, "surname": "x"},
        {"action": "edit_contact", "email": ADA, "nickname": "x"},
        {"action": "edit_contact", "email": ADA, "list": "none", "surname": "x"},
        {"action": "edit_contact", "email": ADA, "home_address": {"city": "x"}},
        {"action": "delete_contact", "email": BOB},
        {"action": "mark_non_deliverable", "email": BOB},
        {"action": "create_list", "name": "Advocates"},
        {"action": "remove_list", "name": "none"},
        {"action": "remove_list", "name": "Default List"},
    ],
)
def test_what_cannot_be_done_by_hand_is_said(standin: StandIn, wish: dict[str, object]) -> None:
    standin.act("create_contact", address=ADA, contact_id="1")
    before = standin.state()
    with pytest.raises(StandInError):
        standin.control("POST", "state", wish)
    assert standin.state() == before


def test_reset_and_empty_forget(api: Client, standin: StandIn) -> None:
    api.post("1", ADA)
    api.address()
    standin.act("create_list", name="Board")
    assert standin.act("empty") == {"removed": 1}
    assert [each["name"] for each in standin.state()["lists"]] == ["Default List", "Advocates"]
    assert (len(standin.state(history=1)["history"]), standin.state()["address_calls"]) == (1, 1)
    standin.switch(redirect="same_host")
    standin.reset()
    assert (standin.state(history=1)["history"], standin.state()["address_calls"]) == ([], 0)
    assert api.post("1", ADA).status_code == 201


def test_the_suite_can_read_the_state(api: Client, standin: StandIn) -> None:
    api.post("1", ADA, givenNames="Ada", surname="Example")
    api.put("1", ADA, givenNames="Ada", surname="Example", group="Advocates")
    api.address()
    api("DELETE", CONTACTS, contactId="9")
    standin.act(**contract.stranger("stranger@example.org", "Advocates"))
    standin.act(**contract.crowd(2))
    state = standin.state()
    assert contract.people(state) == {
        "1": (True, frozenset({"Advocates"})),
        "crowd1": (True, frozenset({"Default List"})),
        "crowd2": (True, frozenset({"Default List"})),
    }
    assert (contract.names(state)["1"], contract.addresses(state)["crowd2"]) == (
        ("Ada", "Example"),
        "crowd2@example.org",
    )
    assert (contract.strangers(state), contract.lists(state)) == (
        frozenset({"stranger@example.org"}),
        {"Default List": 2, "Advocates": 2},
    )
    sizes = [contract.batch_sizes(each) for each in standin.requests()["requests"]]
    assert sizes == [[("enroll", 1)], [("enroll", 1)], [], [("archive", 1)]]
    assert api.post("2", contract.REFUSED_ADDRESS.format(n=2)).status_code == 400


@pytest.mark.parametrize("calls", [contract.ENROLL, contract.UPDATE, contract.REMOVE, contract.CHECK_ADDRESS])
def test_the_suite_can_name_the_calls(api: Client, standin: StandIn, calls: dict[str, str]) -> None:
    api.post("1", ADA)
    standin.fault("status", **calls)
    asked: dict[str, Callable[[], requests.Response]] = {
        "POST": lambda: api.post("2"),
        "PUT": lambda: api.put("1", ADA),
        "DELETE": lambda: api("DELETE", CONTACTS, contactId="1"),
        "GET": lambda: api("GET", "/api/addresses", address1="1", city="x"),
    }
    assert {method for method, ask in asked.items() if ask().status_code == 500} == {calls["method"]}


def test_a_hundred_thousand_contacts_are_no_burden(api: Client, standin: StandIn) -> None:
    standin.act("create_contacts", count=100_000, contact_id="{n}")
    last = [each["membership"]["contactId"] for each in api.found(**SINCE, limit=1000, pageNumber=99)]
    assert last == [str(n) for n in range(99_001, 100_001)]
    assert api.put("50000", "person50000@example.org", group="Advocates").status_code == 204
    state = standin.state()
    assert len(contract.people(state)) == state["counts"]["contacts"] == 100_000
    assert contract.lists(state) == {"Default List": 99_999, "Advocates": 1}
