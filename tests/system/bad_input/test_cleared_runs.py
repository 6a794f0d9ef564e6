"""A run that had begun to load and is cleared loses nothing of what its first load was told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from contract.people import add_list, add_people
from crm_sync.errors import TransientError

if TYPE_CHECKING:
    from local.world import World
    from standins.process import StandIn

FIRST = ["opt_outs", "extract", "validate", "transform", "plan"]


@pytest.mark.parametrize("cleared_from", ["opt_outs", "extract", "plan"])
def test_a_run_cleared_after_half_a_load_ends_in_step(empty: World, standin: StandIn, cleared_from: str) -> None:
    add_list(empty.crm_dsn, 1, "News")
    add_list(empty.crm_dsn, 2, "Board")
    add_people(empty.crm_dsn, 1, 8, lists=[1, 2])
    empty.begin(airflow_run_id="cleared")
    for name in FIRST:
        empty.stage(name, "cleared")
    # The people and the first list are answered, the second list is not, for so many that the provider counts as down.
    standin.fault("status", method="POST", path_regex=r"/segments/\d+$", status=503, skip=1)
    with pytest.raises(TransientError):
        empty.stage("load", "cleared")
    standin.clear_faults()
    empty.crm_do("delete from crm.list_member where list_id = 1 and contact_id = 1")
    if cleared_from == "opt_outs":
        empty.begin(airflow_run_id="cleared")
    for name in [*FIRST[FIRST.index(cleared_from) :], "load", "record"]:
        empty.stage(name, "cleared")
    empty.run()
    tags = {member["address"]: set(member["tags"]) for member in standin.state()["members"]}
    assert sorted(map(sorted, tags.values())) == [["Board"], *[["Board", "News"]] * 7]
    assert empty.query("select count(*) from crm_sync.exceptions") == [(0,)]
    standin.clear_requests()
    assert empty.run("full")["plan"] == {"planned": 0}
