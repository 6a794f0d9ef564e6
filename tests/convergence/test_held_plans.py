"""While the brake holds a plan, opt-outs are heard and Do Not Contact is sent; the rest waits for a person, once."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from convergence.arena import Arena
from convergence.conftest import everywhere
from convergence.two_people import add_person, do_by_hand, names_held, person, subscribed, writes
from crm_sync.pipeline import questions
from crm_sync.settings import Settings
from local.world import QUICK

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

NAMES = ("Cid", "Dora", "Eve", "Fay")
LEAVE = """
    delete from crm.list_member where contact_id = any(%s);
    update crm.membership set status = 'dropped' where contact_id = any(%s)
"""
COME_BACK = "insert into crm.list_member (list_id, contact_id) select 1, unnest(%s::bigint[])"
REFUSE_MAIL = "update crm.contact set do_not_contact = true where contact_id = any(%s)"
RENAME = "update crm.contact set first_name = %s where contact_id = %s"


@pytest.fixture
def six(played: Arena, monkeypatch: pytest.MonkeyPatch) -> Arena:
    """Ann, Bob and four others, all held; a plan that takes away two of anything is held by the brake."""
    with psycopg.connect(played.association.dsn) as connection:
        for number, name in enumerate(NAMES, start=3):
            add_person(connection, number, name, f"{name.lower()}@example.org", list_id=1)
    assert played.run("changes")
    assert names_held(played) == {"Ann", "Bob", *NAMES}
    careful: Settings = QUICK.__class__(**{**vars(QUICK), "brake_floor": 1, "brake_share": 0.1})
    monkeypatch.setattr(played.world, "settings", careful)
    played.standin.clear_requests()
    return played


def leave(arena: Arena, *contact_ids: int) -> None:
    arena.world.crm_do("delete from crm.list_member where contact_id = any(%s)", list(contact_ids))
    arena.world.crm_do("update crm.membership set status = 'dropped' where contact_id = any(%s)", list(contact_ids))


def held(arena: Arena, mode: str = "changes", **options: Any) -> str:
    """A run that the brake holds; its Airflow run id."""
    arena.run(mode, **options)
    assert last(arena, "state") == "held"
    return arena.world.last_run_id()


def last(arena: Arena, what: str) -> Any:
    """A column of the newest run's summary."""
    found = arena.world.query(
        f"select {what} from crm_sync.run_summary where provider = %s order by run_id desc limit 1",
        arena.world.provider,
    )
    return found[0][0]


def removals(arena: Arena) -> list[tuple[str, str, str, int]]:
    """What the plan of the newest run takes away."""
    ((found,),) = arena.world.query("select removals from crm_sync.run order by run_id desc limit 1")
    return sorted((each["kind"], each["cause"], each["list_name"], each["number"]) for each in found or ())


def asked(arena: Arena) -> list[str]:
    """What became of each question, in order."""
    rows = arena.world.query("select status from crm_sync.question order by question_id")
    return [status for (status,) in rows]


@everywhere
def test_a_held_plan_sends_nothing_and_an_approval_lets_the_next_run_do_it(six: Arena) -> None:
    leave(six, 3, 4)
    held(six)
    assert not writes(six)
    assert (last(six, "held") > 0, asked(six)) == (True, ["open"])

    assert six.world.answer(approves=True)
    assert six.run("changes")
    assert last(six, "state") == "recorded"
    assert "chair approved" in last(six, "notice")
    assert names_held(six) == {"Ann", "Bob", "Eve", "Fay"}
    assert asked(six) == ["used"]
    six.settle()


@everywhere
def test_an_approval_counts_people_and_memberships_by_cause_and_list_as_a_preview_does(six: Arena) -> None:
    leave(six, 3, 4)
    six.world.crm_do("delete from crm.contact where contact_id = 5")
    six.world.crm_do(REFUSE_MAIL, [6])
    six.run("changes", dry_run=True)
    foreseen = removals(six)
    held(six)
    assert removals(six) == foreseen
    people = {(cause, number) for kind, cause, _, number in foreseen if kind == "people"}
    assert ("gone_from_crm", 1) in people
    assert (
        sum(number for _, number in people)
        == six.world.query("select (weighed ->> 'people')::integer from crm_sync.question")[0][0]
    )
    memberships = [(name, number) for kind, _, name, number in foreseen if kind == "memberships"]
    assert {name for name, _ in memberships} <= {"News"}  # none where they go with the record


def test_a_list_that_goes_is_counted_with_all_its_people(six: Arena) -> None:
    six.world.crm_do("delete from crm.list where list_id = 1")
    held(six)
    assert ("memberships", "list_gone", "News", 5) in removals(six)
    assert ("people", "in_no_list", "", 5) in removals(six)


def test_do_not_contact_is_sent_by_the_run_that_is_held_and_by_those_after_it(six: Arena) -> None:
    leave(six, 3, 4)
    six.world.crm_do(REFUSE_MAIL, [5])
    held(six)
    assert person(six, "eve@example.org")["is_unsubscribed"]
    assert (person(six, "eve@example.org")["lists"], last(six, "applied") > 0) == (set(), True)
    assert {"cid@example.org", "dora@example.org"} <= subscribed(six)

    six.world.crm_do(REFUSE_MAIL, [6])
    six.world.crm_do(RENAME, "Anna", 1)
    held(six)
    assert person(six, "fay@example.org")["is_unsubscribed"]
    assert "Anna" not in names_held(six)
    assert asked(six) == ["open"]

    assert six.world.answer(approves=True)
    assert six.run("changes")
    assert names_held(six) == {"Anna", "Bob"}
    six.settle()


def test_an_opt_out_there_reaches_the_crm_while_a_plan_is_held(six: Arena) -> None:
    leave(six, 3, 4)
    held(six)
    do_by_hand(six, "leave", "eve@example.org")
    held(six)
    flags = six.world.crm_do("select do_not_contact from crm.list_member where contact_id = 5")
    assert flags == [(True,)]
    assert six.world.answer(approves=True)
    assert six.run("changes")
    six.settle()


@everywhere
def test_while_nothing_changes_held_runs_do_nothing(six: Arena) -> None:
    leave(six, 3, 4)
    held(six)
    for _ in range(2):
        six.standin.clear_requests()
        held(six)
        assert last(six, "planned") == 0
        assert "removes" in last(six, "notice")
        assert not writes(six)
    assert six.world.query(
        "select count(*) from crm_sync.extracted where run_id = (select max(run_id) from crm_sync.run)"
    ) == [(0,)]
    assert asked(six) == ["open"]


def test_a_mass_of_do_not_contact_waits_too_and_the_notice_says_so(six: Arena) -> None:
    six.world.crm_do(REFUSE_MAIL, [3, 4, 5])
    held(six)
    assert not writes(six)
    assert "disables 3 of 6 people for Do Not Contact" in last(six, "notice")
    assert "not even Do Not Contact" in last(six, "notice")
    held(six)
    assert "not even Do Not Contact" in last(six, "notice")
    assert six.world.answer(approves=True)
    assert six.run("changes")
    assert subscribed(six) == {"ann@example.org", "bob@example.org", "fay@example.org"}
    six.settle()


def test_more_than_was_asked_about_renews_the_question(six: Arena) -> None:
    leave(six, 3, 4)
    first = held(six)
    leave(six, 5)
    held(six)
    assert asked(six) == ["renewed", "open"]
    since = six.world.query("select count(distinct held_since) from crm_sync.question")
    assert since == [(1,)]
    reasons = six.world.query(
        "select distinct o.status, o.reason from crm_sync.operation o join crm_sync.run r using (run_id)"
        " where r.airflow_run_id = %s",
        first,
    )
    assert reasons == [("held", "renewed")]


def test_a_mended_crm_withdraws_the_question_and_the_rest_is_sent(six: Arena) -> None:
    leave(six, 3, 4)
    held(six)
    six.world.crm_do(COME_BACK, [3, 4])
    six.world.crm_do(RENAME, "Anna", 1)
    assert six.run("changes")
    assert (asked(six), last(six, "state")) == (["withdrawn"], "recorded")
    assert not six.world.answer(approves=True)
    assert names_held(six) == {"Anna", "Bob", *NAMES}
    six.settle()


def test_a_rejected_plan_is_history_with_who_and_the_next_run_asks_anew(six: Arena) -> None:
    leave(six, 3, 4)
    run = held(six)
    assert six.world.answer(approves=False, who="chair")
    notice = six.world.query("select notice from crm_sync.run where airflow_run_id = %s", run)[0][0]
    assert "the plan was rejected by chair" in notice
    held(six)
    assert asked(six) == ["rejected", "open"]
    assert not writes(six)


def test_an_approval_may_have_grown_by_the_floor_and_not_by_more(six: Arena) -> None:
    leave(six, 3, 4)
    held(six)
    assert six.world.answer(approves=True)
    leave(six, 1, 5, 6)
    held(six)
    assert "far more than chair approved" in last(six, "notice")
    assert asked(six) == ["renewed", "open"]
    assert six.world.answer(approves=True)
    assert six.run("changes")
    assert names_held(six) == {"Bob"}
    six.settle()


def test_an_approval_stands_until_a_run_has_used_it(six: Arena) -> None:
    leave(six, 3, 4)
    held(six)
    assert six.world.answer(approves=True)
    six.is_stormy = True
    six.standin.fault("status", status=503)
    assert not six.run("changes")
    six.standin.clear_faults()
    six.is_stormy = False
    six.clear_up()
    assert asked(six)[-1] in {"used", "withdrawn"}
    assert names_held(six) == {"Ann", "Bob", "Eve", "Fay"}
    six.settle()


@pytest.mark.parametrize("mode", ["changes", "compare", "full"])
def test_what_was_approved_is_done_by_a_run_that_looks_at_as_much_as_the_held_one(six: Arena, mode: str) -> None:
    leave(six, 3, 4)
    assert six.run(mode)
    assert asked(six) == ["open"]
    assert six.world.answer(approves=True)
    with six.world.state.transaction() as state:
        question = questions.standing(state, six.world.provider)
    assert question is not None
    assert question.mode_to_run == mode
    assert six.run(question.mode_to_run)
    assert asked(six) == ["used"]
    six.settle()


def test_who_may_take_away_all_is_not_asked(six: Arena) -> None:
    leave(six, 3, 4)
    held(six)
    assert six.run("changes", allow_removals=True)
    assert asked(six) == ["withdrawn"]
    assert names_held(six) == {"Ann", "Bob", "Eve", "Fay"}
    six.settle()


@everywhere
def test_a_mass_change_of_addresses_is_held(six: Arena) -> None:
    six.world.crm_do("update crm.email_address set address = 'x' || address where contact_id in (3, 4)")
    held(six)
    assert "moves 2 of 6 people to another address" in last(six, "notice")
    assert not writes(six)
    assert six.world.answer(approves=True)
    assert six.run("changes")
    six.settle()


@everywhere
def test_names_that_become_nothing_are_held_and_other_names_are_not(six: Arena) -> None:
    six.world.crm_do("update crm.contact set first_name = first_name || 'x' where contact_id in (3, 4, 5)")
    assert six.run("changes")
    assert last(six, "state") == "recorded"
    six.world.crm_do("update crm.contact set first_name = null where contact_id in (3, 4)")
    held(six)
    assert "leaves 2 of 6 people without a name" in last(six, "notice")
