"""The few calls of Airflow's REST interface that a demo or a test needs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import requests

from local.background import BackgroundError, await_until

COMPONENTS = ("metadatabase", "scheduler", "dag_processor", "triggerer")
DAG_SECONDS = 60.0
CALL_SECONDS = 120.0  # on a busy machine
FINISHED = ("success", "failed")


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

    def add_connections(self, connections: Mapping[str, Mapping[str, Any]]) -> None:
        """Keep connections, given in their JSON form, in Airflow's own database."""
        for connection_id, each in connections.items():
            extra = {"extra": json.dumps(each["extra"])} if "extra" in each else {}
            self._done("POST", "/connections", json={"connection_id": connection_id, **each, **extra})

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

    def run_ids(self, dag_id: str) -> list[str]:
        """The runs of a DAG, a hundred at most."""
        return [str(each["dag_run_id"]) for each in self._done("GET", f"/dags/{dag_id}/dagRuns")["dag_runs"]]

    def choose(self, dag_id: str, run_id: str, task_id: str, option: str) -> None:
        """Answer what a task asks."""
        path = f"/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances/{task_id}/-1/hitlDetails"
        self._done("PATCH", path, json={"chosen_options": [option], "params_input": {}})

    def page(self, path: str) -> requests.Response:
        """A page of a plugin."""
        self._log_in()
        return self._session.get(f"{self.base_url}{path}", timeout=CALL_SECONDS)

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
        self._log_in()
        return self._session.request(method, f"{self.base_url}/api/v2{path}", timeout=CALL_SECONDS, **request)

    def _log_in(self) -> None:
        if "Authorization" not in self._session.headers:
            token = self._session.get(f"{self.base_url}/auth/token", timeout=CALL_SECONDS)
            token.raise_for_status()
            self._session.headers["Authorization"] = f"Bearer {token.json()['access_token']}"


def _task_name(task: Mapping[str, Any]) -> str:
    return task["task_id"] if task["map_index"] < 0 else f"{task['task_id']}[{task['map_index']}]"


def _log_line(line: Mapping[str, Any] | str) -> str:
    if isinstance(line, str):
        return line
    details = "".join(f"\n{error['exc_type']}: {error['exc_value']}" for error in line.get("error_detail") or [])
    return f"{str(line.get('timestamp') or '')[11:19]} {line['event']}{details}"
