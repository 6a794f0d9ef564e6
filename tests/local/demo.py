"""`make demo`: CRM, the providers' stand-ins and Airflow on this machine, and a first full synchronization of all."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from local.airflow import REPOSITORY, AirflowService, airflow_environment, kept_secrets
from local.background import Background, BackgroundError
from local.demo_crm import fill_once, people_met_before
from local.demo_report import RunReport, where_to_look
from local.demo_standins import DemoStandin, demo_providers
from local.postgres import Postgres, PostgresError
from standins.discovery import ports

DIRECTORY_VARIABLE = "CRMSYNC_DEMO_DIRECTORY"
PREFERRED_PORTS = {"postgres": 55432, "airflow": 8080}
DATABASES = ("crm", "crm_sync", "airflow")
RUN_SECONDS = 900.0


class Demo:
    """The services of the demo, with all they leave behind in ``directory``."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._ports_file = directory / "ports.json"
        standin_ports = {name: ports()[name] for name in demo_providers()}
        self.ports = {**PREFERRED_PORTS, **standin_ports, **_read_json(self._ports_file)}
        self.postgres = Postgres(directory / "postgres")
        self.airflow_home = directory / "airflow"

    @property
    def standins(self) -> list[DemoStandin]:
        """One for each provider."""
        return [DemoStandin(name, self.directory, self.ports[name]) for name in demo_providers()]

    def start_postgres(self) -> str:
        """One server with the CRM, the pipeline's state and Airflow's metadata."""
        known = self.ports["postgres"]
        self.postgres.port = next_free_port(known)
        self.postgres.start()
        self._keep_port("postgres", self.postgres.port)
        for name in DATABASES:
            self.postgres.create_database(name)
        return f"databases {', '.join(DATABASES)} on port {self.postgres.port}"

    def fill_crm(self) -> str:
        """The demo association, the first time only."""
        return fill_once(self.postgres.dsn("crm"))

    def start_standins(self) -> Iterator[str]:
        """Each left running where it runs, for it holds its people in memory; what was done, in words."""
        for known in self.standins:
            if known.is_running():
                yield f"{known.title} still running at {known.url}"
                continue
            self._keep_port(known.provider, next_free_port(known.port))
            standin = DemoStandin(known.provider, self.directory, self.ports[known.provider])
            yield standin.start(standin.facts.past(people_met_before(self.postgres.dsn("crm"))))
            standin.connect(self.postgres.dsn("crm_sync"), lambda: kept_secrets(self.airflow_home)["CORE__FERNET_KEY"])

    def start_airflow(self) -> AirflowService:
        """Airflow with connections to all of the above; restarted when one of them has moved."""
        connections = self._connections()
        kept = self.airflow_home / "connections.json"
        service = self._airflow(connections)
        if service.is_running() and _read_json(kept) == connections:
            tell(f"      still running at {service.client.base_url}")
            return service
        service.stop()
        self._keep_port("airflow", next_free_port(self.ports["airflow"]))
        service = self._airflow(connections)
        service.start(lambda message: tell(f"      {message}"))
        kept.write_text(json.dumps(connections))
        tell(f"      at {service.client.base_url}")
        return service

    def synchronize(self, service: AirflowService) -> dict[str, tuple[str, str]]:
        """A full run of each DAG by hand, side by side; DAG id → Airflow's run id and the state in which it ended."""
        started, run_ids = time.monotonic(), {}
        for dag_id in (f"crm_to_{name}" for name in demo_providers()):
            service.client.await_dag(dag_id)
            # Only one run at a time, and this one before the scheduled run that unpausing calls up.
            run_ids[dag_id] = service.client.trigger(dag_id, {"mode": "full"}, ahead_hours=24)
            service.client.unpause(dag_id)

        def progress(task: str, state: str) -> None:
            tell(f"      {time.monotonic() - started:5.1f} s  {dag_id:<24} {task:<10} {state}")

        ended = {}
        for dag_id, run_id in run_ids.items():
            ended[dag_id] = run_id, service.client.await_run(dag_id, run_id, RUN_SECONDS, progress)
        return ended

    def stop(self) -> Iterator[str]:
        """Stop all services, in the order in which they need each other; the name of each before it is stopped."""
        yield "Airflow"
        Background(self.airflow_home, "standalone").stop()
        for standin in self.standins:
            yield f"{standin.title} stand-in"
            standin.process.stop()
        yield "PostgreSQL"
        if self.postgres.data.exists():
            self.postgres.stop()

    def _airflow(self, connections: dict[str, Any]) -> AirflowService:
        dsn = self.postgres.dsn("airflow")
        return AirflowService(
            self.airflow_home, airflow_environment(self.airflow_home, dsn, self.ports["airflow"], connections)
        )

    def _connections(self) -> dict[str, Any]:
        return {
            "crm_sync_crm": postgres_connection(self.postgres.dsn("crm")),
            "crm_sync_state": postgres_connection(self.postgres.dsn("crm_sync")),
            **dict(standin.connection() for standin in self.standins),
        }

    def _keep_port(self, name: str, port: int) -> None:
        if port != self.ports[name]:
            tell(f"      port {self.ports[name]} is taken, using {port}")
        self.ports[name] = port
        self.directory.mkdir(parents=True, exist_ok=True)
        self._ports_file.write_text(json.dumps(self.ports))


def start(demo: Demo) -> int:
    """Start what does not run yet, synchronize, and report; 0 when the run succeeded."""
    tell(f"CRM Sync demo, data in {demo.directory}")
    with step("1/5 PostgreSQL"):
        tell(f"      {demo.start_postgres()}")
    with step("2/5 CRM data"):
        tell(f"      {demo.fill_crm()}")
    with step("3/5 Stand-ins of the providers"):
        for line in demo.start_standins():
            tell(f"      {line}")
    with step("4/5 Airflow (20 to 60 s)"):
        service = demo.start_airflow()
    with step(f"5/5 Full synchronization of {len(demo.standins)} providers"):
        ended = demo.synchronize(service)
    for dag_id, (run_id, state) in ended.items():
        if state != "success":
            tell(f"The run of {dag_id} ended as {state}:\n{service.client.failed_task_logs(dag_id, run_id)}")
    report(demo, service, {dag_id: run_id for dag_id, (run_id, _) in ended.items()})
    return 0 if all(state == "success" for _, state in ended.values()) else 1


def report(demo: Demo, service: AirflowService, run_ids: dict[str, str]) -> None:
    """What was planned, applied, refused and set aside and why, and where to look."""
    state_dsn = demo.postgres.dsn("crm_sync")
    lines = [""]
    for dag_id, run_id in run_ids.items():
        lines += [*RunReport(state_dsn, dag_id.removeprefix("crm_to_"), run_id).lines(), ""]
    commands = [demo.postgres.psql_command(name) for name in ("crm", "crm_sync")]
    standins = {standin.title: standin.url for standin in demo.standins}
    tell("\n".join(lines + where_to_look(state_dsn, service.client.base_url, standins, *commands)))


def stop(demo: Demo) -> int:
    """Stop everything, telling what and how long it took."""
    started = time.monotonic()
    for name in demo.stop():
        tell(f"Stopping {name}")
    tell(f"Stopped after {time.monotonic() - started:.1f} s; the data stays in {demo.directory}")
    return 0


@contextmanager
def step(title: str) -> Iterator[None]:
    """Announce a step, and how long it took."""
    tell(f"[{title}]")
    started = time.monotonic()
    yield
    tell(f"      {time.monotonic() - started:.1f} s")


def tell(line: str) -> None:
    """Print at once, also into a pipe."""
    print(line, flush=True)


def next_free_port(first: int) -> int:
    """``first``, or the next port above it that nobody on this machine listens on."""
    for port in range(first, first + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise BackgroundError(f"ports {first} to {first + 99} are all taken: free one and try again")


def demo_directory() -> Path:
    """.demo in the repository; elsewhere where root's PostgreSQL user, nobody, could not reach that."""
    if chosen := os.environ.get(DIRECTORY_VARIABLE):
        return Path(chosen).resolve()
    closed = any(not parent.stat().st_mode & 0o001 for parent in (REPOSITORY, *REPOSITORY.parents))
    if os.geteuid() == 0 and closed:
        return Path("/var/tmp") / f"crm-sync-demo-{hashlib.sha256(str(REPOSITORY).encode()).hexdigest()[:8]}"  # noqa: S108 - a fixed name, of root alone
    return REPOSITORY / ".demo"


def postgres_connection(dsn: str) -> dict[str, Any]:
    """The Airflow form of a PostgreSQL URL."""
    parts = conninfo_to_dict(dsn)
    names = {"host": "host", "login": "user", "password": "password", "schema": "dbname"}
    filled = {name: parts[key] for name, key in names.items() if parts.get(key)}
    return {"conn_type": "postgres", "port": int(parts.get("port") or 5432), **filled}


def _read_json(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text())) if path.exists() else {}


def main(arguments: list[str] | None = None) -> int:
    """``python -m local.demo start|stop``."""
    parser = argparse.ArgumentParser(prog="python -m local.demo", description=__doc__)
    parser.add_argument("action", choices=["start", "stop"])
    action = {"start": start, "stop": stop}[parser.parse_args(arguments).action]
    try:
        return action(Demo(demo_directory()))
    except (BackgroundError, PostgresError, TimeoutError, LookupError) as error:
        tell(f"\n{error}\n\nWhat runs keeps running; make demo tries again, make demo-stop stops it.")
        return 1
    except KeyboardInterrupt:
        tell("\nInterrupted. What runs keeps running; make demo goes on from here, make demo-stop stops it.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
