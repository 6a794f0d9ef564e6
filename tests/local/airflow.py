"""A real Airflow on this machine: what `make demo` shows and the system tests drive."""

from __future__ import annotations

import base64
import json
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from local.airflow_client import AirflowClient
from local.background import Background, await_until
from local.postgres import free_port

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 300.0  # on a busy machine

Progress = Callable[[str], None]


def airflow_environment(
    home: Path,
    metadata_dsn: str,
    port: int,
    connections: Mapping[str, Mapping[str, Any]] | None = None,
    dags: Path = REPOSITORY / "dags",
    plugins: Path = REPOSITORY / "plugins",
    more: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The environment of every Airflow process that works in ``home``; nothing of the caller's own Airflow leaks in.

    ``metadata_dsn`` is a plain PostgreSQL URL. ``connections`` maps connection ids to their JSON form; give each
    a port, because the Test button of Airflow 3.3.2 answers 400 for a connection without one.
    """
    inherited = {name: os.environ[name] for name in ("HOME", "LANG", "TZ", "TMPDIR", "USER") if name in os.environ}
    settings = _settings(home, metadata_dsn, port, dags, plugins)
    return {
        **inherited,
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",  # Airflow starts `airflow` by name
        "AIRFLOW_HOME": str(home),
        "PYTHONPATH": str(plugins),  # before what the environment has installed, which may be another checkout's
        "PYTHONUNBUFFERED": "1",
        **{f"AIRFLOW__{name}": value for name, value in settings.items()},
        **{f"AIRFLOW_CONN_{name.upper()}": json.dumps(value) for name, value in (connections or {}).items()},
        **(more or {}),
    }


def _settings(home: Path, metadata_dsn: str, port: int, dags: Path, plugins: Path) -> dict[str, str]:
    """Airflow's own, by section and name."""
    return {
        "CORE__DAGS_FOLDER": str(dags),
        "CORE__PLUGINS_FOLDER": str(plugins),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "8",
        "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "CORE__TEST_CONNECTION": "Enabled",
        # The driver is named: what plain postgresql:// means depends on the version of SQLAlchemy.
        "DATABASE__SQL_ALCHEMY_CONN": metadata_dsn.replace("postgresql://", "postgresql+psycopg2://", 1),
        "API__HOST": "127.0.0.1",  # everybody is an administrator here: never listen to the network
        "API__PORT": str(port),
        "API__BASE_URL": f"http://127.0.0.1:{port}",
        "API__WORKERS": "1",
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",  # the default second is what a short run mostly waits for
        "SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
        "DAG_PROCESSOR__REFRESH_INTERVAL": "10",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "5",
        # Two Airflows on one machine would fight for the default 8793 and 8794.
        "LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
        "LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
        **kept_secrets(home),
    }


class AirflowService:
    """`airflow standalone` in the background: scheduler, DAG processor, triggerer and API server, one process group.

    ``programs``: the folder with `airflow`, that of this Python unless another is meant.
    """

    def __init__(
        self, home: Path, environment: Mapping[str, str], programs: Path = Path(sys.executable).parent
    ) -> None:
        self.home = Path(home)
        self.environment = dict(environment)
        self.programs = programs
        self.process = Background(self.home, "standalone")
        self.client = AirflowClient(environment["AIRFLOW__API__BASE_URL"])

    def __enter__(self) -> AirflowService:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, progress: Progress = lambda _: None, seconds: float = START_SECONDS) -> None:
        """Start all components and return when each is healthy; BackgroundError with the log's end if not in time.

        ``progress`` is told which components are still awaited, each time that changes.
        """
        # By its place, not through PATH: PATH may not be this environment's.
        self.process.start([str(self.programs / "airflow"), "standalone"], self.environment, self.home)
        told: list[str] = []

        def is_healthy() -> bool:
            if not self.process.process():
                raise self.process.died("ended while it was starting")
            missing = ", ".join(self.client.unhealthy())
            if missing and missing not in told[-1:]:
                told.append(missing)
                progress(f"waiting for {missing}")
            return not missing

        if not await_until(is_healthy, seconds):
            error = self.process.died(f"was not healthy after {seconds:.0f} s, missing: {told[-1]}")
            self.stop()
            raise error

    def is_running(self) -> bool:
        """Whether the process lives and all components report healthy."""
        return bool(self.process.process()) and not self.client.unhealthy()

    def stop(self) -> None:
        """Stop all components; takes about ten seconds."""
        self.process.stop()


def kept_secrets(home: Path) -> dict[str, str]:
    """Keys that all components share and that outlive a restart, made once; readable for their owner only."""
    kept = Path(home) / "secrets.json"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        made = {
            "CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "API_AUTH__JWT_SECRET": secrets.token_hex(64),
            "API__SECRET_KEY": secrets.token_hex(32),
        }
        kept.touch(mode=0o600)
        kept.write_text(json.dumps(made))
    return dict(json.loads(kept.read_text()))
