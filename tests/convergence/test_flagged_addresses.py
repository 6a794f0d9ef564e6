"""Constant Contact: whoever was to be subscribed too often is left alone for two days, and then brought across."""

from __future__ import annotations

import pytest

from convergence.arena import Arena
from convergence.two_people import ADDRESS, ANN_IS_BACK, ANN_LEAVES, names_held, writes

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.parametrize("arena", ["constant_contact"], indirect=True),
]
HOURS = "select round(extract(epoch from retry_at - now()) / 3600) from crm_sync.holding where subscriber_key = %s"


def test_a_flagged_address_rests_for_two_days_and_comes_then(played: Arena) -> None:
    played.standin.switch(subscribe_attempts=2)
    for change in (ANN_LEAVES, ANN_IS_BACK) * 2:
        played.world.crm_do(change)
        assert played.run("changes")
    assert names_held(played) == {"Bob"}
    reasons = played.world.query("select contact_id, reason from crm_sync.exceptions where contact_id is not null")
    assert reasons == [(1, "address_refused")]
    assert played.world.query(HOURS, ADDRESS) == [(48,)]
    played.standin.clear_requests()
    for mode in ("changes", "compare", "full"):
        assert played.run(mode)
    assert not [route for route in writes(played) if "activities" in route], "each attempt would count"
    played.standin.clock(advance_seconds=49 * 3600)
    played.world.query("update crm_sync.holding set retry_at = now() where subscriber_key = %s returning 1", ADDRESS)
    assert played.run("changes")
    assert names_held(played) == {"Ann", "Bob"}
    played.settle()
