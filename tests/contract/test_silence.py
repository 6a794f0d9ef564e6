"""No key, name or address reaches a log or an exception, whatever goes wrong."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from contract.people import add_list, add_people
from crm_sync.client import Client
from crm_sync.contract import Provider
from crm_sync.errors import CrmSyncError
from local.world import World
from standins import StandIn

SECRET_NAME = "Zebedee"
LOGGERS = ("crm_sync", "urllib3", "requests")


class Collected(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def heard() -> Iterator[Collected]:
    """Everything said at DEBUG."""
    handler, levels = Collected(), {name: logging.getLogger(name).level for name in LOGGERS}
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def chain(error: BaseException | None) -> str:
    """The words of an error and of all that stand behind it."""
    return "" if error is None else f"{error!r} {error}" + chain(error.__cause__) + chain(error.__context__)


def assert_silent(text: str, told: ModuleType) -> None:
    assert text
    for secret in (told.KEY, told.WRONG_KEY, "example.org", SECRET_NAME):
        assert secret not in text


def filled(world: World) -> World:
    add_list(world.crm_dsn, 1, "News")
    add_people(world.crm_dsn, 1, 4, lists=[1], first=SECRET_NAME)
    return world


def test_a_run_with_refusals_and_retries_says_no_address(
    world: World, standin: StandIn, told: ModuleType, heard: Collected
) -> None:
    filled(world)
    add_people(world.crm_dsn, 5, 6, lists=[1], address=told.REFUSED_ADDRESS, first=SECRET_NAME)
    standin.fault("bare_429", **told.ENROLL, times=1)
    standin.fault("cut_after", **getattr(told, "CHANGE_MEMBERSHIP", told.ENROLL), times=1)
    world.run()
    assert any("settled" in line for line in heard.lines)
    assert_silent("\n".join(heard.lines), told)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "cut_before"},
        {"kind": "bare_429"},
        {"kind": "status", "status": 404},
        {"kind": "status", "status": 403},
    ],
)
def test_a_failed_run_says_no_address_and_no_key(
    fault: dict[str, Any], world: World, standin: StandIn, told: ModuleType, heard: Collected
) -> None:
    filled(world)
    # Every write: an error that follows some records alone is theirs, and no failure of the run.
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        match = {"method": method, "path_regex": told.API_PATH}
        standin.fault(str(fault["kind"]), **match, **{k: v for k, v in fault.items() if k != "kind"})
    with pytest.raises(CrmSyncError) as caught:
        world.run()
    assert_silent("\n".join(heard.lines) + chain(caught.value), told)


def test_a_member_that_cannot_be_reached_is_not_named_by_its_hash(
    sheet: Provider, told: ModuleType, client: Client, standin: StandIn, heard: Collected
) -> None:
    from contract.test_verbs import PEOPLE, batch
    from crm_sync.model import Verb

    standin.fault("cut_before")
    with pytest.raises(CrmSyncError) as caught:
        client.verbs[Verb.ARCHIVE](batch(sheet, Verb.ARCHIVE))
    hashed = [hashlib.md5(address.encode(), usedforsecurity=False).hexdigest() for address in PEOPLE]
    assert not any(each in str(caught.value) for each in hashed)
    assert_silent(chain(caught.value), told)


def test_a_wrong_key_is_not_repeated_in_the_message(
    world: World, standin: StandIn, told: ModuleType, heard: Collected
) -> None:
    world.key = told.WRONG_KEY
    with pytest.raises(CrmSyncError) as caught:
        filled(world).run()
    assert_silent("\n".join(heard.lines) + chain(caught.value), told)
