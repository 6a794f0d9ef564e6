"""Changes in the CRM of a site, and what becomes of them without anybody starting a run."""

from __future__ import annotations

import psycopg

from local.background import await_until
from system.sites import RUN_SECONDS, Site


def rename(site: Site, name: str, times: int = 1) -> None:
    """Bob gets another name in the CRM, by so many transactions."""
    with psycopg.connect(site.association.crm_dsn, autocommit=True) as crm:
        for number in range(times, 0, -1):
            said = name if number == 1 else f"{name}{number}"
            crm.execute("update crm.contact set first_name = %s where first_name <> 'Ann'", [said])


def first_names(site: Site) -> set[str]:
    """As Mailchimp has them."""
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


def starts(site: Site) -> int:
    """How often the watcher has asked for a run."""
    ((count,),) = site.airflows("select count(*) from asset_event")
    return int(count)


def assert_rests(site: Site) -> None:
    """By and by no run is under way or waits, and the watcher has looked again since then and asked for none."""

    def rests() -> bool:
        waiting = site.airflows(
            "select dag_id from dag_run where dag_id = %s and state in ('queued', 'running')"
            " union all select target_dag_id from asset_dag_run_queue",
            site.dag_id,
        )
        return not waiting and bool(site.ask(_LOOKED_SINCE))

    assert await_until(rests, RUN_SECONDS), site.logs()[-3000:]


# Longer after the last run than a burst is waited for, so that what it has not read would have been asked for by then.
_LOOKED_SINCE = """
select from crm_sync.live_look where looked_at > (select max(finished_at) from crm_sync.run) + interval '6 seconds'
"""
