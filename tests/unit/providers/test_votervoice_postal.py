"""Postal addresses: checked once, sent with their checksum, left out where they are not good."""

from __future__ import annotations

from typing import Any

import pytest

from crm_sync.errors import TransientError
from crm_sync.providers.votervoice.addresses import KIND
from crm_sync.transport import session
from local.verbs import told
from standins import StandIn
from unit.providers.member_rows import Notebook, batch
from unit.providers.votervoice_people import HOME, connected, held, records

EMAIL = "ann@example.org"

provider = pytest.fixture(lambda: "votervoice")


def checks(standin: StandIn) -> int:
    return int(standin.state()["address_calls"])


@pytest.mark.parametrize("kind", ["string", "number"])
def test_an_address_goes_with_the_checksum_it_was_given(kind: str, standin: StandIn) -> None:
    standin.switch(checksum_type=kind)
    answer = connected(standin).create(batch("create", records(EMAIL, **HOME)))
    assert told(answer) == [("applied", "")]
    home = held(standin)["1"]["home_address"]
    assert (home["streetAddress"], home["city"], home["zipCode"]) == ("1 Main St", "Springfield", "62701")


def test_an_address_is_asked_for_once_by_all_who_live_there_and_ever(standin: StandIn) -> None:
    memory = Notebook()
    people = records(EMAIL, "bob@example.org", None, **HOME)
    connected(standin, memory).create(batch("create", people))
    assert checks(standin) == 1
    later = connected(standin, memory)
    later.update(batch("update", records(EMAIL, **HOME, phone="555")))
    later.update(batch("update", records(EMAIL, **HOME | {"city": "SPRINGFIELD"})))
    assert checks(standin) == 1
    later.update(batch("update", records(EMAIL, **HOME | {"address_line1": "2 Main St"})))
    assert checks(standin) == 2
    assert held(standin)["1"]["home_address"]["streetAddress"] == "2 Main St"


@pytest.mark.parametrize(
    ("spoiled", "calls"),
    [
        ({"city": "Nowhere"}, 1),
        ({"postal_code": "00000"}, 1),
        ({"country": "XX"}, 1),
        ({"address_line1": None, "city": "Nowhere"}, 1),
        ({"address_line1": None, "city": None, "postal_code": None}, 0),
        ({"address_line1": None, "state": None, "postal_code": None}, 0),
    ],
)
def test_a_bad_address_is_left_out_and_the_person_is_sent_all_the_same(
    spoiled: dict[str, Any], calls: int, standin: StandIn
) -> None:
    memory = Notebook()
    for _ in range(2):
        answer = connected(standin, memory).create(batch("create", records(EMAIL, **HOME | spoiled)))
        assert told(answer) == [("applied", "address_left_out")]
    assert held(standin)["1"]["home_address"] is None
    assert checks(standin) == calls, "that it is bad is remembered, too"


def test_who_has_no_address_is_no_remark(standin: StandIn) -> None:
    answer = connected(standin).create(batch("create", records(EMAIL, country="US")))
    assert told(answer) == [("applied", "")]
    assert checks(standin) == 0


def test_an_address_that_turned_bad_is_taken_away(standin: StandIn) -> None:
    client = connected(standin)
    client.create(batch("create", records(EMAIL, **HOME)))
    answer = client.update(batch("update", records(EMAIL, **HOME | {"city": "Nowhere"})))
    assert told(answer) == [("applied", "address_left_out")]
    assert held(standin)["1"]["home_address"] is None


def test_a_remembered_checksum_that_is_refused_is_asked_for_anew(standin: StandIn) -> None:
    memory = Notebook()
    connected(standin, memory).create(batch("create", records(EMAIL, **HOME)))
    ((key, good),) = memory.values.items()
    assert key[0] == KIND
    memory.values[key] = good | {"checksum": "1"}
    answer = connected(standin, memory).update(batch("update", records(EMAIL, **HOME)))
    assert told(answer) == [("applied", "")]
    assert memory.values == {key: good}
    assert checks(standin) == 2


def test_a_record_that_is_bad_for_another_reason_stays_refused(standin: StandIn) -> None:
    memory = Notebook()
    asked = batch("create", records("a@fake.example.org", **HOME))
    for _ in range(2):
        assert told(connected(standin, memory).create(asked)) == [("refused", "record_refused")]


def test_several_answers_to_one_address_are_as_good_as_none(standin: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    from crm_sync.providers.votervoice import wire

    found = {"checksum": "1", "city": "Springfield"}

    def decoded(response: Any, kind: Any) -> Any:
        return wire.Addresses([found, found]) if kind is wire.Addresses else session.decoded(response, kind)

    monkeypatch.setattr("crm_sync.providers.votervoice.addresses.decoded", decoded)
    answer = connected(standin).create(batch("create", records(EMAIL, **HOME)))
    assert told(answer) == [("applied", "address_left_out")]


@pytest.mark.parametrize("form", ["absent", "empty"])
@pytest.mark.parametrize(
    "without", [{}, {"city": None, "state": None}, {"postal_code": None}, {"address_line2": "Suite 2"}]
)
def test_an_address_without_a_street_is_found_by_a_simple_lookup(
    without: dict[str, Any], form: str, standin: StandIn
) -> None:
    standin.switch(no_address=form)
    people = records(EMAIL, **HOME | {"address_line1": None} | without)
    answer = connected(standin).create(batch("create", people))
    assert told(answer) == [("applied", "")]
    home = held(standin)["1"]["home_address"]
    assert (home["streetAddress"], home["city"], home["state"]) == ("", "Springfield", "IL")
    assert checks(standin) == 1


def test_a_street_is_never_looked_up_the_simple_way(standin: StandIn) -> None:
    connected(standin).create(batch("create", records(EMAIL, **HOME)))
    connected(standin).create(batch("create", records(EMAIL, **HOME | {"address_line1": None})))
    asked = [each["path"] for each in standin.requests()["requests"] if each["route"] == "/addresses"]
    assert ["simpleLookup" in each for each in asked] == [False, True]


def test_people_of_one_place_without_a_street_share_its_lookup(standin: StandIn) -> None:
    place = HOME | {"address_line1": None}
    memory = Notebook()
    connected(standin, memory).create(batch("create", records(EMAIL, "bob@example.org", **place)))
    connected(standin, memory).update(batch("update", records(EMAIL, **place | {"address_line2": "Suite 2"})))
    assert checks(standin) == 1


@pytest.mark.parametrize(
    "written",
    [
        {"postal_code": "62701-1234"},
        {"postal_code": "627011234"},
        {"postal_code": "62701 "},
        {"state": "Illinois"},
        {"state": "il"},
        {"country": "USA"},
        {"country": None},
        {"postal_code": "62701-1234", "address_line1": None},
    ],
)
def test_an_address_is_asked_for_in_the_words_of_the_service(written: dict[str, Any], standin: StandIn) -> None:
    answer = connected(standin).create(batch("create", records(EMAIL, **HOME | written)))
    assert told(answer) == [("applied", "")]
    home = held(standin)["1"]["home_address"]
    assert (home["zipCode"], home["state"], home["country"]) == ("62701", "IL", "US")


def test_who_is_refused_with_an_address_only_is_sent_without_it(
    standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crm_sync.providers.votervoice import addresses

    memory = Notebook()
    monkeypatch.setattr(addresses, "_SENT", ("checksum", "city", "country", "state", "streetAddress", "zipCode"))
    for _ in range(2):
        answer = connected(standin, memory).create(batch("create", records(EMAIL, **HOME)))
        assert told(answer) == [("applied", "address_left_out")]
        assert held(standin)["1"]["home_address"] is None
    writes = [each["status"] for each in standin.requests()["requests"] if each["method"] in {"POST", "PUT"}]
    assert writes == [400, 201, 204], "what is not taken is remembered"


def test_what_was_asked_is_kept_though_the_batch_fails(standin: StandIn) -> None:
    memory = Notebook()
    standin.fault("status", status=503, method="POST")
    with pytest.raises(TransientError, match="503"):
        connected(standin, memory).create(batch("create", records(EMAIL, **HOME)))
    assert len(memory.values) == 1
