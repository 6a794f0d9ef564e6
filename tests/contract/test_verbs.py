"""What every verb of every provider owes the engine: one outcome for each operation, the same when repeated."""

from __future__ import annotations

import re
import zlib
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from contract.conftest import WAYS, Knock, only, sheet_of
from crm_sync.client import Client
from crm_sync.contract import Provider
from crm_sync.errors import ConfigError, TransientError
from crm_sync.model import MEMBERSHIP_VERBS, Verb
from crm_sync.operations import Operation, Outcome
from crm_sync.pipeline.extract import CONTACT_COLUMNS
from local.verbs import settled
from local.verbs import told as outcomes_told
from local.world import QUICK
from standins import StandIn

PEOPLE = ("one@example.org", "two@example.org", "three@example.org")
# What a member is besides its name, in the extract's words.
MEMBER = {
    "statuses": "{active}",
    "is_related": False,
    "memberships": '[{"type_id": 1, "type": "Full", "status": "active", "since": "2020-01-01", "until": null}]',
    "organizations": "[]",
    "list_memberships": '[{"list_id": 1, "name": "Members", "kind": "list", "role": null, "since": "2020-01-01"}]',
}
EACH_VERB = [(way, verb) for way in WAYS for verb in Verb if verb in sheet_of(way).verbs]


def subscriber_key(sheet: Provider, address: str) -> str:
    """By what somebody with that address is known there."""
    return address.lower() if sheet.keyed_by == "address" else str(zlib.crc32(address.encode()))


def batch(sheet: Provider, verb: Verb, addresses: tuple[str, ...] = PEOPLE, **columns: Any) -> list[Operation]:
    """Operations of one verb on people, as the engine hands them over; a list of values has one for each."""
    contact = {"kind": "individual", "first_name": "First", "last_name": "Last", "lists": "{1}", **MEMBER}
    subscriber_keys = [subscriber_key(sheet, address) for address in addresses]
    contacts = pd.DataFrame([contact] * len(addresses)).reindex(columns=list(CONTACT_COLUMNS["members"]), fill_value="")
    contacts = contacts.assign(address=addresses, contact_id=[int(s) if s.isdigit() else 0 for s in subscriber_keys])
    told: dict[str, Any] = {
        "subscriber_key": subscriber_keys,
        "address": addresses,
        "fields": sheet.records(contacts).tolist(),
    } | columns
    rows: list[dict[str, Any]] = [
        {name: value if isinstance(value, str | int) else value[n] for name, value in told.items()}
        for n in range(len(addresses))
    ]
    return [Operation(number, verb.value, **row) for number, row in enumerate(rows, start=1)]


def list_batch(verb: Verb, name: str, remote_id: str = "") -> list[Operation]:
    return [Operation(1, verb.value, list_id=1, list_name=name, remote_list_id=remote_id)]


def statuses(answer: list[Outcome]) -> list[str]:
    return [each.status for each in answer]


def frozen(standin: StandIn) -> Any:
    """The state without its times, and without what the stand-in counts."""
    state = standin.state()
    for person in [*state.get("members", []), *state.get("contacts", [])]:
        for when in ("last_changed", "updated_at", "pushes"):
            person.pop(when, None)
    return {name: value for name, value in state.items() if name not in {"pushes", "calls_today", "activities"}}


def enrolled(client: Client, sheet: Provider) -> str:
    """Three people in one list; the list's id there."""
    asked = batch(sheet, Verb.CREATE)
    settled(client, asked, client.verbs[Verb.CREATE](asked))
    if Verb.CREATE_LIST not in sheet.verbs:
        return ""
    remote = client.verbs[Verb.CREATE_LIST](list_batch(Verb.CREATE_LIST, "Members"))[0].remote_id
    joins = batch(sheet, Verb.ADD_TO_LIST, list_id=1, remote_list_id=remote)
    settled(client, joins, client.verbs["change_membership"](joins))
    return remote


def to_enroll(client: Client, sheet: Provider, addresses: tuple[str, ...] = PEOPLE) -> list[Operation]:
    """New people; where the call that enrolls them takes lists along, with a membership of each."""
    people = batch(sheet, Verb.CREATE, addresses)
    if Verb.ADD_TO_LIST not in sheet.carries.get("enroll", ()) or Verb.CREATE_LIST not in sheet.verbs:
        return people
    remote = client.verbs[Verb.CREATE_LIST](list_batch(Verb.CREATE_LIST, "Members"))[0].remote_id
    joins = batch(sheet, Verb.ADD_TO_LIST, addresses, list_id=1, remote_list_id=remote)
    return people + joins


def test_there_is_a_provider_to_hold_to_the_contract() -> None:
    assert WAYS, "discovery found no provider: the whole suite would pass on nothing"


@pytest.mark.parametrize(("way", "verb"), EACH_VERB, indirect=["way"], scope="module")
def test_every_verb_may_be_repeated(verb: Verb, client: Client, sheet: Provider, standin: StandIn) -> None:
    remote = enrolled(client, sheet)
    if verb is Verb.ENABLE:
        away = Verb.SUPPRESS if Verb.SUPPRESS in sheet.verbs else Verb.ARCHIVE
        left = batch(sheet, away)
        settled(client, left, client.verbs[away.value](left))
    moved: dict[str, Any] = {
        "from_subscriber_key": list(PEOPLE),
        "address": [f"new.{a}" for a in PEOPLE],
        "subscriber_key": [f"new.{a}" for a in PEOPLE],
    }
    asked = {
        Verb.CREATE_LIST: list_batch(verb, "Another"),
        Verb.RENAME_LIST: list_batch(verb, "Renamed", remote),
        Verb.DELETE_LIST: list_batch(verb, "Members", remote),
        Verb.ADD_TO_LIST: batch(sheet, verb, list_id=1, remote_list_id=remote),
        Verb.REMOVE_FROM_LIST: batch(sheet, verb, list_id=1, remote_list_id=remote),
        Verb.CHANGE_ADDRESS: batch(sheet, verb, **(moved if verb is Verb.CHANGE_ADDRESS else {})),
    }.get(verb, batch(sheet, verb))
    call = client.verbs["change_membership" if verb in MEMBERSHIP_VERBS else verb.value]
    first = settled(client, asked, call(asked))
    assert set(statuses(first)) == {"applied"}, outcomes_told(first)
    after_first = frozen(standin)
    second = settled(client, asked, call(asked))
    assert frozen(standin) == after_first
    if verb is not Verb.CHANGE_ADDRESS:  # the old address is gone; the engine replaces what is refused for that
        assert statuses(second) == statuses(first)
    else:
        assert {each.reason for each in second} <= {"", *sheet.replaces_when}


def test_a_half_refused_batch_names_each_record(client: Client, sheet: Provider, told: ModuleType) -> None:
    bad = tuple(told.REFUSED_ADDRESS.format(n=n) for n in range(3))
    mixed = tuple(address for pair in zip(PEOPLE, bad, strict=True) for address in pair)
    asked = to_enroll(client, sheet, mixed)
    answer = settled(client, asked, client.verbs[Verb.CREATE](asked))
    refusals = [each for each in answer if each.operation.address in bad]
    assert {each.status for each in answer if each not in refusals} == {"applied"}
    assert {each.status for each in refusals} == {"refused"}
    is_code = re.compile(r"[a-z_:A-Z0-9,]+").fullmatch
    assert all(is_code(each.reason) for each in refusals), "a reason is a code, not a sentence"


@only(lambda sheet, _: sheet.hears_opt_outs)
@pytest.mark.parametrize("action", ["LEAVES", "IS_UNSUBSCRIBED_BY_STAFF"])
def test_a_leaver_is_never_subscribed_again(
    action: str, client: Client, sheet: Provider, told: ModuleType, standin: StandIn
) -> None:
    enrolled(client, sheet)
    standin.act(getattr(told, action), address=PEOPLE[0])
    for verb in (Verb.CREATE, Verb.UPDATE):
        asked = batch(sheet, verb)
        answer = settled(client, asked, client.verbs[verb.value](asked))
        assert statuses(answer) == ["refused", "applied", "applied"]
        assert answer[0].reason == "opted_out"
        assert told.people(standin.state())[PEOPLE[0]][0] is False


@pytest.mark.parametrize("kind", ["timeout_after", "timeout_before", "cut_before", "cut_after"])
def test_a_lost_answer_is_asked_for_again_and_applied_once(
    kind: str, client: Client, sheet: Provider, told: ModuleType, standin: StandIn
) -> None:
    standin.fault(kind, **told.ENROLL, times=1, seconds=0.05)
    asked = to_enroll(client, sheet)
    answer = settled(client, asked, client.verbs[Verb.CREATE](asked))
    assert set(statuses(answer)) == {"applied"}
    assert standin.faults()[0]["fired"] == 1
    history = standin.state(history=1)["history"]
    assert len(history) == 3, "one change for each person, not two"
    assert len({change["to"] for change in history}) == 1
    assert set(told.people(standin.state())) == {subscriber_key(sheet, address) for address in PEOPLE}


@only(lambda sheet, _: not sheet.verbs.isdisjoint(MEMBERSHIP_VERBS))
@pytest.mark.parametrize("kind", ["timeout_after", "cut_after"])
def test_a_membership_whose_answer_was_lost_is_not_applied_twice(
    kind: str, client: Client, sheet: Provider, told: ModuleType, standin: StandIn
) -> None:
    standin.fault(kind, **told.CHANGE_MEMBERSHIP, times=1, seconds=0.05)
    enrolled(client, sheet)
    assert standin.faults()[0]["fired"] == 1
    assert told.lists(standin.state()) == {"Members": 3}


@pytest.mark.parametrize("kind", ["bare_429", "bare_403", "html_400", "status"])
def test_an_answer_of_the_edge_without_json_is_waited_for(
    kind: str, client: Client, sheet: Provider, told: ModuleType, standin: StandIn
) -> None:
    status: dict[str, Any] = {"status": 503} if kind == "status" else {}
    standin.fault(kind, **told.ENROLL, times=2, **status)
    asked = to_enroll(client, sheet)
    assert set(statuses(settled(client, asked, client.verbs[Verb.CREATE](asked)))) == {"applied"}
    assert standin.faults()[0]["fired"] == 2


def test_waiting_ends_after_the_attempts_of_the_settings(
    client: Client, sheet: Provider, told: ModuleType, standin: StandIn
) -> None:
    standin.fault("bare_429", **told.ENROLL)
    with pytest.raises(TransientError, match="429"):
        client.verbs[Verb.CREATE](to_enroll(client, sheet))
    assert standin.faults()[0]["fired"] == QUICK.attempts


def test_a_wrong_key_is_a_config_error_and_is_tried_once(knock: Knock, told: ModuleType, standin: StandIn) -> None:
    with pytest.raises(ConfigError, match="Airflow connection"):
        knock(told.WRONG_KEY).account()
    assert standin.requests()["total"] == 1


def test_a_missing_key_says_where_to_put_it(sheet: Provider, knock: Knock) -> None:
    with pytest.raises(ConfigError, match=f"{sheet.connection_id}.*key"):
        knock("")


def test_a_key_pasted_with_a_foreign_character_is_a_config_error(knock: Knock, told: ModuleType) -> None:
    with pytest.raises(ConfigError) as caught:
        knock(told.KEY + "\u2026").account()
    assert told.KEY not in str(caught.value)


@only(lambda _, told: hasattr(told, "UNKNOWN_AUDIENCE"))
def test_an_unknown_audience_says_so(knock: Knock, told: ModuleType, sheet: Provider) -> None:
    client = knock(**told.UNKNOWN_AUDIENCE)
    with pytest.raises(ConfigError, match=next(iter(told.UNKNOWN_AUDIENCE))):
        client.opt_outs(None) if sheet.hears_opt_outs else client.account()


def test_an_unknown_extra_names_the_allowed_ones(sheet: Provider, knock: Knock) -> None:
    assert sheet.form.fields
    with pytest.raises(ConfigError) as caught:
        knock(colour="blue")
    assert "colour" in str(caught.value)
    assert all(name in str(caught.value) for name in sheet.form.fields)


def test_the_account_says_who_answers_and_where(client: Client, standin: StandIn, sheet: Provider) -> None:
    account = client.account()
    assert account["organization"]
    # Who cannot be asked for people cannot be asked for contact information either.
    assert account["contact"] or not sheet.reads_back
    assert account["host"] == standin.url.removeprefix("http://")


@only(lambda sheet, _: sheet.reads_back)
def test_read_back_gives_everybody_once_over_several_pages(
    client: Client, told: ModuleType, standin: StandIn, sheet: Provider
) -> None:
    enrolled(client, sheet)
    standin.act(**told.crowd(2345))
    frames = list(client.read_back().frames)
    assert len(frames) > 2
    subscriber_keys = pd.concat(frames)["subscriber_key"]
    assert subscriber_keys.is_unique
    assert set(subscriber_keys) == {*PEOPLE, *(f"crowd{n}@example.org" for n in range(1, 2346))}
    lists = pd.concat(frames).set_index("subscriber_key")["remote_lists"]
    assert (lists[list(PEOPLE)] != "{}").all()
    assert lists["crowd1@example.org"] == "{}"
