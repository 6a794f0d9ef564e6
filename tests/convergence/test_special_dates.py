"""Dates that PostgreSQL knows and no service does: nobody is refused for them."""

from __future__ import annotations

import pytest

from convergence.arena import Arena
from convergence.conftest import OF_A_SITE

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.parametrize("arena", OF_A_SITE, indirect=True),
]
CHANGES = """
    update crm.membership set expires_on = '{0}' where contact_id = 1;
    update crm.membership set started_on = '{0}', expires_on = null where contact_id = 2;
    update crm.list_member set joined_on = '{0}' where contact_id = 2;
    update crm.contact set last_name = 'Lee'
"""


@pytest.mark.parametrize("date", ["infinity", "-infinity", "0044-03-15 BC", "12024-01-01"])
def test_a_special_date_is_no_date(date: str, played: Arena) -> None:
    played.world.crm_do(CHANGES.format(date))
    assert played.run("changes")
    told = played.world.query("select distinct status, reason from crm_sync.operation where verb = 'update'")
    assert told == [("applied", None)]
    there = played.provider.members(played.standin.state())
    assert [there[each]["names"] for each in ("1", "2")] == [("Ann", "Lee"), ("Bob", "Lee")]
    played.settle()
