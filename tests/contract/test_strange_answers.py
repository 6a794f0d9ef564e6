"""Answers that no service gives, and what stands before one does: in other encodings, cut short, pages instead of data,
nothing at all. They stop the run, or are waited for; nothing counts as done, and nobody as having left."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable
from types import ModuleType
from typing import Any

import msgspec
import pytest

from contract.conftest import WAYS, Knock, only, sheet_of
from contract.test_verbs import PEOPLE, batch, enrolled, frozen, list_batch, statuses
from crm_sync.client import Client
from crm_sync.contract import Provider
from crm_sync.errors import ContractError, TransientError
from crm_sync.model import MEMBERSHIP_VERBS, SUBSCRIBER_VERBS, Verb
from local.verbs import settled
from standins import StandIn

JSON, HTML = {"Content-Type": "application/json; charset=utf-8"}, {"Content-Type": "text/html; charset=utf-8"}
TEXT = '{"success": true, "status": "unsubscribed", "members": [], "contacts": [], "addresses": []}'
PAGE = b"<!DOCTYPE html><html><body>Sign in to the network</body></html>"
PACKED = gzip.compress(TEXT.encode() * 50)

Answer = tuple[int, bytes, dict[str, str]]
NOT_UNDERSTOOD: dict[str, Answer] = {
    "bytes that are no UTF-8": (200, TEXT.replace("true", '"\xe9"').encode("latin-1"), JSON),
    "Latin-1 that says so": (
        200,
        '{"a": "\xe9"}'.encode("latin-1"),
        {"Content-Type": "application/json; charset=latin-1"},
    ),
    "UTF-16 that says so": (200, TEXT.encode("utf-16"), {"Content-Type": "application/json; charset=utf-16"}),
    "UTF-16 with a mark": (200, TEXT.encode("utf-16"), JSON),
    "UTF-16 without a mark": (200, TEXT.encode("utf-16-le"), JSON),
    "a page": (200, PAGE, HTML),
    "a page as an answer to a write": (201, PAGE, HTML),
    "a page that calls itself JSON": (200, PAGE, JSON),
    "plain text": (200, b"OK", {"Content-Type": "text/plain"}),
    "nothing": (200, b"", JSON),
    "nothing, without a type": (200, b"", {}),
    "blanks": (200, b" \r\n", JSON),
    "a number": (200, b"7", JSON),
    "a text": (200, b'"applied"', JSON),
    "true": (200, b"true", JSON),
    "null": (200, b"null", JSON),
    "half an object": (200, TEXT[:40].encode(), JSON),
    "more than can be nested": (200, b"[" * 100_000, JSON),
    "another success": (206, b"", JSON),
}
WAITED_FOR: dict[str, Answer] = {
    "gzip cut short": (200, PACKED[: len(PACKED) // 2], {**JSON, "Content-Encoding": "gzip"}),
    "gzip without its end": (200, PACKED[:-6], {**JSON, "Content-Encoding": "gzip"}),
    "gzip that is none": (200, TEXT.encode(), {**JSON, "Content-Encoding": "gzip"}),
    "a page instead of a refusal": (404, PAGE, HTML),
    "a page that conflicts": (409, PAGE, HTML),
}
ANSWERS = {name: (answer, ContractError) for name, answer in NOT_UNDERSTOOD.items()} | {
    name: (answer, TransientError) for name, answer in WAITED_FOR.items()
}

WRITES = ("POST", "PUT", "PATCH", "DELETE")
EACH_VERB = [(way, verb) for way in WAYS for verb in SUBSCRIBER_VERBS if verb in sheet_of(way).verbs]
OF_LISTS = (Verb.CREATE_LIST, Verb.RENAME_LIST, Verb.DELETE_LIST, *MEMBERSHIP_VERBS)


def otherwise(standin: StandIn, ask: Callable[[], object], *methods: str) -> dict[str, str]:
    """What came of each answer, to every call of these methods but for tokens, where it is not the error due."""
    came: dict[str, str] = {}
    for what, ((status, body, headers), due) in ANSWERS.items():
        standin.clear_faults()
        for method in methods:
            packed = base64.b64encode(body).decode()
            rule = {"method": method, "path_regex": "^(?!.*/token)"}
            standin.fault("raw", status=status, headers=headers, body=packed, **rule)
        try:
            came[what] = repr(ask())
        except (ContractError, TransientError) as error:
            if not isinstance(error, due) or any(each in str(error) for each in PEOPLE):
                came[what] = repr(error)
        assert sum(each["fired"] for each in standin.faults()) > 0, what
    standin.clear_faults()
    return came


def taken_by_status(told: ModuleType) -> set[str]:
    """The answers that are a success whatever they say, where the status alone tells; a page is none."""
    tells = getattr(told, "STATUS_TELLS", None)
    answers = NOT_UNDERSTOOD.items()
    return {what for what, (status, body, _) in answers if status == tells and not body.startswith(b"<")}


@pytest.mark.parametrize(("way", "verb"), EACH_VERB, indirect=["way"], scope="module")
def test_nothing_counts_as_applied(
    verb: Verb, knock: Knock, sheet: Provider, standin: StandIn, told: ModuleType
) -> None:
    moves: dict[str, Any] = {
        "address": [f"new.{each}" for each in PEOPLE],
        "subscriber_key": [f"new.{each}" for each in PEOPLE],
    }
    is_move = verb is Verb.CHANGE_ADDRESS
    asked = batch(sheet, verb, **(moves | {"from_subscriber_key": list(PEOPLE)} if is_move else {}))
    asked = [msgspec.structs.replace(each, fields=each.fields.replace("First", "Other")) for each in asked]
    if verb is not Verb.CREATE:
        enrolled(knock(), sheet)
    if verb is Verb.ENABLE:
        away = batch(sheet, Verb.ARCHIVE)
        settled(knock(), away, knock().verbs[Verb.ARCHIVE](away))
    before = frozen(standin)

    def ask() -> object:
        client = knock()
        return statuses(settled(client, asked, client.verbs[verb.value](asked)))

    assert otherwise(standin, ask, *WRITES).keys() == taken_by_status(told)
    assert frozen(standin) == before


@only(lambda sheet, _: sheet.hears_opt_outs)
@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.opt_outs(None),
        lambda client: client.lists(),
        lambda client: list(client.read_back().frames),
        lambda client: client.account(),
    ],
    ids=["opt_outs", "lists", "read_back", "account"],
)
def test_nobody_counts_as_having_left(ask: Callable[[Client], object], knock: Knock, standin: StandIn) -> None:
    assert otherwise(standin, lambda: ask(knock()), "GET") == {}


@only(lambda sheet, _: Verb.CREATE_LIST in sheet.verbs)
@pytest.mark.parametrize("verb", OF_LISTS)
def test_no_list_counts_as_made_or_changed(verb: Verb, knock: Knock, sheet: Provider, standin: StandIn) -> None:
    remote = enrolled(knock(), sheet)
    is_of_people = verb in MEMBERSHIP_VERBS
    of_list = list_batch(verb, "Another", "" if verb is Verb.CREATE_LIST else remote)
    asked = batch(sheet, verb, list_id=1, remote_list_id=remote) if is_of_people else of_list

    def ask() -> object:
        client = knock()
        answer = client.verbs["change_membership" if is_of_people else verb.value](asked)
        return statuses(settled(client, asked, answer))

    assert otherwise(standin, ask, *WRITES) == {}


@only(lambda sheet, _: sheet.hears_opt_outs)
def test_gzip_that_is_whole_is_read(client: Client, standin: StandIn) -> None:
    empty = b'{"lists": [], "segments": [], "total_items": 0}'
    for packed in (gzip.compress(empty), gzip.compress(empty[:9]) + gzip.compress(empty[9:])):
        standin.clear_faults()
        body = base64.b64encode(packed).decode()
        standin.fault("raw", method="GET", status=200, headers={**JSON, "Content-Encoding": "gzip"}, body=body)
        assert client.lists().empty
