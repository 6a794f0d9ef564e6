"""Constant Contact: contacts that have no e-mail address there, by text messages or by hand, stop nobody."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from convergence.arena import Arena
from convergence.two_people import (
    ADDRESS,
    ANN_LEAVES,
    ANN_REFUSES_MAIL,
    BOB_IS_CALLED_OTHERWISE,
    OTHER_ADDRESS,
    names_held,
    subscribed,
)

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.parametrize("arena", ["constant_contact"], indirect=True),
]


def by_hand(arena: Arena, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """A call that is none of the pipeline's."""
    token = arena.standin.act("grant", scope="contact_data")["access_token"]
    known = {"Authorization": f"Bearer {token}"}
    answer = requests.request(method, f"{arena.standin.url}/v3{path}", json=body, headers=known, timeout=30)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def contacts(arena: Arena) -> dict[str, Any]:
    return {each["contact_id"]: each for each in arena.standin.state()["contacts"]}


@pytest.mark.parametrize("mode", ["changes", "full"])
def test_whoever_has_no_address_there_is_passed_over(played: Arena, mode: str) -> None:
    (news,) = (each["id"] for each in played.standin.state()["lists"] if each["name"] == "News")
    for name in ("Sam", "Kim"):
        body = {"first_name": name, "create_source": "Contact", "list_memberships": [news]}
        by_hand(played, "POST", "/contacts", body)
    strangers = {number: each for number, each in contacts(played).items() if not each["address"]}
    assert len(strangers) == 2
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    for _ in range(2):
        assert played.run(mode)
    assert subscribed(played) == {ADDRESS, OTHER_ADDRESS}
    assert {number: contacts(played)[number] for number in strangers} == strangers
    played.world.crm_do(ANN_REFUSES_MAIL)
    assert played.run(mode)
    assert subscribed(played) == {OTHER_ADDRESS}
    played.settle()


@pytest.mark.parametrize("mode", ["changes", "compare", "full"])
def test_whose_address_is_emptied_there_is_brought_back_by_a_full_run(played: Arena, mode: str) -> None:
    (ann,) = (number for number, each in contacts(played).items() if each["address"] == ADDRESS)
    by_hand(played, "PUT", f"/contacts/{ann}", {"first_name": "Ann", "update_source": "Account"})
    assert subscribed(played) == {OTHER_ADDRESS}
    assert played.run(mode)
    assert played.run("full")
    assert names_held(played) == {"Ann", "Bob"}
    assert subscribed(played) == {ADDRESS, OTHER_ADDRESS}
    played.settle()


@pytest.mark.parametrize("change", [ANN_LEAVES, ANN_REFUSES_MAIL])
def test_whose_address_is_emptied_there_leaves_all_the_same(played: Arena, change: str) -> None:
    (ann,) = (number for number, each in contacts(played).items() if each["address"] == ADDRESS)
    by_hand(played, "PUT", f"/contacts/{ann}", {"first_name": "Ann", "update_source": "Account"})
    played.world.crm_do(change)
    assert played.run("changes")
    assert played.run("full")
    assert subscribed(played) == {OTHER_ADDRESS}
    played.settle()
