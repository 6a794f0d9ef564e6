"""GET /contacts: exactly one filter, ranges of dateUpdated, and pages that are counted from nought."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from standins import StandIn
from unit.standins.votervoice_client import CONTACTS, Client

provider = pytest.fixture(lambda: "votervoice")

ADA = "Ada+news@example.org"
SINCE = {"dateUpdated": ">2020-01-01T00:00:00Z"}


@pytest.fixture
def hourly(api: Client, standin: StandIn) -> list[str]:
    """Contacts 0 to 4, each an hour later than the one before; the moments."""
    for n in range(5):
        standin.clock(set=f"2026-01-01T0{n}:00:00Z", frozen=True)
        api.post(str(n), f"person{n}@example.org")
    return [f"2026-01-01T0{n}:00:00" for n in range(5)]


def ids(api: Client, **query: object) -> list[str]:
    return [contact["membership"]["contactId"] for contact in api.found(**query)]


def test_a_contact_is_found_by_id_or_by_address(api: Client) -> None:
    api.post("1", ADA)
    assert ids(api, contactId="1") == ids(api, email=ADA) == ids(api, email=ADA.lower()) == ["1"]
    assert api.found(contactId="2") == api.found(email="bob@example.org") == []


def test_ids_are_compared_with_their_case(api: Client) -> None:
    api.post("a")
    api.post("A")
    assert (ids(api, contactId="a"), ids(api, contactId="A")) == (["a"], ["A"])


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"limit": 10},
        {"contactId": "1", "email": ADA},
        {"contactId": "1"} | SINCE,
        {"email": ADA} | SINCE,
    ],
)
def test_no_filter_or_two_are_refused(api: Client, query: dict[str, object]) -> None:
    api.post("1", ADA)
    assert api("GET", CONTACTS, **query).status_code == 400


def test_a_bound_belongs_to_the_range(api: Client, hourly: list[str]) -> None:
    assert ids(api, dateUpdated=f">{hourly[3]}Z") == ["3", "4"]
    assert ids(api, dateUpdated=f"<{hourly[1]}Z") == ["0", "1"]
    assert ids(api, dateUpdated=f"{hourly[2]}.0000000Z") == ["2"]
    assert ids(api, dateUpdated=[f">{hourly[1]}Z", f"<{hourly[3]}Z"]) == ["1", "2", "3"]
    assert ids(api, dateUpdated=[f"<{hourly[3]}.0Z", f">{hourly[2]}.0000001Z"]) == ["3"]
    assert ids(api, dateUpdated=f">{hourly[4]}.0000001Z") == []
    assert ids(api, dateUpdated=">2026-01-01T04:00:00+01:00") == ["3", "4"]


@pytest.mark.parametrize(
    "dates",
    [
        ">2026-01-01",
        ">2026-01-01T00:00:00",
        ">2026-02-30T00:00:00Z",
        ">2026-01-01T00:00:00.00000000Z",
        ">=2026-01-01T00:00:00Z",
        "",
        [">2026-01-01T00:00:00Z", ">2026-01-02T00:00:00Z"],
        ["2026-01-01T00:00:00Z", "<2026-01-02T00:00:00Z"],
        [">2026-01-01T00:00:00Z", "<2026-01-02T00:00:00Z", "<2026-01-03T00:00:00Z"],
    ],
)
def test_dates_are_taken_literally(api: Client, dates: object) -> None:
    assert api("GET", CONTACTS, dateUpdated=dates).status_code == 400


def test_a_plus_sign_that_is_not_encoded_is_a_space(api: Client) -> None:
    moment = quote(">2026-01-01T00:00:00") + "+00:00"
    address = f"{api.url}{CONTACTS}?association=standin&dateUpdated={moment}"
    assert api.session.get(address, timeout=10).status_code == 400
    assert api.session.get(address.replace("+", "%2B"), timeout=10).json() == []


def test_pages_are_counted_from_nought(api: Client, hourly: list[str]) -> None:
    pages = [ids(api, **SINCE, orderBy="dateUpdated", limit=2, pageNumber=number) for number in range(4)]
    assert pages == [["0", "1"], ["2", "3"], ["4"], []]
    assert ids(api, **SINCE, orderBy="dateUpdated", orderDesc="true", limit=2) == ["4", "3"]
    assert ids(api, **SINCE, orderBy="dateUpdated", orderDesc="False", limit=1) == ["0"]


def test_a_write_moves_a_contact_to_the_end(api: Client, standin: StandIn, hourly: list[str]) -> None:
    query = SINCE | {"orderBy": "dateUpdated"}
    assert ids(api, **query) == ["0", "1", "2", "3", "4"]
    standin.clock(advance_seconds=1)
    api.put("1", "person1@example.org")
    standin.clock(advance_seconds=1)
    standin.act("edit_contact", email="person0@example.org", surname="Example")
    assert ids(api, **query) == ["2", "3", "4", "1", "0"]
    assert ids(api, dateUpdated=f">{hourly[4]}.0000001Z") == ["0", "1"]


def test_a_page_has_a_hundred_unless_it_is_said(api: Client, standin: StandIn) -> None:
    standin.act("create_contacts", count=1200, contact_id="{n}")
    assert len(api.found(**SINCE)) == 100
    assert len(api.found(**SINCE, limit=1000)) == 1000
    assert len(api.found(**SINCE, limit=1000, pageNumber=1)) == 200
    standin.switch(default_limit=7, largest_limit=8)
    assert (len(api.found(**SINCE)), len(api.found(**SINCE, limit=8))) == (7, 8)
    assert api("GET", CONTACTS, **SINCE, limit=9).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 0},
        {"limit": -1},
        {"limit": "ten"},
        {"limit": 1001},
        {"pageNumber": -1},
        {"pageNumber": "1.0"},
        {"orderBy": "surname"},
        {"orderDesc": "yes"},
        {"limit": [1, 2]},
        {"offset": 1},
        {"groupList": "Advocates"},
        {"sitenumber": "one"},
    ],
)
def test_other_parameters_and_values_are_refused(api: Client, query: dict[str, object]) -> None:
    assert api("GET", CONTACTS, **SINCE, **query).status_code == 400
    assert api("GET", CONTACTS, **SINCE, sitenumber=0).status_code == 200


def test_a_second_record_of_an_id_is_found_with_the_first(api: Client, standin: StandIn) -> None:
    standin.switch(duplicate="second")
    for group in (None, "Advocates"):
        api.post("1", ADA, group=group)
    assert [contact["membership"]["groupList"] for contact in api.found(contactId="1")] == [None, "Advocates"]
    assert api("DELETE", CONTACTS, contactId="1", groupList="Default List").status_code == 204
    assert [contact["membership"]["groupList"] for contact in api.found(email=ADA)] == ["Advocates"]
