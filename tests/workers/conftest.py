"""One scene for all tests here: everything started, four full runs, one worker killed, all runs awaited."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from local.cluster import Cluster
from local.demo import postgres_connection
from local.demo_standins import DemoStandin, demo_providers
from local.postgres import Postgres, free_port
from system.mailbox import DATA_TEAM, Mailbox
from workers import members
from workers.scene import Scene

SETTINGS = {
    # How soon Airflow notices that a worker is gone: after five minutes unless told otherwise.
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    # And that it took a message of which it never began the task: after ten.
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "30",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
    # Celery writes down which worker ran a task.
    "AIRFLOW__CELERY__EXTRA_CELERY_CONFIG": '{"result_extended": true}',
    "AIRFLOW__CELERY__WORKER_CONCURRENCY": "2",
}


@pytest.fixture(scope="module")
def scene(postgres: Postgres, crm_template: str) -> Iterator[Scene]:
    """After all runs have ended."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="crm-sync-workers-")))
        dsns = {each: _database(stack, postgres, each) for each in ("state", "airflow")}
        dsns["crm"] = _database(stack, postgres, "crm", crm_template)
        members.fill(dsns["crm"])
        standins = {name: DemoStandin(name, directory, free_port()) for name in demo_providers()}
        connections = {f"crm_sync_{each}": postgres_connection(dsns[each]) for each in ("crm", "state")}
        connections |= dict(standin.connection() for standin in standins.values())
        post = stack.enter_context(Mailbox())
        alerts = {"AIRFLOW_CONN_SMTP_DEFAULT": post.connection(), "CRM_SYNC_ALERT_EMAILS": DATA_TEAM}
        cluster = Cluster(directory, dsns["airflow"], connections, SETTINGS | alerts)
        for standin in standins.values():
            standin.start([])
            stack.callback(standin.process.stop)
            standin.connect(dsns["state"], (cluster.secrets / "fernet_key").read_text)
        stack.enter_context(cluster)
        played = Scene(cluster, standins, dsns, post)
        played.start_all()
        played.kill_half_way()
        played.await_all()
        yield played


def _database(stack: ExitStack, postgres: Postgres, name: str, template: str | None = None) -> str:
    full_name = f"workers_{name}_{os.getpid()}"
    stack.callback(postgres.drop_database, full_name)
    return postgres.create_database(full_name, template=template)
