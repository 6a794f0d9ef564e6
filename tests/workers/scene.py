"""What is looked at after a worker's death: the cluster, the providers, and what was seen at that moment."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
from kombu import Connection

from convergence.arena import Arena
from convergence.association import Association
from convergence.killable import Killable
from convergence.members import MemberArena
from crm_sync import providers
from local.background import await_until
from local.cluster import WORKERS, Cluster
from local.demo_standins import DemoStandin
from local.world import World, facts
from standins.process import Controls
from system.mailbox import Mailbox

WATCH = "crm_sync_watch"
CUT = "mailchimp"  # whose load loses its worker
HELD_SECONDS = 20.0  # shorter than the delay of Airflow's retry: a held call keeps its place at the provider
HALF_WAY_SECONDS = 150.0
RUN_SECONDS = 240.0
POLL_SECONDS = 0.5
# Airflow keeps earlier tries apart, and Celery writes down under the message's id who took it.
WHO_RAN_WHAT = """
    select dag_id, tried.task_id, try_number, split_part(worker, '@', 2)
    from (select dag_id, task_id, run_id, try_number, external_executor_id from task_instance
          union select dag_id, task_id, run_id, try_number, external_executor_id from task_instance_history) as tried
    join celery_taskmeta on celery_taskmeta.task_id = tried.external_executor_id
    order by 1, 2, 3
"""
NEW_PEOPLE = "select subscriber_key, status = 'applied' from crm_sync.operation where provider = %s and verb = 'create'"
ENDED = "select count(*) from celery_taskmeta where task_id = any (%s) and status <> 'STARTED' and worker like %s"


Try = tuple[str, str, int, str]  # DAG, task, number of the try, worker


@dataclass(repr=False)
class Scene:
    """All services, databases and the alerts, the runs by their provider, and what was seen when the worker died."""

    cluster: Cluster
    standins: dict[str, DemoStandin]
    dsns: dict[str, str]
    post: Mailbox
    run_ids: dict[str, str] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    tries: list[Try] = field(default_factory=list)
    dead: str = ""
    was_dead_healthy: bool = True
    answered: set[str] = field(default_factory=set)
    unanswered: set[str] = field(default_factory=set)

    def controls(self, provider: str) -> Controls:
        """The control routes of a provider's stand-in."""
        return Controls(self.standins[provider].url)

    def start_all(self) -> None:
        """A full run of each provider side by side, that of the load to be cut a little ahead."""
        self.controls(CUT).keep_bodies()
        # The worker dies before it hears of some people whom the provider has taken, and of some whom it has not.
        self.controls(CUT).fault("timeout_before", every=3, seconds=HELD_SECONDS, **facts(CUT).ENROLL)
        self.controls(CUT).fault("timeout_after", every=2, seconds=HELD_SECONDS, **facts(CUT).ENROLL)
        self._start(CUT)
        assert self._await(lambda: self.states(CUT).get("extract") == "success"), self.states(CUT)
        for name in self.standins.keys() - {CUT}:
            self._start(name)

    def kill_half_way(self) -> None:
        """Kill the worker that brings people across when some are answered for, some under way, and some not sent."""
        assert self._await(self._is_half_way), self.states(CUT)
        (self.dead,) = (worker for *task, worker in self._who_ran_what() if task == [dag_of(CUT), "load", 1])
        self.cluster.process(self.dead).kill()
        self.answered, self.unanswered = self._new_people()
        self.controls(CUT).clear_faults()
        self.controls(CUT).clear_requests()
        self.was_dead_healthy = self.cluster.is_healthy(self.dead)  # while Airflow has yet to notice

    def await_all(self) -> None:
        """Return when all runs have ended; the clock starts no others."""
        for name, run_id in self.run_ids.items():
            self.ended[name] = self.cluster.client.await_run(dag_of(name), run_id, RUN_SECONDS)
            self.cluster.client.pause(dag_of(name))
        # A run by the clock may have begun in between: what it had under way comes to its end.
        assert self._await(self._is_at_rest)
        self.tries = self._who_ran_what()

    def states(self, provider: str) -> dict[str, str]:
        """The state of each task of a provider's run."""
        return self.cluster.client.task_states(dag_of(provider), self.run_ids[provider])

    @property
    def survivor(self) -> str:
        """The other worker."""
        (other,) = set(WORKERS) - {self.dead}
        return other

    def findings(self, provider: str) -> list[str]:
        """Where the provider, or a sum of the ledger, is not as the CRM says."""
        return findings(provider, self.dsns, self.controls(provider))

    def hand_out_again(self) -> list[str]:
        """What the dead worker took and never confirmed goes to the other, as the broker does after a day; their ids.

        Returns when the other is done with it.
        """
        with Connection(self.cluster.broker_url, transport_options={"visibility_timeout": 0}) as broker:
            channel = broker.channel()
            with channel.conn_or_acquire() as redis:
                held = [json.loads(message)[0] for message in redis.hvals(channel.unacked_key)]
            channel.qos.restore_visible(num=len(held))
        ids = [message["headers"]["id"] for message in held]
        assert self._await(lambda: self._ask_airflow(ENDED, ids, f"%@{self.survivor}") == [(len(ids),)])
        return ids

    def run_again(self, provider: str) -> str:
        """One more run, of what has changed; the state that it ends in."""
        client, dag_id = self.cluster.client, dag_of(provider)
        run_id = client.trigger(dag_id, {"mode": "changes"}, ahead_hours=25)
        client.unpause(dag_id)
        try:
            return client.await_run(dag_id, run_id, RUN_SECONDS)
        finally:
            client.pause(dag_id)

    def let_an_hour_pass(self) -> None:
        """All that has ended, or is watched, has been so for an hour."""
        with psycopg.connect(self.dsns["state"]) as state:
            state.execute("update crm_sync.run set finished_at = finished_at - interval '1 hour'")
            state.execute("update crm_sync.watch set since = since - interval '1 hour'")

    def watch(self) -> str:
        """Let the watch look once, now; how its run ended."""
        run_id = self.cluster.client.trigger(WATCH)
        return self.cluster.client.await_run(WATCH, run_id, RUN_SECONDS)

    def ask(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Rows of the state database."""
        with psycopg.connect(self.dsns["state"]) as connection:
            return connection.execute(query, parameters).fetchall()

    def _start(self, provider: str) -> None:
        client, dag_id = self.cluster.client, dag_of(provider)
        client.await_dag(dag_id)
        self.run_ids[provider] = client.trigger(dag_id, {"mode": "full"}, ahead_hours=24)  # before any by the clock
        client.unpause(dag_id)

    def _await(self, ready: Callable[[], bool]) -> bool:
        return await_until(ready, HALF_WAY_SECONDS, POLL_SECONDS)

    def _is_at_rest(self) -> bool:
        slots = self.cluster.client.slots()
        return not any(slots[f"{each}_slots"] for each in ("running", "queued", "deferred"))

    def _is_half_way(self) -> bool:
        return all(fault["fired"] for fault in self.controls(CUT).faults()) and all(self._new_people())

    def _new_people(self) -> tuple[set[str], set[str]]:
        """Whom the provider has answered for as far as is written down, and whom it has not."""
        rows = self.ask(NEW_PEOPLE, CUT)
        return {person for person, is_there in rows if is_there}, {person for person, is_there in rows if not is_there}

    def _who_ran_what(self) -> list[Try]:
        return self._ask_airflow(WHO_RAN_WHAT)

    def _ask_airflow(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsns["airflow"]) as connection:
            return connection.execute(query, parameters or None).fetchall()


def findings(provider: str, dsns: dict[str, str], controls: Controls) -> list[str]:
    """Where the provider, or a sum of the ledger, is not as the CRM says; judged as the random histories are.
    ``dsns``: those of "crm" and "state"."""
    world = World(dsns["crm"], dsns["state"], controls.url, provider=provider)
    arena = Arena if providers.get(provider).keyed_by == "address" else MemberArena
    try:
        return list(arena(Association(dsns["crm"]), world, controls, Killable()).judge().findings)
    finally:
        world.close()


def dag_of(provider: str) -> str:
    """The id of a provider's DAG."""
    return f"crm_to_{provider}"
