"""Runs stages of a run in a process that dies by SIGKILL at a moment told beforehand, the same in every play.

`python -m convergence.killable` reads one JSON object a line: {world: {...}, stages, airflow_run_id, kill_at}.
A forked child runs the stages and counts moments: before each call, after its answer, after each commit in the state
database. At number ``kill_at`` it kills itself, so that nothing of it can tidy up.
Answers {"killed": bool, "error": class name or ""}.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from urllib3.connectionpool import HTTPConnectionPool

from local.world import World

TESTS = Path(__file__).resolve().parent.parent


class Killable:
    """The process that forks a child for each wish; `with Killable() as k: k.play(...)`."""

    def __enter__(self) -> Self:
        path = os.pathsep.join([str(TESTS), str(TESTS.parent / "plugins"), os.environ.get("PYTHONPATH", "")])
        command = [sys.executable, "-m", "convergence.killable"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path}
        )
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()

    def play(self, world: World, stages: list[str], airflow_run_id: str, kill_at: int) -> dict[str, Any]:
        """Run ``stages`` of an open run, killed at that moment."""
        facts = {
            "crm_dsn": world.crm_dsn,
            "state_dsn": world.state_dsn,
            "provider_url": world.provider_url,
            "way": world.way,
            "facts": world.facts,
        }
        wish = {"world": facts, "stages": stages, "airflow_run_id": airflow_run_id, "kill_at": kill_at}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(wish) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the killable process ended; its error stands above"
        return dict(json.loads(answer))


class _Countdown:
    """Counts moments, and kills this process at the one that was told."""

    def __init__(self, kill_at: int) -> None:
        self._left = kill_at

    def moment(self) -> None:
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, function: Callable[..., Any], *, before: bool) -> Callable[..., Any]:
        """``function`` with a moment after it, and before it where asked for."""

        def counted(*args: Any, **kwargs: Any) -> Any:
            if before:
                self.moment()
            answer = function(*args, **kwargs)
            self.moment()
            return answer

        return counted


def _child(wish: dict[str, Any]) -> str:
    world = World(**wish["world"])
    countdown = _Countdown(wish["kill_at"])
    HTTPConnectionPool.urlopen = countdown.around(HTTPConnectionPool.urlopen, before=True)  # type: ignore[method-assign]  # counts
    engine = world.state.engine
    engine.dialect.do_commit = countdown.around(engine.dialect.do_commit, before=False)  # type: ignore[method-assign]  # counts
    try:
        for name in wish["stages"]:
            world.stage(name, wish["airflow_run_id"])
    except Exception as error:  # noqa: BLE001 - told to the parent by its class
        return type(error).__name__
    return ""


def main() -> None:
    """Fork a child for each line."""
    import crm_sync.pipeline.load
    import crm_sync.pipeline.plan
    import crm_sync.pipeline.record  # noqa: F401
    from crm_sync import providers

    for name in providers.names():  # loaded once, not in every child
        importlib.import_module(f"crm_sync.providers.{name}.client")

    for line in sys.stdin:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            os.write(writing, _child(json.loads(line)).encode() + b"\n")
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as told:
            error = told.read().strip()
        _, status = os.waitpid(child, 0)
        print(json.dumps({"killed": os.WIFSIGNALED(status), "error": error}), flush=True)


if __name__ == "__main__":
    main()
