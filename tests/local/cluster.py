"""docker-compose.yml without an engine: its commands, settings and secrets, as processes of this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from local.airflow_client import AirflowClient
from local.background import Background, BackgroundError, await_until
from local.bootstrap import write_secrets
from local.compose import REPOSITORY, read
from local.postgres import free_port

COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
WORKERS = ("w1", "w2")
START_SECONDS = 150.0
HEALTH_SECONDS = 60.0
MIGRATION_SECONDS = 120.0


class Cluster:
    """Redis, Airflow's components and two Celery workers with all they leave behind in ``directory``.

    ``metadata_dsn`` is a plain PostgreSQL URL. ``connections`` maps connection ids to their JSON form. ``more`` are
    settings besides those of the Compose file. A worker is called as the container that it would be in.
    """

    def __init__(
        self,
        directory: Path,
        metadata_dsn: str,
        connections: Mapping[str, Mapping[str, Any]],
        more: Mapping[str, str] | None = None,
    ) -> None:
        self.directory = Path(directory)
        self.services = read((REPOSITORY / "docker-compose.yml").read_text(), {})["services"]
        self._redis_port, self._api_port = free_port(), free_port()
        self._more = dict(more or {})
        self.secrets = self.directory / "secrets"
        self._write_secrets(metadata_dsn, connections)
        self.client = AirflowClient(f"http://127.0.0.1:{self._api_port}")

    def __enter__(self) -> Cluster:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start all, and return when each is healthy by its own check; BackgroundError where one is not in time."""
        if not shutil.which("redis-server"):
            raise BackgroundError("there is no redis-server on this machine: make redis installs one")
        self._start("redis", "redis", *self._redis_options())
        self._migrate()
        for name in COMPONENTS:
            self._start(name, name)
        for name in WORKERS:
            self._start(name, "worker", "--celery-hostname", f"celery@{name}")
        self._await(lambda: not self.client.unhealthy(), "Airflow")
        for name in WORKERS:
            self._await(partial(self.is_healthy, name), f"worker {name}")

    def stop(self) -> None:
        """End all at once: nobody looks for what they would still put in order."""
        for name in (*WORKERS, *COMPONENTS, "redis"):
            self.process(name).kill()

    @property
    def broker_url(self) -> str:
        """Where Redis listens, with its password."""
        return (self.secrets / "broker_url").read_text()

    def process(self, name: str) -> Background:
        """The process of a component, of a worker or of Redis."""
        return Background(self.directory, name)

    def is_healthy(self, worker: str) -> bool:
        """What the Compose file's health check says of a worker."""
        kind, command = self.services["worker"]["healthcheck"]["test"]
        assert kind == "CMD-SHELL"
        environment = {**self.environment(worker), "HOSTNAME": worker}
        done = subprocess.run(
            ["sh", "-c", command.replace("$$", "$")],
            env=environment,
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=HEALTH_SECONDS,
            check=False,
        )
        return done.returncode == 0

    def environment(self, name: str) -> dict[str, str]:
        """That of the Compose file, moved to this machine; nothing of the caller's own Airflow leaks in."""
        inherited = {key: os.environ[key] for key in ("HOME", "LANG", "TZ", "TMPDIR", "USER") if key in os.environ}
        service = "worker" if name in WORKERS else name
        return {
            **inherited,
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "AIRFLOW_HOME": str(self.directory / "airflow"),
            "PYTHONUNBUFFERED": "1",
            **{key: self._here(value) for key, value in self.services[service].get("environment", {}).items()},
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",  # of this machine, the only one that can ask
            "AIRFLOW__API__WORKERS": "1",
            # A container has each of these ports for itself.
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(free_port()),
            **self._more,
        }

    def _start(self, name: str, service: str, *more: str) -> None:
        command = [self._here(word) for word in self.services[service]["command"]]
        self.process(name).start([*command, *more], self.environment(name), self.directory)

    def _redis_options(self) -> list[str]:
        return ["--port", str(self._redis_port), "--bind", "127.0.0.1", "--dir", str(self.directory)]

    def _migrate(self) -> None:
        command = [self._here(word) for word in self.services["migrate"]["command"]]
        log = self.directory / "migrate.log"
        with log.open("wb") as stream:
            done = subprocess.run(
                command,
                env=self.environment("migrate"),
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                timeout=MIGRATION_SECONDS,
                check=False,
            )
        if done.returncode:
            raise BackgroundError(f"migrate failed ({done.returncode}): {log.read_text(errors='replace')[-3000:]}")

    def _await(self, is_ready: Callable[[], bool], what: str) -> None:
        def is_there() -> bool:
            for name in (*COMPONENTS, *WORKERS, "redis"):
                if not self.process(name).process():
                    raise self.process(name).died("ended while all were starting")
            return is_ready()

        if not await_until(is_there, START_SECONDS):
            raise BackgroundError(
                f"{what} was not healthy after {START_SECONDS:.0f} s; the logs are in {self.directory}"
            )

    def _here(self, text: str) -> str:
        """A word of the Compose file with the places of its containers moved to this machine."""
        moved = {
            "/run/secrets": str(self.secrets),
            "/opt/crm-sync": str(REPOSITORY),
            "http://api-server:8080": self.client.base_url,
            "http://localhost:8080": self.client.base_url,
        }
        for there, here in moved.items():
            text = text.replace(there, here)
        return str(self._api_port) if text == "8080" else text

    def _write_secrets(self, metadata_dsn: str, connections: Mapping[str, Mapping[str, Any]]) -> None:
        write_secrets(self.secrets)
        url = metadata_dsn.replace("postgresql://", "postgresql+psycopg2://", 1)
        (self.secrets / "metadata_url").write_text(url)
        (self.secrets / "result_backend_url").write_text(f"db+{url}")
        broker = self.secrets / "broker_url"
        broker.write_text(broker.read_text().replace("@redis:6379", f"@127.0.0.1:{self._redis_port}"))
        (self.secrets / "connections.json").write_text(json.dumps(connections))
