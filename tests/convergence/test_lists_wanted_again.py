"""What was asked of a list is lost on the way; what the CRM then says of it is there all the same, with its people."""

from __future__ import annotations

import pytest

from convergence.arena import Arena
from convergence.two_people import ADDRESS, OTHER_ADDRESS, TRADE_NAMES, clear_the_weather

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.parametrize("arena", ["mailchimp"], indirect=True),
]

ANN, BOB = {ADDRESS}, {OTHER_ADDRESS}
OF_A_LIST = "/segments/[0-9]+$"
SWITCHED_OFF = "update crm.list set sync_enabled = false where list_id = 1"
SWITCHED_ON = "update crm.list set sync_enabled = true where list_id = 1"
NEWS_IS_TAKEN = "update crm.list set name = 'News' where list_id = 2"
NEWS_IS_MADE_ANEW = """
    insert into crm.list (list_id, name, sync_enabled) values (5, 'News', true);
    insert into crm.list_member (list_id, contact_id) values (5, 2)
"""
THE_NEW_ONE_IS_RENAMED = "update crm.list set name = 'Jobs' where list_id = 5"


def lose_the_answer(arena: Arena, change: str, *, method: str, after: int = 0) -> None:
    """A change in the CRM of which ``after`` calls about lists are answered; the next one takes effect without an
    answer, and nothing that follows, or is no call of this kind, arrives. Then the weather is fair."""
    arena.world.crm_do(change)
    arena.is_stormy = True
    arena.standin.fault("cut_after", times=1, skip=after, method=method, path_regex=OF_A_LIST)
    arena.standin.fault("cut_before", skip=after, method=method, path_regex=OF_A_LIST)
    for other in {"POST", "PUT", "PATCH", "DELETE"} - {method}:
        arena.standin.fault("cut_before", method=other)
    arena.run("changes")
    assert arena.standin.faults()[0]["fired"] == 1
    clear_the_weather(arena)


def tags(arena: Arena) -> dict[str, set[str]]:
    """List → the addresses in it."""
    state = arena.standin.state()
    people = arena.provider.people(state)
    return {
        name: {each["address"] for each in people if each["is_subscribed"] and name in each["lists"]}
        for name in arena.provider.lists(state)
    }


@pytest.mark.parametrize(
    ("meanwhile", "then", "lists"),
    [
        ("", "", {"News": ANN, "Board": BOB}),
        (NEWS_IS_TAKEN, "", {"News": ANN, "News (#2)": BOB}),
        (NEWS_IS_MADE_ANEW, THE_NEW_ONE_IS_RENAMED, {"News": ANN, "Board": BOB, "Jobs": BOB}),
    ],
    ids=["as it was", "its name was taken", "another was made under its name"],
)
def test_a_list_whose_deletion_was_not_answered_is_wanted_again(
    played: Arena, meanwhile: str, then: str, lists: dict[str, set[str]]
) -> None:
    lose_the_answer(played, f"{SWITCHED_OFF}; {meanwhile}", method="DELETE")
    assert "News" not in tags(played)
    played.world.crm_do(f"{SWITCHED_ON}; {then}")
    played.clear_up()
    assert played.run("changes"), "the run before this one learned that the list is gone; this one makes it"
    assert tags(played) == lists
    played.settle()


def test_two_lists_that_traded_names_but_for_the_last_answer_trade_back(played: Arena) -> None:
    lose_the_answer(played, TRADE_NAMES, method="PATCH", after=3)
    assert tags(played) == {"Board": ANN, "News": BOB}
    played.world.crm_do(TRADE_NAMES)
    played.clear_up()
    assert tags(played) == {"News": ANN, "Board": BOB}
    played.settle()
