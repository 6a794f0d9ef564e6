"""What every verb of every provider owes the engine: one outcome for each operation, the same when repeated."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from contract.conftest import Knock
from crm_sync import providers
from crm_sync.errors import ConfigError, TransientError
from crm_sync.model import Verb
from crm_sync.pipeline.outcomes import verify
from crm_sync.providers.base import Client, Provider
from local.world import QUICK
from standins import StandIn

COLUMNS = [
    "operation_id",
    "verb",
    "subject",
    "address",
    "from_subject",
    "list_id",
    "list_name",
    "remote_id",
    "remote_list_id",
    "fields",
]
PEOPLE = ("one@example.org", "two@example.org", "three@example.org")


def batch(sheet: Provider, verb: Verb, addresses: tuple[str, ...] = PEOPLE, **columns: Any) -> pd.DataFrame:
    """Operations of one verb on people, as the engine hands them over."""
    contact = {"kind": "individual", "first_name": "First", "last_name": "Last", "organization_name": ""}
    contacts = pd.DataFrame([contact] * len(addresses))
    fields = sheet.mapping.record(contacts)
    rows = pd.DataFrame({"operation_id": range(1, len(addresses) + 1), "verb": verb.value, "address": addresses})
    return (
        rows.assign(subject=rows["address"].str.lower(), fields=fields)
        .reindex(columns=COLUMNS, fill_value="")
        .assign(**columns)
    )


def list_batch(verb: Verb, name: str, remote_id: str = "") -> pd.DataFrame:
    row = {"operation_id": 1, "verb": verb.value, "list_id": 1, "list_name": name, "remote_list_id": remote_id}
    return pd.DataFrame([row]).reindex(columns=COLUMNS, fill_value="")


def statuses(answer: pd.DataFrame) -> list[str]:
    return list(answer.sort_values("operation_id")["status"])


def frozen(standin: StandIn) -> Any:
    """The state without its times."""
    state = standin.state()
    for member in state.get("members", []):
        member.pop("last_changed", None)
    return state


def enrolled(client: Client, sheet: Provider) -> str:
    """Three people in one list; the list's id there."""
    client.create(batch(sheet, Verb.CREATE))
    remote = client.create_list(list_batch(Verb.CREATE_LIST, "Members"))["remote_id"].iloc[0]
    client.change_membership(batch(sheet, Verb.ADD_TO_LIST, list_id=1, remote_list_id=remote))
    return str(remote)


def test_there_is_a_provider_to_hold_to_the_contract() -> None:
    assert providers.names(), "discovery found no provider: the whole suite would pass on nothing"


@pytest.mark.parametrize("verb", list(Verb))
def test_every_verb_may_be_repeated(verb: Verb, client: Client, sheet: Provider, standin: StandIn) -> None:
    remote = enrolled(client, sheet)
    if verb is Verb.ENABLE:
        client.suppress(batch(sheet, Verb.SUPPRESS))
    moved = {
        "from_subject": list(PEOPLE),
        "address": [f"new.{a}" for a in PEOPLE],
        "subject": [f"new.{a}" for a in PEOPLE],
    }
    asked = {
        Verb.CREATE_LIST: list_batch(verb, "Another"),
        Verb.RENAME_LIST: list_batch(verb, "Renamed", remote),
        Verb.DELETE_LIST: list_batch(verb, "Members", remote),
        Verb.ADD_TO_LIST: batch(sheet, verb, list_id=1, remote_list_id=remote),
        Verb.REMOVE_FROM_LIST: batch(sheet, verb, list_id=1, remote_list_id=remote),
        Verb.CHANGE_ADDRESS: batch(sheet, verb, **(moved if verb is Verb.CHANGE_ADDRESS else {})),
    }.get(verb, batch(sheet, verb))
    call = (
        client.change_membership if verb in {Verb.ADD_TO_LIST, Verb.REMOVE_FROM_LIST} else getattr(client, verb.value)
    )
    first = call(asked)
    verify(asked, first)
    assert set(statuses(first)) == {"applied"}, first["reason"].tolist()
    after_first = frozen(standin)
    second = call(asked)
    verify(asked, second)
    assert frozen(standin) == after_first
    if verb is not Verb.CHANGE_ADDRESS:  # the old address is gone; the engine replaces what is refused for that
        assert statuses(second) == statuses(first)
    else:
        assert set(second["reason"]) <= {"", *sheet.replaces_when}


def test_a_half_refused_batch_names_each_record(client: Client, sheet: Provider, told: ModuleType) -> None:
    bad = tuple(told.REFUSED_ADDRESS.format(n=n) for n in range(3))
    mixed = tuple(address for pair in zip(PEOPLE, bad, strict=True) for address in pair)
    asked = batch(sheet, Verb.CREATE, mixed)
    answer = client.create(asked)
    verify(asked, answer)
    by_address = asked.merge(answer, on="operation_id").set_index("address")
    assert (by_address.loc[list(PEOPLE), "status"] == "applied").all()
    assert (by_address.loc[list(bad), "status"] == "refused").all()
    assert by_address.loc[list(bad), "reason"].str.fullmatch(r"[a-z_:A-Z0-9,]+").all(), (
        "a reason is a code, not a sentence"
    )


@pytest.mark.parametrize("action", ["LEAVES", "IS_UNSUBSCRIBED_BY_STAFF"])
def test_a_leaver_is_never_subscribed_again(
    action: str, client: Client, sheet: Provider, told: ModuleType, standin: StandIn
) -> None:
    enrolled(client, sheet)
    standin.act(getattr(told, action), address=PEOPLE[0])
    for verb in (Verb.CREATE, Verb.UPDATE):
        asked = batch(sheet, verb)
        answer = getattr(client, verb.value)(asked)
        verify(asked, answer)
        assert statuses(answer) == ["refused", "applied", "applied"]
        assert answer.sort_values("operation_id")["reason"].iloc[0] == "opted_out"
        assert told.people(standin.state())[PEOPLE[0]][0] is False


@pytest.mark.parametrize("kind", ["timeout_after", "timeout_before", "cut_before", "cut_after"])
def test_a_lost_answer_is_asked_for_again_and_applied_once(
    kind: str, client: Client, sheet: Provider, told: ModuleType, standin: StandIn
) -> None:
    standin.fault(kind, **told.ENROLL, times=1, seconds=0.05)
    asked = batch(sheet, Verb.CREATE)
    answer = client.create(asked)
    verify(asked, answer)
    assert set(statuses(answer)) == {"applied"}
    assert standin.faults()[0]["fired"] == 1
    history = standin.state(history=1)["history"]
    assert sorted(change["to"] for change in history) == ["subscribed"] * 3, "one change for each person, not two"


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
    standin.fault(kind, **told.ENROLL, times=2, **({"status": 503} if kind == "status" else {}))
    assert set(statuses(client.create(batch(sheet, Verb.CREATE)))) == {"applied"}
    assert standin.faults()[0]["fired"] == 2


def test_waiting_ends_after_the_attempts_of_the_settings(
    client: Client, sheet: Provider, told: ModuleType, standin: StandIn
) -> None:
    standin.fault("bare_429", **told.ENROLL)
    with pytest.raises(TransientError, match="429"):
        client.create(batch(sheet, Verb.CREATE))
    assert standin.requests()["total"] == QUICK.attempts


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


def test_an_unknown_audience_says_so(knock: Knock, told: ModuleType) -> None:
    with pytest.raises(ConfigError, match=next(iter(told.UNKNOWN_AUDIENCE))):
        knock(**told.UNKNOWN_AUDIENCE).opt_outs(None)


def test_an_unknown_extra_names_the_allowed_ones(sheet: Provider, knock: Knock) -> None:
    assert sheet.extra_keys
    with pytest.raises(ConfigError) as caught:
        knock(colour="blue")
    assert "colour" in str(caught.value)
    assert all(name in str(caught.value) for name in sheet.extra_keys)


def test_the_account_says_who_answers_and_where(client: Client, standin: StandIn) -> None:
    account = client.account()
    assert account["organization"]
    assert account["contact"]
    assert account["host"] == standin.url.removeprefix("http://")


def test_read_back_gives_everybody_once_over_several_pages(
    client: Client, told: ModuleType, standin: StandIn, sheet: Provider
) -> None:
    enrolled(client, sheet)
    standin.act(**told.crowd(2345))
    frames = list(client.read_back().frames)
    assert len(frames) > 2
    subjects = pd.concat(frames)["subject"]
    assert subjects.is_unique
    assert set(subjects) == {*PEOPLE, *(f"crowd{n}@example.org" for n in range(1, 2346))}
    lists = pd.concat(frames).set_index("subject")["remote_lists"]
    assert (lists[list(PEOPLE)] != "{}").all()
    assert lists["crowd1@example.org"] == "{}"
