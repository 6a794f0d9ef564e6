"""Which calls are made to tell one record from the weather, and how many."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crm_sync.errors import ContractError, TransientError, about
from crm_sync.operations import Operation
from crm_sync.pipeline.isolation import Batch, Isolation

SOME = 40


def batch_of(people: list[str], tries: int = 0) -> Batch:
    verbs = [(person, verb) for person in people for verb in ("create", "add_to_list")]
    operations = [Operation(number, verb, person, tries=tries) for number, (person, verb) in enumerate(verbs)]
    return Batch(operations, datetime.now(UTC))


def sent(isolation: Isolation, batch: Batch, bad: set[str], *, names: bool = False) -> list[set[str]]:
    """Send a batch and all parts that follow; who was in which call."""
    calls = []
    part: Batch | None = batch
    while part is not None and not isolation.is_down:
        calls.append(set(part.people))
        assert len(part.operations) == 2 * len(part.people), "what belongs to one person stays together"
        failing = [person for person in part.people if person in bad]
        error = TransientError("no answer")
        if names and failing:
            error.about = frozenset(failing[:1])
        isolation.failed(part, error) if failing else isolation.succeeded(part)
        part = isolation.next_part()
    return calls


def suspects(isolation: Isolation) -> set[str]:
    return {each.operations[0].subscriber_key for each in isolation.told_from_weather()}


EVERYBODY = [f"p{number}" for number in range(SOME)]


@pytest.mark.parametrize("bad", [{"p0"}, {"p39"}, {"p17"}, {"p0", "p1"}, {"p3", "p20", "p38"}, set(EVERYBODY[8:20])])
def test_whoever_fails_is_found_and_all_others_are_answered(bad: set[str]) -> None:
    isolation = Isolation(1000)
    calls = sent(isolation, batch_of(EVERYBODY), bad)
    answered = set().union(*[call for call in calls if not call & bad])
    assert answered == set(EVERYBODY) - bad
    assert suspects(isolation) == bad
    assert not isolation.is_down


@pytest.mark.parametrize("bad", [{"p0"}, {"p39"}, {"p17"}, {"p3", "p20", "p38"}])
def test_a_client_that_names_them_spares_the_halving(bad: set[str]) -> None:
    isolation = Isolation(1000)
    calls = sent(isolation, batch_of(EVERYBODY), bad, names=True)
    assert len(calls) == 1 + len(bad) + (len(bad) > 2)
    assert suspects(isolation) == bad


def test_one_who_fails_costs_two_calls_a_halving() -> None:
    assert len(sent(Isolation(1000), batch_of(EVERYBODY), {"p17"})) <= 2 + 2 * 6


def test_where_everything_fails_the_provider_is_down_after_five_singles() -> None:
    isolation = Isolation(1000)
    assert len(sent(isolation, batch_of(EVERYBODY), set(EVERYBODY))) == 6
    assert isolation.is_down
    assert suspects(isolation) == set()
    assert "are left because 1 batches failed" in str(isolation.why_left(80))


def test_batches_of_one_are_down_after_five_of_them() -> None:
    isolation = Isolation(1000)
    for person in EVERYBODY[:5]:
        assert not isolation.is_down
        isolation.failed(batch_of([person]), TransientError("no answer"))
    assert isolation.is_down


def test_weather_that_turns_bad_after_an_answer_is_found_out_by_asking_that_one_again() -> None:
    isolation = Isolation(1000)
    isolation.succeeded(batch_of(["early"]))
    calls = sent(isolation, batch_of(EVERYBODY), {*EVERYBODY, "early"})
    assert calls[-1] == {"early"}
    assert isolation.is_down


def test_a_failure_that_nothing_was_answered_beside_may_be_the_weather() -> None:
    isolation = Isolation(1000)
    isolation.failed(batch_of(["alone"]), TransientError("no answer"))
    assert suspects(isolation) == set()
    isolation.succeeded(batch_of(["another"]))
    assert suspects(isolation) == {"alone"}
    assert suspects(isolation) == set(), "told once"


def test_a_record_that_was_told_from_the_weather_before_says_nothing_of_it_now() -> None:
    isolation = Isolation(1000)
    for person in EVERYBODY:
        isolation.failed(batch_of([person], tries=1), TransientError("no answer"))
    assert not isolation.is_down
    assert suspects(isolation) == set(EVERYBODY)


@pytest.mark.parametrize(("of_run", "most"), [(5, 5), (1000, 64)])
def test_calls_are_bounded_for_a_batch_and_for_a_run(of_run: int, most: int) -> None:
    isolation = Isolation(of_run)
    calls = sent(isolation, batch_of(EVERYBODY), set(EVERYBODY[::2]))
    assert len(calls) <= 1 + most
    assert isolation.suspects


def test_an_answer_that_nobody_understands_stops_the_run_unless_others_are_answered() -> None:
    isolation = Isolation(1000)
    isolation.failed(batch_of(["odd"]), ContractError("409"))
    assert isinstance(isolation.why_left(2), ContractError)
    isolation.succeeded(batch_of(["another"]))
    assert isolation.told_from_weather()[0].error.reason == "answer_not_understood"


def test_what_fails_in_a_call_about_somebody_is_about_them() -> None:
    with pytest.raises(TransientError) as caught, about("one"):
        raise TransientError("no answer")
    assert caught.value.about == {"one"}
