"""One record is not the weather: what fails for one person is a row of theirs, and everybody else goes on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg
import pytest

from convergence.arena import Arena
from convergence.conftest import everywhere
from convergence.members import MemberArena
from convergence.two_people import add_person, writes
from crm_sync import providers
from crm_sync.providers.mailchimp.reader import member_hash

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

MAILCHIMP = pytest.mark.parametrize("arena", ["mailchimp"], indirect=True)
NEWCOMERS = range(10, 24)
UNLUCKY = 16


def address_of(contact_id: int) -> str:
    return f"person{contact_id}@example.org"


def add_newcomers(arena: Arena, numbers: range = NEWCOMERS) -> None:
    with psycopg.connect(arena.association.dsn) as connection:
        for number in numbers:
            add_person(connection, number, f"P{number}", address_of(number), list_id=1)


def curse(arena: Arena, contact_id: int = UNLUCKY, **how: Any) -> None:
    """From now on every call that is about this person fails: singly by its path, in bulk by its body."""
    details = {"kind": "status", "status": 500, **how}
    kind, address = details.pop("kind"), address_of(contact_id)
    there = {each["address"].lower(): each for each in people_there(arena)}
    known = there.get(address, {}).get("identity", "nobody")
    names = [address.replace("@", "%40"), member_hash(address), str(known)]
    names += [rf"contactId={contact_id}(?!\d)"]
    arena.standin.fault(kind, path_regex="|".join(names), **details)
    key = rf'"(ContactId|LegacyContactKey|contactId)": ?"{contact_id}"'
    for method in ("POST", "PUT", "PATCH"):
        arena.standin.fault(kind, method=method, body_regex=f"{address}|{known}|{key}", **details)


def people_there(arena: Arena) -> list[dict[str, Any]]:
    return [] if isinstance(arena, MemberArena) else arena.provider.people(arena.standin.state())


def held(arena: Arena) -> set[str]:
    """Whom the provider holds, of those who came."""
    state = arena.standin.state()
    if isinstance(arena, MemberArena):
        return {key for key, each in arena.provider.members(state).items() if each["is_held"]}
    return {each["address"].lower() for each in people_there(arena) if each["is_subscribed"]}


def in_news(arena: Arena) -> set[str]:
    return {each["address"].lower() for each in people_there(arena) if "News" in each["lists"]}


def rows(arena: Arena) -> list[tuple[Any, ...]]:
    return arena.world.query(
        "select contact_id, reason from crm_sync.exceptions where provider = %s order by 1", arena.world.provider
    )


def waiting(arena: Arena) -> list[tuple[Any, ...]]:
    return arena.world.query(
        "select contact_id, tries, round(extract(epoch from retry_at - now()) / 60)::int from crm_sync.holding"
        " where tries > 0 and provider = %s",
        arena.world.provider,
    )


def notice(arena: Arena) -> str:
    newest = "select notice from crm_sync.run where provider = %s order by run_id desc limit 1"
    return str(arena.world.query(newest, arena.world.provider)[0][0])


def time_passes(arena: Arena) -> None:
    with psycopg.connect(arena.world.state_dsn) as state:
        state.execute("update crm_sync.holding set retry_at = now() where retry_at is not null")


def at_full_size(arena: Arena) -> None:
    """Batches as large as the provider takes them."""
    arena.world.facts = {"timeout_seconds": 30.0, "calls_per_second": None}


@pytest.fixture
def crowd(arena: Arena) -> Arena:
    """Ann and Bob are held, and newcomers wait to be brought across."""
    from convergence import two_people

    arena.reset()
    two_people.settle_in(arena.association)
    assert arena.run("changes")
    add_newcomers(arena)
    return arena


@everywhere
def test_all_but_the_one_whose_call_fails_are_brought_across_with_their_lists(crowd: Arena) -> None:
    curse(crowd)
    assert crowd.run("changes"), "the run is not red"
    key = str if isinstance(crowd, MemberArena) else address_of
    assert {key(number) for number in NEWCOMERS} - held(crowd) == {key(UNLUCKY)}
    assert rows(crowd) == [(UNLUCKY, "server_error_500")]
    assert waiting(crowd) == [(UNLUCKY, 1, 10)]
    assert "1 records are retried later because their own calls fail: server_error_500 (1)" in notice(crowd)
    if not isinstance(crowd, MemberArena):
        assert {address_of(number) for number in NEWCOMERS} - in_news(crowd) == {address_of(UNLUCKY)}
    crowd.settle()
    assert waiting(crowd) == []


@everywhere
def test_pauses_grow_and_a_run_with_nobody_else_is_not_red(crowd: Arena) -> None:
    curse(crowd)
    assert crowd.run("changes")
    for tries, minutes in ((2, 20), (9, 1440)):
        with psycopg.connect(crowd.world.state_dsn) as state:
            state.execute("update crm_sync.holding set tries = %s where tries > 0", (tries - 1,))
        time_passes(crowd)
        assert crowd.run("changes")
        assert waiting(crowd) == [(UNLUCKY, tries, minutes)]
    crowd.standin.clear_requests()
    assert crowd.run("changes")
    assert not writes(crowd), "nobody is tried before their time"


@MAILCHIMP
def test_few_calls_are_spent_on_finding_the_one(crowd: Arena) -> None:
    at_full_size(crowd)
    add_newcomers(crowd, range(24, 51))
    curse(crowd)
    assert crowd.run("changes")
    assert {address_of(number) for number in range(10, 51)} - in_news(crowd) == {address_of(UNLUCKY)}
    routes = crowd.standin.requests(entries=0)["by_route"]
    assert routes["POST /lists/{list_id}"] <= 8, routes


def leave_the_list(arena: Arena) -> None:
    arena.world.crm_do("delete from crm.list_member where contact_id >= 10")


def leave_but_not_all(arena: Arena) -> None:
    arena.world.crm_do("insert into crm.list_member (list_id, contact_id) select 2, n from generate_series(10, 23) n")
    assert arena.run("changes")
    arena.world.crm_do("delete from crm.list_member where contact_id >= 10 and list_id = 1")


def refuse_mail(arena: Arena) -> None:
    arena.world.crm_do("update crm.contact set do_not_contact = true where contact_id >= 10")


@pytest.mark.parametrize("change", [leave_the_list, leave_but_not_all, refuse_mail])
def test_whoever_cannot_be_taken_out_keeps_nobody_else_in(crowd: Arena, change: Any) -> None:
    assert crowd.run("changes")
    if change is leave_but_not_all:
        change(crowd)
    curse(crowd)
    if change is not leave_but_not_all:
        change(crowd)
    assert crowd.run("changes", allow_removals=True)
    gone = {address_of(number) for number in NEWCOMERS} & (
        in_news(crowd) if change is leave_but_not_all else held(crowd)
    )
    assert gone <= {address_of(UNLUCKY)}
    assert [row[0] for row in waiting(crowd)] == [UNLUCKY]


@everywhere
@pytest.mark.parametrize("how", ["cut_after", "garbled"])
def test_a_call_that_is_never_answered_for_one_person_is_that_persons_row(crowd: Arena, how: str) -> None:
    curse(crowd, kind=how)
    assert crowd.run("changes")
    key = str if isinstance(crowd, MemberArena) else address_of
    assert {key(number) for number in NEWCOMERS} - held(crowd) <= {key(UNLUCKY)}
    assert [row[0] for row in waiting(crowd)] == [UNLUCKY]


@pytest.mark.parametrize("how", ["timeout_before", "slow"])
def test_a_call_that_takes_too_long_for_one_person_is_that_persons_row(crowd: Arena, how: str) -> None:
    patience = crowd.world.settings
    # Long enough for whoever is answered on a busy machine; the one is answered far too late, or never.
    crowd.world.facts = {**crowd.world.facts, "timeout_seconds": 3.0}
    crowd.world.settings = replace(patience, attempts=2)
    try:
        curse(crowd, kind=how, seconds=6)
        assert crowd.run("changes"), "the run is not red"
    finally:
        crowd.world.settings = patience
    everybody = {address_of(number) for number in NEWCOMERS}
    assert everybody - held(crowd) <= {address_of(UNLUCKY)}
    assert everybody - in_news(crowd) <= {address_of(UNLUCKY)}
    assert rows(crowd) == [(UNLUCKY, "not_answered")]
    assert [row[0] for row in waiting(crowd)] == [UNLUCKY]
    crowd.standin.clear_faults()
    time_passes(crowd)
    assert crowd.run("changes")
    assert waiting(crowd) == []
    assert everybody <= held(crowd)


@everywhere
def test_where_everything_fails_it_is_the_weather(crowd: Arena) -> None:
    crowd.is_stormy = True
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        crowd.standin.fault("status", method=method, status=503)
    crowd.standin.clear_requests()
    assert not crowd.run("changes"), "red"
    assert waiting(crowd) == []
    attempts = crowd.world.settings.attempts
    calls = crowd.standin.requests(entries=0)["by_status"].get("503", 0)
    assert 0 < calls <= 10 * attempts, "the rest was not tried"


@everywhere
def test_several_who_fail_in_one_batch_are_found(crowd: Arena) -> None:
    at_full_size(crowd)
    unlucky = [11, 12, 14, 17, 18, 23]
    for each in unlucky:
        curse(crowd, each)
    assert crowd.run("changes")
    key = str if isinstance(crowd, MemberArena) else address_of
    assert {key(number) for number in NEWCOMERS} - held(crowd) == {key(each) for each in unlucky}
    assert sorted(row[0] for row in waiting(crowd)) == unlucky


@MAILCHIMP
def test_a_list_whose_call_fails_keeps_no_other_from_its_people(crowd: Arena) -> None:
    crowd.world.crm_do("insert into crm.list (list_id, name, sync_enabled) values (7, 'Jobs', true)")
    crowd.world.crm_do("insert into crm.list_member (list_id, contact_id) values (7, 10)")
    crowd.standin.fault("status", status=500, method="POST", body_regex='"name": ?"Jobs"')
    assert crowd.run("changes")
    assert in_news(crowd) >= {address_of(number) for number in NEWCOMERS}
    listed = crowd.world.query("select reason, tries from crm_sync.list_holding where list_id = 7")
    assert listed == [("server_error_500", 1)]
    crowd.settle()


def test_a_provider_says_how_many_calls_finding_may_cost() -> None:
    assert providers.get("constant_contact").isolating_calls == 100
