"""VoterVoice: whose postal address is incomplete, or written in other words than the service's, has a district; a list
that no mapping tells of is there."""

from __future__ import annotations

from typing import Any

import pytest

from convergence.arena import Arena
from convergence.two_people import names_held

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.parametrize("arena", ["votervoice"], indirect=True),
]

LIVES_IN = "update crm.contact set city = 'Springfield', state = '{}', postal_code = '{}' where contact_id = 1"


def home_of_ann(arena: Arena) -> dict[str, Any] | None:
    home: dict[str, Any] | None = next(
        each["home_address"] for each in arena.standin.state()["contacts"] if each["contact_id"] == "1"
    )
    return home


def remarks(arena: Arena) -> list[tuple[Any, ...]]:
    """What stands beside the operations of the last run."""
    return arena.world.query(
        "select contact_id, status, coalesce(reason, '') from crm_sync.operation"
        " where run_id = (select max(run_id) from crm_sync.run) order by contact_id"
    )


@pytest.mark.parametrize(
    ("state", "postal_code"), [("IL", "62701"), ("IL", "62701-1234"), ("Illinois", "62701"), ("IL", "")]
)
def test_city_state_and_zip_without_a_street_give_a_district(state: str, postal_code: str, played: Arena) -> None:
    played.world.crm_do(LIVES_IN.format(state, postal_code))
    assert played.run("changes")
    home = home_of_ann(played)
    assert home is not None
    assert (home["streetAddress"], home["city"], home["state"], len(home["zipCode"])) == ("", "Springfield", "IL", 5)
    assert remarks(played) == [(1, "applied", "")]
    played.settle()


def test_a_street_that_comes_later_takes_the_place_of_the_lookup(played: Arena) -> None:
    played.world.crm_do(LIVES_IN.format("IL", "62701-1234"))
    assert played.run("changes")
    played.world.crm_do("update crm.contact set address_line1 = '1 Main St' where contact_id = 1")
    assert played.run("changes")
    home = home_of_ann(played)
    assert home is not None
    assert (home["streetAddress"], home["zipCode"]) == ("1 Main St", "62701")
    played.settle()


def test_a_place_that_is_not_found_is_left_out_and_said(played: Arena) -> None:
    played.world.crm_do("update crm.contact set city = 'Nowhere', state = 'IL' where contact_id = 1")
    assert played.run("changes")
    assert home_of_ann(played) is None
    assert remarks(played) == [(1, "applied", "address_left_out")]
    played.settle()


def test_one_bad_record_in_a_list_without_a_mapping_stops_nobody(
    played: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    played.standin.act("create_list", name="Supporters", is_mapped=False)
    monkeypatch.setattr(played.world, "extras", {"list_name": "Supporters"})
    assert played.run("full")
    played.world.crm_do("update crm.email_address set address = 'ann@fake.example.org' where contact_id = 1")
    assert played.run("changes")
    assert remarks(played) == [(1, "refused", "record_refused")]
    assert names_held(played) == {"Ann", "Bob"}
