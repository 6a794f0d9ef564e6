"""A failed run of any provider is cleared, as the runbook says, and is watched on; people hear of it when none ends
well, when a task could not tell, and when a run waits for a day to come. All on one Airflow, told in this order."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from crm_sync import providers
from crm_sync.pipeline import TASKS
from local.background import await_until
from local.postgres import Postgres
from system.mailbox import DATA_TEAM, Mailbox
from system.sites import RUN_SECONDS, Site, open_sites

pytestmark = [pytest.mark.watch, pytest.mark.timeout(3000)]
PROVIDERS = providers.names()
_numbers = itertools.count(1)
Sites = dict[str, Site]


@pytest.fixture(scope="module")
def post() -> Iterator[Mailbox]:
    """Where alerts arrive."""
    with Mailbox() as box:
        yield box


@pytest.fixture(scope="module")
def sites(postgres: Postgres, crm_template: str, post: Mailbox) -> Iterator[Sites]:
    """All providers refuse the key; the first, full run of each has failed."""
    alerts = {"AIRFLOW_CONN_SMTP_DEFAULT": post.connection(), "CRM_SYNC_ALERT_EMAILS": DATA_TEAM}
    with open_sites(postgres, crm_template, PROVIDERS, alerts) as made:
        for site in made.values():
            refuse(site)
        begun = {name: site.begin() for name, site in made.items()}
        assert ended(made, begun) == dict.fromkeys(PROVIDERS, "failed")
        yield made


def refuse(site: Site) -> None:
    """The provider takes the key no more."""
    site.standin.fault("status", status=401, times=1_000_000)


def ended(sites: Sites, run_ids: dict[str, str]) -> dict[str, str]:
    """How the run of each ended."""
    return {name: sites[name].ended(run_id) for name, run_id in run_ids.items()}


def failed_anew(sites: Sites) -> dict[str, str]:
    """A run of each that has something to send, and fails; their ids."""
    for site in sites.values():
        refuse(site)
    site.association.member(f"P{next(_numbers)}", site.news)
    begun = {name: site.airflow.client.trigger(site.dag_id, {"mode": "full"}) for name, site in sites.items()}
    assert ended(sites, begun) == dict.fromkeys(sites, "failed")
    return begun


def told(post: Mailbox, what: str) -> list[str]:
    """The providers of whom that was told, as often as it was, sorted."""
    names = {providers.get(name).title: name for name in PROVIDERS}
    heard = [each.removeprefix("CRM Sync: ") for each in post.subjects()]
    return sorted(name for each in heard for title, name in names.items() if each == f"{title} {what}")


LOST, LATE, RECOVERED = "has lost its connection", "has had no successful run for a long time", "recovered"
OF_EACH = sorted(PROVIDERS)


def test_a_failed_run_is_cleared_before_and_after_it_would_be_late_and_is_watched_again(
    sites: Sites, post: Mailbox
) -> None:
    any_site = sites["mailchimp"]
    any_site.watch()
    assert (told(post, LOST), told(post, LATE)) == (OF_EACH, [])

    failed = {name: newest_failed(site) for name, site in sites.items()}
    for name, site in sites.items():
        site.standin.clear_faults()
        assert site.airflow.client.clear_tasks(site.dag_id, failed[name]) == len(TASKS)
    assert ended(sites, failed) == dict.fromkeys(PROVIDERS, "success")
    assert await_until(lambda: told(post, RECOVERED) == OF_EACH, RUN_SECONDS)

    failed = failed_anew(sites)
    assert await_until(lambda: late_after_days(any_site, post) == OF_EACH, RUN_SECONDS)
    any_site.watch()
    assert told(post, LATE) == OF_EACH, "once"

    for name, site in sites.items():
        site.standin.clear_faults()
        site.airflow.client.clear_run(site.dag_id, failed[name])
    assert ended(sites, failed) == dict.fromkeys(PROVIDERS, "success")
    assert await_until(lambda: told(post, RECOVERED) == sorted(OF_EACH * 2), RUN_SECONDS)

    for site in sites.values():
        refuse(site)  # so that no run by the clock ends well meanwhile
    any_site.airflow.client.pause("crm_to_votervoice")
    others = [each for each in OF_EACH if each != "votervoice"]
    assert await_until(lambda: late_after_days(any_site, post) == sorted([*OF_EACH, *others]), RUN_SECONDS)
    any_site.airflow.client.unpause("crm_to_votervoice")
    any_site.watch()
    assert told(post, LATE) == sorted([*OF_EACH, *others]), "the time in which nobody wanted a run does not count"


def late_after_days(site: Site, post: Mailbox) -> list[str]:
    """Who has been told to be late when days have passed."""
    site.let_days_pass()
    site.watch()
    return told(post, LATE)


def newest_failed(site: Site) -> str:
    """The id of a DAG's last run, which failed."""
    ((run_id,),) = site.airflows(
        "select run_id from dag_run where dag_id = %s and state = 'failed' order by id desc limit 1", site.dag_id
    )
    return str(run_id)


@pytest.fixture
def mailchimp(sites: Sites) -> Site:
    """Mailchimp takes the key, and its last run ended well."""
    site = sites["mailchimp"]
    site.standin.clear_faults()
    assert site.run() == "success"
    return site


def test_a_run_triggered_for_a_moment_to_come_runs_now_and_says_so(mailchimp: Site) -> None:
    client = mailchimp.airflow.client
    asked = datetime.now(UTC) + timedelta(hours=5)

    run_id = client.trigger_for(mailchimp.dag_id, asked)

    assert mailchimp.ended(run_id) == "success"
    for said in (client.run(mailchimp.dag_id, run_id)["note"], notice(mailchimp, run_id)):
        assert asked.isoformat(timespec="seconds")[:19] in said
        assert said.count("triggered for") == 1
    assert mailchimp.run() == "success"


def notice(site: Site, run_id: str) -> str:
    """What the sync page says of a run."""
    ((said,),) = site.ask(f"select notice from crm_sync.run where airflow_run_id = '{run_id}'")
    return str(said)


def test_people_hear_of_a_record_whose_process_was_killed_on_its_last_try(mailchimp: Site, post: Mailbox) -> None:
    failed = "CRM Sync: Mailchimp failed at record"
    before = post.subjects().count(failed)
    mailchimp.association.member("Cid", mailchimp.news)
    run_id = mailchimp.airflow.client.trigger(mailchimp.dag_id)

    kill_record(mailchimp, run_id)

    assert mailchimp.ended(run_id) == "failed"
    assert await_until(lambda: post.subjects().count(failed) == before + 1, RUN_SECONDS), post.subjects()
    mailchimp.airflow.client.clear_tasks(mailchimp.dag_id, run_id)
    assert mailchimp.ended(run_id) == "success", mailchimp.why(run_id)


def kill_record(site: Site, run_id: str) -> None:
    """Record has one try, and its process is killed while it waits for the ledger."""
    record = "dag_id = %s and run_id = %s and task_id = 'record'"
    key = (site.dag_id, run_id)
    one_try = f"update task_instance set max_tries = 0 where {record} returning 1"
    assert await_until(lambda: bool(site.airflows(one_try, *key)), RUN_SECONDS)
    begun = f"select 1 from task_instance where {record} and state in ('scheduled', 'queued', 'running')"
    assert await_until(lambda: bool(site.airflows(begun, *key)), RUN_SECONDS, 0.05)
    with psycopg.connect(site.state_dsn) as ledger:
        ledger.execute("lock table crm_sync.run in access exclusive mode")
        waits = "select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        # Asked by another connection: within a transaction the view stays as it was first seen.
        assert await_until(lambda: bool(site.ask(waits)), RUN_SECONDS)
        ((process,),) = site.airflows(f"select pid from task_instance where {record} and state = 'running'", *key)
        os.kill(process, signal.SIGKILL)


def test_people_hear_of_a_task_that_somebody_marked_as_failed(mailchimp: Site, post: Mailbox) -> None:
    before = [each for each in post.subjects() if "Mailchimp failed" in each]
    mailchimp.association.member("Dora", mailchimp.news)
    run_id = mailchimp.airflow.client.trigger(mailchimp.dag_id)
    started = "select 1 from task_instance where run_id = %s and task_id = 'extract' and state is not null"
    assert await_until(lambda: bool(mailchimp.airflows(started, run_id)), RUN_SECONDS)

    mailchimp.airflow.client.mark_task(mailchimp.dag_id, run_id, "record", "failed")

    assert mailchimp.ended(run_id) == "failed"

    def new() -> list[str]:
        return [each for each in post.subjects() if "Mailchimp failed" in each][len(before) :]

    assert await_until(lambda: bool(new()), RUN_SECONDS), post.subjects()
    assert len(new()) == 1


def test_people_hear_of_a_run_that_somebody_marked_as_failed_as_a_whole(mailchimp: Site, post: Mailbox) -> None:
    failed = "CRM Sync: Mailchimp failed at a stage"
    before = post.subjects().count(failed)
    mailchimp.association.member("Eve", mailchimp.news)
    run_id = mailchimp.airflow.client.trigger(mailchimp.dag_id)
    begun = f"select 1 from crm_sync.run where airflow_run_id = '{run_id}' and state in ('open', 'planned')"
    assert await_until(lambda: bool(mailchimp.ask(begun)), RUN_SECONDS, 0.05)
    mailchimp.airflow.client.mark_run(mailchimp.dag_id, run_id, "failed")

    mailchimp.watch()

    assert post.subjects().count(failed) == before + 1
    mailchimp.airflow.client.clear_tasks(mailchimp.dag_id, run_id)
    assert mailchimp.ended(run_id) == "success", mailchimp.why(run_id)
