"""What a whole sync with any provider keeps: nothing sent twice, nothing lost, nobody overruled, limits respected."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from contract.conftest import only
from contract.people import add_five, add_list, add_people
from contract.worlds import assert_in_step
from crm_sync.contract import Provider
from crm_sync.errors import LoadFailedError, TransientError
from crm_sync.model import Verb
from local.world import World
from standins import StandIn

MOST_PEOPLE = 500  # in a batch of a test, where a provider takes more


@pytest.fixture
def association(world: World) -> World:
    """Five people in list 1, two of them in list 2 as well."""
    add_five(world.crm_dsn)
    return world


def changes_sent(standin: StandIn) -> list[str]:
    return [
        entry["method"] + " " + entry["path"] for entry in standin.requests()["requests"] if entry["method"] != "GET"
    ]


def test_a_second_identical_run_sends_nothing(association: World, standin: StandIn, sheet: Provider) -> None:
    association.run()
    assert changes_sent(standin)
    assert_in_step(association, standin)
    standin.clear_requests()
    assert association.run()["extract"]["idle"] == 1
    full = association.run("full")
    assert full["extract"]["contacts"] == 5
    assert full["plan"] == {"planned": 0}
    assert changes_sent(standin) == []
    assert (standin.requests()["total"] > 0) == sheet.reads_back, "what was compared with, if it can be"


def test_every_operation_has_exactly_one_outcome(
    association: World, standin: StandIn, told: ModuleType, sheet: Provider
) -> None:
    add_people(association.crm_dsn, 6, 8, lists=[2], address=told.REFUSED_ADDRESS)
    counts = association.run()["record"]
    assert counts["planned"] == counts["applied"] + counts["refused"] > 0
    assert counts["refused"] >= 3
    rows = association.query("select status, reason, settled_at from crm_sync.operation")
    assert {row[0] for row in rows} == {"applied", "refused"}
    assert all(row[2] is not None for row in rows)
    assert all(row[1] for row in rows if row[0] == "refused")
    assert_in_step(association, standin)
    exceptions = association.query("select subscriber_key, reason from crm_sync.exceptions order by 1")
    by_address = sheet.keyed_by == "address"
    assert [row[0] for row in exceptions] == [
        told.REFUSED_ADDRESS.format(n=n) if by_address else str(n) for n in (6, 7, 8)
    ]


@only(lambda sheet, _: sheet.hears_opt_outs)
def test_opt_outs_are_polled_with_overlap_and_once(association: World, standin: StandIn, told: ModuleType) -> None:
    association.run()
    standin.act(told.LEAVES, address="person1@example.org")
    assert association.run()["opt_outs"]["opt_outs_new"] == 1
    polled = association.query("select polled_at from crm_sync.cursor")[0][0]
    overlap = timedelta(minutes=association.settings.opt_out_overlap_minutes)
    again = association.begin().client.opt_outs(polled - overlap)
    assert [who.subscriber_key for who in again.people] == ["person1@example.org"], (
        "the overlap shows the same opt-out again"
    )
    assert association.run()["opt_outs"] == {"opt_outs_new": 0, "do_not_contact_set": 0}
    assert association.query("select subscriber_key, reason from crm_sync.opt_out") == [
        ("person1@example.org", "unsubscribed")
    ]
    assert association.crm_do("select contact_id from crm.list_member where do_not_contact") == [(1,)]
    assert_in_step(association, standin)


@only(lambda sheet, _: sheet.hears_opt_outs)
def test_a_comparison_holds_the_ledger_to_every_opt_out_that_stands(association: World) -> None:
    association.run()
    standing = (
        "insert into crm_sync.opt_out (provider, subscriber_key, reason, crm_written_at) values (%s, %s, %s, now())"
    )
    with association.state.engine.begin() as state:
        for name, reason in (("person1", "unsubscribed"), ("person2", "cleaned")):
            state.exec_driver_sql(standing, (association.provider, f"{name}@example.org", reason))
    association.run("compare")
    closed = "select subscriber_key, state from crm_sync.holding where state in ('opted_out', 'cleaned') order by 1"
    assert association.query(closed) == [("person1@example.org", "opted_out"), ("person2@example.org", "cleaned")]


@only(lambda sheet, _: sheet.hears_opt_outs)
def test_an_opt_out_between_poll_and_push_is_not_undone(association: World, standin: StandIn, told: ModuleType) -> None:
    association.run()
    association.crm_do("update crm.contact set first_name = 'Changed' where contact_id in (1, 2, 3)")
    association.begin(airflow_run_id="between")
    for name in ("opt_outs", "extract", "validate", "transform", "plan"):
        association.stage(name, "between")
    standin.act(told.LEAVES, address="person1@example.org")
    standin.act(told.IS_UNSUBSCRIBED_BY_STAFF, address="person2@example.org")
    association.stage("load", "between")
    association.stage("record", "between")
    gets_mail = {who: mail for who, (mail, _) in told.people(standin.state()).items()}
    assert gets_mail == {f"person{n}@example.org": n > 2 for n in range(1, 6)}
    association.run()
    assert_in_step(association, standin)
    flagged = association.crm_do("select distinct contact_id from crm.list_member where do_not_contact order by 1")
    assert flagged == [(1,), (2,)], "the CRM is told by the next poll"


def test_batches_never_exceed_the_sheets_sizes(
    world: World, standin: StandIn, told: ModuleType, sheet: Provider
) -> None:
    sizes = {phase: min(size, MOST_PEOPLE) for phase, size in sheet.batch_sizes.items()}
    largest = max(sizes.values())
    assert largest
    world.facts |= {"batch_sizes": sizes}
    has_own_calls = Verb.ADD_TO_LIST in sheet.verbs - sheet.carries.get("enroll", frozenset())
    add_list(world.crm_dsn, 1, "News")
    add_people(world.crm_dsn, 1, largest + 3, lists=[1])
    standin.keep_bodies()
    world.run()
    sent = [each for entry in standin.requests()["requests"] for each in told.batch_sizes(entry)]
    assert {phase for phase, _ in sent} >= {"enroll", *(["change_membership"] if has_own_calls else [])}
    assert all(size <= sizes.get(phase, 1) for phase, size in sent)
    assert max(size for _, size in sent) == getattr(told, "PEOPLE_IN_ONE_CALL", largest), "and a full batch is used"
    assert_in_step(world, standin)


def joining_call(sheet: Provider, told: ModuleType) -> dict[str, Any]:
    """The call that puts people into lists."""
    rides = Verb.ADD_TO_LIST in sheet.carries.get("enroll", ())
    match: dict[str, Any] = told.ENROLL if rides else getattr(told, "CHANGE_MEMBERSHIP", told.ENROLL)
    return match


def test_connections_at_once_never_exceed_the_sheets_concurrency(
    world: World, standin: StandIn, sheet: Provider, told: ModuleType
) -> None:
    lists = list(range(1, 3 * sheet.concurrency))
    for number in lists:
        add_list(world.crm_dsn, number, f"List {number}")
    # Where lists have no calls of their own, it takes more people to make many batches.
    has_own_calls = Verb.ADD_TO_LIST in sheet.verbs - sheet.carries.get("enroll", frozenset())
    world.facts |= {} if has_own_calls else {"batch_sizes": dict.fromkeys(sheet.batch_sizes, 2)}
    add_people(world.crm_dsn, 1, 2 if has_own_calls else 6 * sheet.concurrency, lists=lists)
    standin.fault("slow", seconds=0.2, **joining_call(sheet, told))
    world.run()
    assert standin.requests()["max_concurrency"] == sheet.concurrency
    assert_in_step(world, standin)


def record_of(standin: StandIn, address: str) -> dict[str, Any]:
    """All that the stand-in holds of somebody, but for names that pass."""
    rows = [row for rows in standin.state().values() if isinstance(rows, list) for row in rows]
    (found,) = [row for row in rows if address in row.values()]
    return {name: value for name, value in found.items() if not name.startswith("temporary")}


def test_strangers_and_their_tags_stay_as_they_are(
    association: World, standin: StandIn, told: ModuleType, sheet: Provider
) -> None:
    theirs = getattr(told, "THEIR_LIST", "Theirs")
    standin.act(**told.stranger("stranger@example.org", theirs))
    before = record_of(standin, "stranger@example.org")
    association.run()
    association.run("full")
    association.crm_do("delete from crm.list where list_id = 2")
    association.run()
    association.run("full", allow_removals=True)
    assert record_of(standin, "stranger@example.org") == before
    lists = {name: people for name, people in told.lists(standin.state()).items() if people}
    ours = association.query("select name from crm_sync.list_holding") if sheet.has_lists else [("Default List",)]
    assert ours
    assert lists == {theirs: 1, **{name: 5 for (name,) in ours}}


def test_a_provider_that_fails_for_a_while_loses_nothing(
    association: World, standin: StandIn, told: ModuleType, sheet: Provider
) -> None:
    standin.fault("bare_429", **joining_call(sheet, told))
    association.begin(airflow_run_id="busy")
    for name in ("opt_outs", "extract", "validate", "transform", "plan"):
        association.stage(name, "busy")
    with pytest.raises(TransientError, match="left"):
        association.stage("load", "busy")
    unsettled = association.query(
        "select count(*) from crm_sync.operation where status in ('pending', 'in_doubt', 'submitted')"
    )[0][0]
    assert unsettled >= 5
    with pytest.raises(LoadFailedError, match=r"not answered"):
        association.stage("record", "busy")
    assert association.query("select count(*) from crm_sync.operation where status = 'deferred'")[0][0] == unsettled
    standin.clear_faults()
    association.run()
    assert_in_step(association, standin)
    assert association.query("select * from crm_sync.exceptions") == []


KILLED = """
import sys
sys.path[:0] = {path!r}
from local.world import World
world = World({crm!r}, {state!r}, {url!r}, way={way!r}, key={key!r}, extras={extras!r})
world.stage("load", "killed")
"""


def load_elsewhere(world: World) -> subprocess.Popen[bytes]:
    """The load of the run "killed" in a process of its own."""
    code = KILLED.format(
        path=sys.path,
        crm=world.crm_dsn,
        state=world.state_dsn,
        url=world.provider_url,
        way=world.way,
        key=world.key,
        extras=world.extras,
    )
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def killed_after(load: subprocess.Popen[bytes], world: World, people: int) -> set[str]:
    """Kill the load once so many people are settled; who they are."""
    applied = "select subscriber_key from crm_sync.operation where verb = 'create' and status = 'applied'"
    deadline = time.monotonic() + 30
    while len(world.query(applied)) < people:
        assert load.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(load.pid, signal.SIGKILL)
    load.wait()
    return {row[0] for row in world.query(applied)}


@only(lambda _, told: not {"PEOPLE_IN_ONE_CALL", "ANSWERS_LATER"} & set(vars(told)))
def test_a_load_killed_between_batches_does_not_send_settled_ones_again(
    world: World, standin: StandIn, told: ModuleType, sheet: Provider
) -> None:
    size = sheet.batch_size("enroll")
    add_list(world.crm_dsn, 1, "News")
    add_people(world.crm_dsn, 1, 3 * size, lists=[1])
    world.begin(airflow_run_id="killed")
    for name in ("opt_outs", "extract", "validate", "transform", "plan"):
        world.stage(name, "killed")
    # The first batch is answered; the others hang until the load is dead.
    standin.fault("timeout_before", **told.ENROLL, skip=1, seconds=20)
    standin.keep_bodies()
    settled = killed_after(load_elsewhere(world), world, size)
    assert len(settled) == size
    standin.clear_faults()
    standin.clear_requests()
    world.stage("load", "killed")
    sent_again = {who for entry in standin.requests()["requests"] for who in told.people_sent(entry)}
    assert len(sent_again) == 2 * size
    assert not sent_again & settled
    assert world.stage("record", "killed")["applied"] == 6 * size + (Verb.CREATE_LIST in sheet.verbs)
    assert_in_step(world, standin)
