"""Whatever of Airflow dies or stands still while the CRM changes, the change arrives once it is there again, and by few
runs: events are hints."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.background import await_until
from local.postgres import Postgres
from system.changes import assert_arrives, assert_rests, rename, runs_by_change, starts
from system.components import Components
from system.sites import RUN_SECONDS, Site, open_site

pytestmark = pytest.mark.timeout(1800)
LIVE = {
    "CRM_SYNC_PROVIDERS__MAILCHIMP__LIVE": "true",
    "CRM_SYNC_PROVIDERS__MAILCHIMP__SCHEDULE": "0 0 1 1 *",  # every run is one by a change
    # A triggerer whose heart has not beaten for so long is taken for dead, and another one takes what it had.
    "AIRFLOW__TRIGGERER__JOB_HEARTBEAT_SEC": "1",
    "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "10",
}


@pytest.fixture(scope="module")
def watched(postgres: Postgres, crm_template: str) -> Iterator[Site]:
    """Ann and Bob are held, and nothing waits."""
    with open_site(postgres, crm_template, "mailchimp", LIVE) as made:
        assert made.ended(made.begin()) == "success"
        yield made


@pytest.fixture(scope="module")
def components(watched: Site) -> Iterator[Components]:
    made = Components(watched.airflow)
    yield made
    for name in ("triggerer", "scheduler"):
        made.kill(name)


@pytest.fixture
def site(watched: Site) -> Site:
    assert_rests(watched)
    return watched


def runs_since(site: Site, before: int) -> int:
    """How many runs changes have started since then, once all is quiet."""
    assert_rests(site)
    return runs_by_change(site) - before


def triggerers(site: Site) -> set[int]:
    """Who looks for changes."""
    return {number for (number,) in site.airflows("select triggerer_id from trigger where triggerer_id is not null")}


def test_a_change_while_no_triggerer_lives_arrives_once(site: Site, components: Components) -> None:
    before = runs_by_change(site)
    components.kill("triggerer")
    rename(site, "Rob")
    components.start("triggerer")
    assert_arrives(site, "Rob")
    assert runs_since(site, before) == 1


def test_changes_while_no_scheduler_lives_arrive(site: Site, components: Components) -> None:
    before, asked = runs_by_change(site), starts(site)
    components.kill("scheduler")
    rename(site, "Robbie")
    assert await_until(lambda: starts(site) > asked, RUN_SECONDS), "nobody asks for a run"
    rename(site, "Bert")
    components.start("scheduler")
    assert_arrives(site, "Bert")
    assert 1 <= runs_since(site, before) <= 2


def test_two_triggerers_that_look_at_once_lose_nothing(site: Site, components: Components) -> None:
    before, (first,) = runs_by_change(site), triggerers(site)
    with components.stopped("triggerer"):
        components.start("triggerer")
        assert await_until(lambda: not triggerers(site) & {first}, RUN_SECONDS), "nobody takes over"
        rename(site, "Robin")
    assert_arrives(site, "Robin")
    assert 1 <= runs_since(site, before) <= 2


def test_changes_during_a_run_start_exactly_one_more(site: Site) -> None:
    before = runs_by_change(site)
    site.standin.fault("slow", body_regex="Rosa", seconds=10, times=1)
    rename(site, "Rosa")
    assert await_until(lambda: bool(site.ask("select from crm_sync.run where state = 'planned'")), RUN_SECONDS)
    rename(site, "Rose", times=3)
    assert_arrives(site, "Rose")
    assert runs_since(site, before) == 2
