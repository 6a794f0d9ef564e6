"""How VoterVoice's people are found, taken over, replaced and taken out; postal addresses are in another file."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from crm_sync.errors import ConfigError, ContractError, TransientError
from crm_sync.operations import Outcome
from crm_sync.providers.votervoice import wire
from local import verbs
from standins import StandIn
from unit.providers.member_rows import Notebook, batch
from unit.providers.votervoice_people import KEY, connected, held, records, told

EMAIL = "ann@example.org"

provider = pytest.fixture(lambda: "votervoice")


def test_who_is_there_without_an_id_is_taken_over(standin: StandIn) -> None:
    standin.act("create_contact", address="ANN@example.org", given_names="Annie")
    answer = connected(standin).create(batch("create", records(EMAIL)))
    assert [(each.status, each.reason, each.remote_id) for each in answer] == [("applied", "", "Default List")]
    (contact,) = standin.state()["contacts"]
    assert (contact["contact_id"], contact["given_names"], contact["email"]) == ("1", "Ann", EMAIL)


def test_who_is_there_by_id_is_replaced_and_not_made_twice(standin: StandIn) -> None:
    standin.switch(duplicate="second")
    book = Notebook()
    client = connected(standin, book)
    client.create(batch("create", records(EMAIL)))
    client.create(batch("create", records(EMAIL)))
    book.sent = {"1"}  # as the ledger knows it then
    client.create(batch("create", records("new@example.org")))
    client.enable(batch("enable", records(None)))
    assert [(each["contact_id"], each["email"]) for each in standin.state()["contacts"]] == [("1", "")]


def asked_for(standin: StandIn) -> list[str]:
    """What each look at people named."""
    calls = standin.requests()["requests"]
    looks = [each["path"] for each in calls if (each["method"], each["route"]) == ("GET", "/contacts")]
    return [name for look in looks for name in ("contactId=", "email=") if name in look]


def test_who_was_never_sent_is_looked_for_once_and_who_may_have_been_by_id_too(standin: StandIn) -> None:
    book = Notebook(sent={"2"})
    people = records(EMAIL, "bob@example.org", None)
    assert told(connected(standin, book), "create", people) == [APPLIED] * 3
    assert asked_for(standin) == ["email=", "contactId=", "email=", "contactId="]
    assert sorted(held(standin)) == ["1", "2", "3"]


def test_who_is_there_by_an_id_that_we_never_sent_is_found_by_the_conflict(standin: StandIn) -> None:
    standin.act("create_contact", address="old@example.org", contact_id="1")
    assert told(connected(standin), "create", records(EMAIL)) == [APPLIED]
    assert [(each["contact_id"], each["email"]) for each in standin.state()["contacts"]] == [("1", EMAIL)]


@pytest.mark.parametrize("duplicate", ["conflict", "second"])
@pytest.mark.parametrize("kind", ["cut_after", "timeout_after"])
def test_a_new_contact_whose_answer_was_lost_is_looked_for_before_it_is_sent_again(
    kind: str, duplicate: str, standin: StandIn
) -> None:
    standin.switch(duplicate=duplicate)
    standin.fault(kind, method="POST", times=1, seconds=0.05)
    answer = connected(standin).create(batch("create", records(EMAIL, None)))
    assert statuses(answer) == ["applied", "applied"]
    assert standin.faults()[0]["fired"] == 1
    assert sorted(held(standin)) == ["1", "2"]
    assert len(standin.state()["contacts"]) == 2


def statuses(answer: list[Outcome]) -> list[str]:
    return [each.status for each in answer]


TAKEN, APPLIED = ("refused", "address_taken"), ("applied", "")


def test_an_address_that_belongs_to_another_id_is_refused_for_the_second(standin: StandIn) -> None:
    outcomes = told(connected(standin), "create", records(EMAIL, EMAIL, "bob@example.org"))
    assert outcomes == [APPLIED, TAKEN, APPLIED]
    assert sorted(held(standin)) == ["1", "3"]


def test_people_trade_their_addresses(standin: StandIn) -> None:
    client = connected(standin)
    client.create(batch("create", records("a@example.org", "b@example.org", "c@example.org")))
    outcomes = told(client, "update", records("b@example.org", "c@example.org", "a@example.org"))
    assert outcomes == [APPLIED] * 3
    assert [held(standin)[each]["email"] for each in "123"] == ["b@example.org", "c@example.org", "a@example.org"]


def test_whose_new_address_another_keeps_does_not_keep_the_old_one(standin: StandIn) -> None:
    client = connected(standin)
    client.create(batch("create", records("a@example.org", "b@example.org")))
    assert told(client, "update", records("b@example.org")) == [TAKEN]
    assert [held(standin)[each]["email"] for each in "12"] == ["", "b@example.org"]


@pytest.mark.parametrize("verb", ["update", "create"])
@pytest.mark.parametrize("delete_from_list", ["deletes", "keeps"])
def test_who_was_taken_out_keeps_an_address_from_nobody(delete_from_list: str, verb: str, standin: StandIn) -> None:
    standin.switch(delete_from_list=delete_from_list)
    book = Notebook()
    client, both = connected(standin, book), records("a@example.org", "b@example.org", last_name="Lee", phone="1")
    client.create(batch("create", both if verb == "update" else {"1": both["1"]}))
    client.archive(batch("archive", {"1": both["1"]}))
    book.gone = {"1"}
    assert told(client, verb, {"2": records(None, "a@example.org")["2"]}) == [APPLIED]
    assert held(standin)["2"]["email"] == "a@example.org"
    if delete_from_list == "keeps":
        left = held(standin)["1"]
        assert (left["email"], left["list"], left["surname"], left["phone"]) == ("", None, "Lee", "1")


def test_whoever_was_deleted_by_hand_comes_back_with_an_update(standin: StandIn) -> None:
    client, known = connected(standin), records(EMAIL, "bob@example.org")
    client.create(batch("create", known))
    standin.act("delete_contact", email=EMAIL)
    assert statuses(client.update(batch("update", known))) == ["applied", "applied"]
    assert sorted(held(standin)) == ["1", "2"]


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_bad_record_is_refused_and_its_sentence_stays_unread(form: str, standin: StandIn) -> None:
    standin.switch(error_body=form)
    answer = connected(standin).create(batch("create", records("a@fake.example.org", EMAIL)))
    assert verbs.told(answer) == [("refused", "record_refused"), APPLIED]


def test_people_are_in_the_list_of_the_connection_and_leave_that_one(standin: StandIn) -> None:
    client, known = connected(standin, list_name="Advocates"), records(EMAIL)
    answer = client.create(batch("create", known))
    assert answer[0].remote_id == "Advocates"
    assert held(standin)["1"]["list"] == "Advocates"
    # By now the connection names another list; who is to go is still in the first one.
    moved = connected(standin)
    assert statuses(moved.archive(batch("archive", known))) == ["applied"]
    assert sorted(held(standin)) == ["1"]
    moved.archive(batch("archive", known, remote_id="Advocates"))
    assert held(standin) == {}


@pytest.mark.parametrize("second", ["404", "204"])
def test_whoever_is_gone_already_is_as_desired(second: str, standin: StandIn) -> None:
    standin.switch(second_delete=second)
    assert statuses(connected(standin).archive(batch("archive", records(EMAIL)))) == ["applied"]


@pytest.mark.parametrize("verb", ["create", "update", "archive"])
def test_a_list_that_is_not_there_is_the_connections_fault(verb: str, standin: StandIn) -> None:
    connected(standin).create(batch("create", records(EMAIL)))
    client = connected(standin, list_name="No Such List")
    with pytest.raises(ConfigError, match="list_name"):
        getattr(client, verb)(batch(verb, records(EMAIL)))


BAD, GOOD = "a@fake.example.org", EMAIL


@pytest.mark.parametrize("people", [(GOOD, BAD), (BAD, GOOD)])
def test_a_list_without_a_mapping_is_there_if_anybody_is_taken_into_it(
    people: tuple[str, str], standin: StandIn
) -> None:
    standin.act("create_list", name="Supporters", is_mapped=False)
    book = Notebook()
    client = connected(standin, book, list_name="Supporters")
    outcomes = dict(zip(people, told(client, "create", records(*people)), strict=True))
    assert outcomes == {GOOD: APPLIED, BAD: ("refused", "record_refused")}
    book.held_as.add("Supporters")  # as the ledger knows it then
    later = connected(standin, book, list_name="Supporters")
    assert told(later, "create", records(BAD)) == [("refused", "record_refused")]


def test_a_bad_record_of_the_default_list_is_no_fault_of_the_connection(standin: StandIn) -> None:
    standin.act("remove_list", name="Advocates")
    client = connected(standin)
    client._mappings._all = [wire.ListMapping("Advocates")]  # the default list has no mapping
    assert told(client, "create", records(BAD)) == [("refused", "record_refused")]


def test_a_record_of_which_much_is_null_or_missing_is_read(standin: StandIn) -> None:
    standin.act("create_contact", address=EMAIL)
    shown = requests.get(
        f"{standin.url}/api/contacts", params={"association": "standin", "email": EMAIL},
        headers={"Authorization": KEY}, timeout=30,
    ).json()  # fmt: skip
    assert shown[0]["membership"]["dateRegistered"] is None
    assert "customFieldValues" not in shown[0]
    assert told(connected(standin), "create", records(EMAIL)) == [APPLIED]
    assert sorted(held(standin)) == ["1"]


@pytest.mark.parametrize("status", ["404", "403"])
@pytest.mark.parametrize("verb", ["create", "archive"])
def test_a_wrong_association_archives_and_creates_nobody(verb: str, status: str, standin: StandIn) -> None:
    standin.switch(unknown_association=status)
    client = connected(standin, association="no-such-association")
    with pytest.raises(ConfigError, match="association"):
        getattr(client, verb)(batch(verb, records(EMAIL)))


def test_a_redirect_on_the_same_host_keeps_the_key(standin: StandIn) -> None:
    standin.switch(redirect="same_host")
    client, known = connected(standin), records(EMAIL)
    for verb in ("create", "update", "archive"):
        assert statuses(getattr(client, verb)(batch(verb, known))) == ["applied"]
    assert standin.state()["leaked_keys"] == 0


def test_a_redirect_to_another_host_never_sees_the_key(standin: StandIn) -> None:
    standin.switch(redirect="other_host")
    with pytest.raises(ConfigError, match=r"localhost:\d+, where the key is not sent.*base URL"):
        connected(standin).create(batch("create", records(EMAIL)))
    assert standin.state()["leaked_keys"] == 0


def test_the_account_names_the_list_and_what_else_there_is(standin: StandIn) -> None:
    account = connected(standin).account()
    assert account["organization"] == "standin"
    assert account["contact"] == "list Default List (field mappings also for Advocates)"
    assert {each["route"] for each in standin.requests()["requests"]} == {"/contacts/mappings"}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 404}, ContractError),
        ({"kind": "status", "status": 418}, ContractError),
        ({"kind": "status", "status": 401}, ConfigError),
        ({"kind": "bare_403"}, TransientError),
        ({"kind": "html_400"}, TransientError),
    ],
)
def test_an_answer_about_no_record_stops_the_batch(
    fault: dict[str, Any], error: type[Exception], standin: StandIn
) -> None:
    standin.fault(**fault, method="POST")
    with pytest.raises(error) as caught:
        connected(standin, Notebook()).create(batch("create", records(EMAIL)))
    assert EMAIL not in str(caught.value)
    assert held(standin) == {}


def test_a_write_that_answers_the_record_took_effect(standin: StandIn) -> None:
    standin.switch(written="record")
    client, known = connected(standin), records(EMAIL, "bob@example.org")
    assert told(client, "create", known) == [APPLIED] * 2
    assert told(client, "update", known) == [APPLIED] * 2
    assert sorted(held(standin)) == ["1", "2"]


def test_an_answer_that_is_not_as_documented_stops_the_batch(standin: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    client = connected(standin)
    monkeypatch.setattr("crm_sync.providers.votervoice.wire.Found", int)
    standin.act("create_contact", address=EMAIL, contact_id="1")
    with pytest.raises(ContractError, match="not as documented"):
        client.create(batch("create", records(EMAIL)))
