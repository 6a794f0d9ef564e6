"""A change in the CRM is at the provider without anybody starting a run: scheduler, triggerer and API server are
Airflow's own."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from local.background import await_until
from local.postgres import Postgres
from system.sites import RUN_SECONDS, Site, open_site

pytestmark = pytest.mark.timeout(1800)
LIVE = {"CRM_SYNC_PROVIDERS__MAILCHIMP__LIVE": "true"}


@pytest.fixture(scope="module")
def site(postgres: Postgres, crm_template: str) -> Iterator[Site]:
    """Ann and Bob are held, and nothing waits."""
    with open_site(postgres, crm_template, "mailchimp", LIVE) as made:
        assert made.ended(made.begin()) == "success"
        yield made


def rename(site: Site, name: str, times: int = 1) -> None:
    """Bob gets another name in the CRM, by so many transactions."""
    with psycopg.connect(site.association.crm_dsn, autocommit=True) as crm:
        for number in range(times, 0, -1):
            said = name if number == 1 else f"{name}{number}"
            crm.execute("update crm.contact set first_name = %s where first_name <> 'Ann'", [said])


def first_names(site: Site) -> set[str]:
    """As the provider has them."""
    return {member["merge_fields"]["FNAME"] for member in site.standin.state()["members"]}


def assert_arrives(site: Site, name: str) -> None:
    """It is at the provider by and by."""
    assert await_until(lambda: name in first_names(site), RUN_SECONDS), site.logs()[-3000:]


def runs_by_change(site: Site) -> int:
    """How many runs a change in the CRM has started."""
    ((count,),) = site.airflows(
        "select count(*) from dag_run where dag_id = %s and run_type = 'asset_triggered'", site.dag_id
    )
    return int(count)


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
