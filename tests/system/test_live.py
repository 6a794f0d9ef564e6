"""A change in the CRM is at the provider without anybody starting a run: scheduler, triggerer and API server are
Airflow's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.postgres import Postgres
from system.changes import assert_arrives, rename, runs_by_change
from system.sites import Site, open_site

pytestmark = pytest.mark.timeout(1800)
LIVE = {"CRM_SYNC_PROVIDERS__MAILCHIMP__LIVE": "true"}


@pytest.fixture(scope="module")
def site(postgres: Postgres, crm_template: str) -> Iterator[Site]:
    """Ann and Bob are held, and nothing waits."""
    with open_site(postgres, crm_template, "mailchimp", LIVE, stores_connections=True) as made:
        assert made.ended(made.begin()) == "success"
        yield made


def test_a_change_arrives_by_itself(site: Site) -> None:
    for name in ("Rob", "Robbie", "Bert"):  # a run by the clock may be first once
        rename(site, name)
        assert_arrives(site, name)
        if runs_by_change(site):
            break
    assert runs_by_change(site) >= 1, site.airflows("select classpath, kwargs, triggerer_id from trigger")
    looks = site.ask("select provider, waits_for from crm_sync.live_look")
    assert looks == [("mailchimp", "")]


def test_a_thousand_changes_arrive_by_a_few_runs(site: Site) -> None:
    before = runs_by_change(site)
    rename(site, "Robin", times=1000)
    assert_arrives(site, "Robin")
    assert runs_by_change(site) - before <= 10
