"""A real Airflow on this machine, and its REST interface: what `make demo` shows and the system tests drive."""

from __future__ import annotations

import base64
import json
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import requests

from local.background import Background, BackgroundError, await_until
from local.postgres import free_port

REPOSITORY = Path(__file__).resolve().parents[2]
COMPONENTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")
START_SECONDS = 300.0  # on a busy machine
DAG_SECONDS = 60.0
CALL_SECONDS = 120.0  # on a busy machine
FINISHED = ("success", "failed")

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
    """`airflow standalone` in the background: scheduler, DAG processor, triggerer and API server, one process group."""

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        self.home = Path(home)
        self.environment = dict(environment)
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
        # The program beside this Python, not through PATH: PATH may not be this environment's.
        airflow = Path(sys.executable).parent / "airflow"
        self.process.start([str(airflow), "standalone"], self.environment, self.home)
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


class AirflowClient:
    """The few calls of Airflow's REST interface that a demo or a test needs; everybody is an administrator."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._session = requests.Session()
        self._session.trust_env = False  # a proxy must not stand between two programs of this machine

    def unhealthy(self) -> list[str]:
        """The components that do not report healthy; ["API"] when nobody answers."""
        try:
            answer = self._session.get(f"{self.base_url}/api/v2/monitor/health", timeout=5)
            health = answer.json() if answer.ok else {}
        except requests.RequestException:
            return ["API"]
        return [name for name in COMPONENTS if (health.get(name) or {}).get("status") != "healthy"]

    def await_dag(self, dag_id: str, seconds: float = DAG_SECONDS) -> None:
        """Return when Airflow has read the DAG; BackgroundError with its import errors when it has not in time."""
        if not await_until(lambda: self._call("GET", f"/dags/{dag_id}").ok, seconds):
            errors = self._call("GET", "/importErrors").json().get("import_errors", [])
            traces = "\n".join(f"{each['filename']}:\n{each['stack_trace']}" for each in errors)
            raise BackgroundError(
                f"Airflow did not find DAG {dag_id} within {seconds:.0f} s. {traces or 'No import errors.'}"
            )

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler run the DAG."""
        self._done("PATCH", f"/dags/{dag_id}", json={"is_paused": False})

    def pause(self, dag_id: str) -> None:
        """Keep the scheduler from starting runs of the DAG."""
        self._done("PATCH", f"/dags/{dag_id}", json={"is_paused": True})

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None, ahead_hours: float = 0) -> str:
        """Ask for a run with these parameters; its run id. ``ahead_hours``: go before runs that were due since then."""
        due = (datetime.now(UTC) - timedelta(hours=ahead_hours)).isoformat()
        wish = {"logical_date": None, "run_after": due, "conf": dict(conf or {})}
        answer = self._done("POST", f"/dags/{dag_id}/dagRuns", json=wish)
        return str(answer["dag_run_id"])

    def trigger_for(self, dag_id: str, logical_date: datetime) -> str:
        """Ask for a run of a certain logical date; its run id."""
        return str(
            self._done("POST", f"/dags/{dag_id}/dagRuns", json={"logical_date": logical_date.isoformat()})["dag_run_id"]
        )

    def clear_tasks(self, dag_id: str, run_id: str) -> int:
        """Clear all tasks of a run, as its *Clear* in the UI does; how many."""
        wish = {"dag_run_id": run_id, "dry_run": False, "only_failed": False, "reset_dag_runs": True}
        return int(self._done("POST", f"/dags/{dag_id}/clearTaskInstances", json=wish)["total_entries"])

    def clear_run(self, dag_id: str, run_id: str) -> None:
        """Clear a run by the call of its own."""
        self._done("POST", f"/dags/{dag_id}/dagRuns/{quote(run_id)}/clear", json={"dry_run": False})

    def mark_task(self, dag_id: str, run_id: str, task_id: str, state: str) -> None:
        """Somebody says that a task is in that state."""
        path = f"/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances/{task_id}"
        self._done("PATCH", path, json={"new_state": state})

    def mark_run(self, dag_id: str, run_id: str, state: str) -> None:
        """Somebody says that a run is in that state."""
        self._done("PATCH", f"/dags/{dag_id}/dagRuns/{quote(run_id)}", json={"state": state})

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """All that Airflow says of a run."""
        return self._done("GET", f"/dags/{dag_id}/dagRuns/{quote(run_id)}")

    def run_state(self, dag_id: str, run_id: str) -> str:
        """queued, running, success or failed."""
        return str(self.run(dag_id, run_id)["state"])

    def task_states(self, dag_id: str, run_id: str) -> dict[str, str]:
        """Task id → state ("waiting" where it has none yet); a mapped task has its index in brackets behind its id."""
        found = self._tasks(dag_id, run_id)
        return {_task_name(each): each["state"] or "waiting" for each in found}

    def slots(self, pool: str = "default_pool") -> dict[str, int]:
        """How many slots of a pool are occupied, and how many tasks are deferred, …, by Airflow's own names."""
        told = self._done("GET", f"/pools/{pool}")
        return {name: count for name, count in told.items() if name.endswith("slots")}

    def await_run(
        self, dag_id: str, run_id: str, timeout_seconds: float, progress: Callable[[str, str], None] = lambda *_: None
    ) -> str:
        """The state in which the run ended; ``progress`` is told (task id, state) whenever a task's state changes.

        TimeoutError, with the tasks' states, when the run has not ended in time.
        """
        known: dict[str, str] = {}

        def has_ended() -> bool:
            state = self.run_state(dag_id, run_id)  # before the tasks: an ended run's tasks are then all told
            for task, now in self.task_states(dag_id, run_id).items():
                if known.get(task, "waiting") != now:
                    progress(task, now)
                known[task] = now
            return state in FINISHED

        if not await_until(has_ended, timeout_seconds, every_seconds=0.5):
            raise TimeoutError(f"run {run_id} of {dag_id} had not ended after {timeout_seconds:.0f} s: {known}")
        return self.run_state(dag_id, run_id)

    def failed_task_logs(self, dag_id: str, run_id: str, lines: int = 25) -> str:
        """The last lines of the log of each failed task of a run."""
        parts = []
        for task in self._tasks(dag_id, run_id):
            if task["state"] == "failed":
                path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task['task_id']}/logs/{task['try_number']}"
                content = self._done("GET", path, params={"map_index": task["map_index"], "full_content": True})[
                    "content"
                ]
                parts.append(f"--- {_task_name(task)}, try {task['try_number']}")
                parts += [_log_line(line) for line in content][-lines:]
        return "\n".join(parts)

    def _tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        return list(self._done("GET", path, params={"limit": 100})["task_instances"])

    def _done(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        """The JSON of a call that must succeed."""
        answer = self._call(method, path, **request)
        if not answer.ok:
            raise BackgroundError(f"Airflow answered {answer.status_code} to {method} {path}: {answer.text[:1000]}")
        return dict(answer.json())

    def _call(self, method: str, path: str, **request: Any) -> requests.Response:
        if "Authorization" not in self._session.headers:
            token = self._session.get(f"{self.base_url}/auth/token", timeout=30)
            token.raise_for_status()
            self._session.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
        return self._session.request(method, f"{self.base_url}/api/v2{path}", timeout=CALL_SECONDS, **request)


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


def _task_name(task: Mapping[str, Any]) -> str:
    return task["task_id"] if task["map_index"] < 0 else f"{task['task_id']}[{task['map_index']}]"


def _log_line(line: Mapping[str, Any] | str) -> str:
    if isinstance(line, str):
        return line
    details = "".join(f"\n{error['exc_type']}: {error['exc_value']}" for error in line.get("error_detail") or [])
    return f"{str(line.get('timestamp') or '')[11:19]} {line['event']}{details}"
