"""The service around the pushes: faults, the gate, things done by hand, the suite's facts, size, and what is marked."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from standins import StandIn, StandInError
from standins.higher_logic import contract_v1 as contract
from standins.higher_logic.behaviours import BEHAVIOURS
from standins.higher_logic.switches import CHOICES, FREE
from unit.standins.higher_logic_client import MEMBERS, Client, communities, group, item, members, taken

provider = pytest.fixture(lambda: "higher_logic")


@pytest.mark.parametrize(
    ("kind", "status", "message"),
    [
        ("status", 429, "Too Many Requests"),
        ("status", 500, "Internal server error"),
        ("bare_429", 429, None),
        ("bare_403", 403, None),
        ("html_400", 400, None),
    ],
)
def test_scripted_answers_have_no_effect(
    api: Client, standin: StandIn, kind: str, status: int, message: str | None
) -> None:
    standin.fault(kind, **contract.ENROLL, status=status, times=1)
    answer = api.push(item("1"))
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == ("application/json" if message else "text/html")
    if message:
        assert answer.json() == {"message": message}
    assert standin.state()["members"] == []
    assert api.push(item("1")).json() == taken(1)


@pytest.mark.parametrize("kind", ["cut_before", "cut_after"])
def test_a_lost_answer_with_or_without_the_effect(api: Client, standin: StandIn, kind: str) -> None:
    standin.fault(kind, times=1)
    with pytest.raises(requests.ConnectionError):
        api.push(item("1"))
    assert set(members(standin)) == ({"1"} if kind == "cut_after" else set())


def test_calls_over_the_limit_are_turned_away(api: Client, standin: StandIn) -> None:
    standin.switch(concurrency_limit=2)
    standin.fault("slow", seconds=2, times=2)
    with ThreadPoolExecutor(2) as pool:
        held = [pool.submit(Client(standin.url).push, item(str(n))) for n in range(2)]
        deadline = time.monotonic() + 10
        while standin.requests(entries=0)["max_concurrency"] < 2:
            assert time.monotonic() < deadline, "two calls were never under way at once"
            time.sleep(0.02)
        late = api.push(item("late"))
        assert [call.result().json() for call in held] == [taken(1), taken(1)]
    assert (late.status_code, late.json()) == (429, {"message": "Too Many Requests"})
    assert set(members(standin)) == {"0", "1"}


def test_the_key_can_be_changed(api: Client, standin: StandIn) -> None:
    standin.switch(api_key="other")
    try:
        assert api.push(item("1")).status_code == 403
        standin.reset()
        assert standin.switch()["api_key"] == "other"
    finally:
        standin.switch(api_key=contract.KEY)
    assert api.push(item("1")).json() == taken(1)


def test_things_done_by_hand_last_until_the_next_push(api: Client, standin: StandIn) -> None:
    pushed = item("1", [group("c", "Choir")], FirstName="Ada", IsActive=True)
    api.push(pushed, item("2", [group("b", "Board")]))
    standin.act("edit_member", key="1", fields={"FirstName": "Adele", "IsActive": "False", "City": "Springfield"})
    standin.control("POST", "state", {"action": "set_community", "key": "1", "community": "c", "in": False})
    standin.control("POST", "state", {"action": "set_community", "key": "1", "community": "b", "in": True})
    ada = members(standin)["1"]
    assert (ada["first_name"], ada["is_active"], ada["fields"]) == ("Adele", False, {"City": "Springfield"})
    assert [place["key"] for place in ada["communities"]] == ["b"]
    assert communities(standin) == {"c": ("Choir", True, 0), "b": ("Board", True, 2)}
    api.push(pushed)
    ada = members(standin)["1"]
    assert (ada["first_name"], ada["is_active"], ada["fields"], ada["pushes"]) == ("Ada", True, {}, 2)
    assert communities(standin) == {"c": ("Choir", True, 1), "b": ("Board", True, 1)}
    assert standin.act("empty") == {"removed": 2}
    assert standin.state(counts=1)["counts"]["communities"] == 0


@pytest.mark.parametrize(
    "wish",
    [
        {"action": "no"},
        {"action": "unhide_community"},
        {"action": "unhide_community", "key": "none"},
        {"action": "delete_member", "key": "none"},
        {"action": "edit_member", "key": "1", "fields": {"Nickname": "A"}},
        {"action": "set_community", "key": "1", "community": "none", "in": True},
        {"action": "create_member", "key": "1"},
        {"action": "create_member", "key": "2", "fields": {"FirstName": 2}},
    ],
)
def test_what_cannot_be_done_by_hand_is_said(api: Client, standin: StandIn, wish: dict[str, object]) -> None:
    api.push(item("1"))
    with pytest.raises(StandInError):
        standin.control("POST", "state", wish)
    assert set(members(standin)) == {"1"}


@pytest.mark.parametrize("wish", [{"colour": "blue"}, {"bad_item": "sings"}, {"max_items": "many"}])
def test_a_switch_that_does_not_exist_is_refused(standin: StandIn, wish: dict[str, object]) -> None:
    with pytest.raises(StandInError):
        standin.switch(**wish, unknown_tenant="403")
    assert standin.switch()["unknown_tenant"] == "success_false"


def test_the_suite_can_read_the_state(api: Client, standin: StandIn) -> None:
    standin.keep_bodies()
    api.push(
        item(
            "1", [group("c", "Choir")], FirstName="Ada", LastName="Example", IsActive=True, EmailAddress="a@example.org"
        ),
        item("org", CompanyName="Example Works", IsOrganization=True),
    )
    standin.act(**contract.stranger("stranger@example.org", "Theirs"))
    standin.act(**contract.crowd(2))
    state = standin.state()
    assert contract.people(state) == {
        "1": (True, frozenset({"Choir"})),
        "stranger stranger@example.org": (True, frozenset({"Theirs"})),
        "crowd1": (True, frozenset()),
        "crowd2": (True, frozenset()),
    }
    assert contract.names(state)["1"] == ("Ada", "Example")
    assert contract.addresses(state)["crowd2"] == "crowd2@example.org"
    assert contract.organizations(state) == {"org": "Example Works"}
    assert contract.lists(state) == {"Choir": 1, "Theirs": 1}
    assert [contract.batch_sizes(each) for each in standin.requests()["requests"]] == [[("enroll", 2)]]
    assert api.push(item("9", EmailAddress=contract.REFUSED_ADDRESS.format(n=9))).json()["success"] is False


def test_the_log_names_the_route(api: Client, standin: StandIn) -> None:
    api.push(item("1"))
    api("/nowhere", {})
    assert standin.requests(entries=0)["by_route"] == {f"POST {MEMBERS}": 1, "POST -": 1}


def test_a_hundred_thousand_members_are_no_burden(api: Client, standin: StandIn) -> None:
    standin.act("create_members", count=100_000, communities=["all", "news"])
    assert api.push(*[item(str(n), [group("all", "All")]) for n in range(1, 101)]).json() == taken(100)
    state = standin.state(history=1)
    assert len({member["key"] for member in state["members"]}) == state["counts"]["members"] == 100_000
    assert contract.lists(state) == {"All": 100_000, "news": 99_900}
    assert len(state["history"]) == 100, "seeding is not in it, becoming inactive is"


def test_every_behaviour_is_marked_and_every_switch_is_known() -> None:
    assert len(BEHAVIOURS) > 30
    assert {behaviour.mark for behaviour in BEHAVIOURS} == {"documented", "seen", "assumed"}
    assert all(behaviour.rule and behaviour.source for behaviour in BEHAVIOURS)
    assert {behaviour.switch for behaviour in BEHAVIOURS if behaviour.switch} == {*CHOICES, *FREE} - {"api_key"}
