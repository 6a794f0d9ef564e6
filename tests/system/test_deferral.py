"""A provider that is long at work on what was handed over: no worker waits for it, and Airflow may die meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from local.background import await_until
from local.postgres import Postgres
from standins.constant_contact.contract import KEY, people_sent
from system.accounts import Account, subscribed
from system.association import assert_nobody_is_named
from system.sites import RUN_SECONDS, Site, open_site

NAME = "constant_contact"
NEVER = 1_000_000  # looks that an activity takes to be done
# Another triggerer takes over from a dead one after this time, half a minute by default.
TAKES_OVER = {"AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "15"}


@pytest.fixture
def site(postgres: Postgres, crm_template: str) -> Iterator[Site]:
    """Cid is in Board too, so that two imports are handed over; neither is done before somebody lets it."""
    with open_site(postgres, crm_template, NAME, TAKES_OVER) as made:
        made.association.contact("Cid", made.news, made.association.list("Board"))
        made.standin.switch(polls_to_complete=NEVER)
        made.standin.keep_bodies()
        yield made


def imports(site: Site) -> list[dict[str, Any]]:
    """The imports that were handed over, as the stand-in logged them."""
    return [each for each in site.standin.requests()["requests"] if people_sent(each)]


def activities(site: Site) -> list[dict[str, Any]]:
    """All work that the stand-in was ever given."""
    return list(site.standin.state()["activities"])


def looks_at(site: Site) -> int:
    """How often anybody has asked what became of it."""
    return sum(each["looks"] for each in activities(site))


def rests(site: Site, run_id: str) -> bool:
    """Whether the load is deferred and no task at all has a worker's slot."""
    if site.airflow.client.task_states(site.dag_id, run_id).get("load") != "deferred":
        return False
    slots = site.airflow.client.slots()
    return slots["deferred_slots"] == 1 and slots["occupied_slots"] == 0


@pytest.mark.timeout(900)
def test_a_load_rests_without_a_worker_and_outlives_an_airflow_that_is_killed(site: Site) -> None:
    run_id = site.begin()
    assert await_until(lambda: rests(site, run_id), RUN_SECONDS), site.airflow.process.tail()
    assert len(imports(site)) == 2
    assert {each["state"] for each in activities(site)} <= {"initialized", "processing"}

    site.airflow.process.kill()
    assert site.airflow.client.unhealthy() == ["API"]
    looks = looks_at(site)
    site.airflow.start()
    # It looks again, in vain, before the work is done.
    assert await_until(lambda: looks_at(site) > looks, RUN_SECONDS), site.airflow.process.tail()
    site.standin.switch(polls_to_complete=1)

    assert site.ended(run_id) == "success", site.why(run_id)
    assert Account(NAME, site.standin).people() == {
        "ann@example.org": subscribed("News"),
        "bob@example.org": subscribed("News"),
        "cid@example.org": subscribed("News", "Board"),
    }
    assert Counter(address for each in imports(site) for address in people_sent(each)) == dict.fromkeys(
        ("ann@example.org", "bob@example.org", "cid@example.org"), 1
    )
    assert [each["state"] for each in activities(site)] == ["completed"] * 2
    assert site.ask("select distinct status from crm_sync.operation") == [("applied",)]
    assert "no worker is held until then" in site.logs()
    assert_nobody_is_named(site.logs(), site.dag_id, [KEY])
