"""Rules E1 to E10 as a person at the association sees them."""

from __future__ import annotations

from standins.process import StandIn
from system.association import Association, Held, audience
from system.runs import Runs


def test_e1_a_list_that_becomes_synchronized_appears_there_with_its_eligible_members(
    association: Association, standin: StandIn, runs: Runs
) -> None:
    news = association.list("News", is_synchronized=False)
    association.contact("Ann", news)
    association.contact("Bob", news)
    runs.sync()
    assert audience(standin) == {}

    association.do("update crm.list set sync_enabled = true where list_id = %s", news)
    runs.sync()

    held = Held("subscribed", frozenset({"News"}))
    assert audience(standin) == {"ann@example.org": held, "bob@example.org": held}
