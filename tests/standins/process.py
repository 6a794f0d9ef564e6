"""A stand-in as a separate process for tests: started, awaited, scripted and ended."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import requests

TESTS = Path(__file__).resolve().parent.parent
START_SECONDS = 30.0
POLL_SECONDS = 0.02
CONTROL_SECONDS = 300.0


class StandInError(RuntimeError):
    """The stand-in did not start, or refused a control request."""


class Controls:
    """The control routes of a running stand-in at ``url``."""

    def __init__(self, url: str) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self.url = url

    def control(self, method: str, name: str, body: object = None, **query: Any) -> Any:
        """One request to /_standin/<name>; the decoded answer. Raises StandInError."""
        address = f"{self.url}/_standin/{name}"
        response = self._session.request(method, address, json=body, params=query, timeout=CONTROL_SECONDS)
        if response.status_code != 200:
            raise StandInError(f"{method} {name}: {response.text}")
        return response.json()

    def reset(self) -> None:
        """State, switches, faults, clock and log as at the start."""
        self.control("POST", "reset")

    def state(self, **query: object) -> Any:
        """The state; counts=1 for counts alone, history=1 for the status changes as well."""
        return self.control("GET", "state", **query)

    def act(self, action: str, **details: object) -> Any:
        """Something done by hand at the provider, for example act("unsubscribe", address=...)."""
        return self.control("POST", "state", {"action": action} | details)

    def requests(self, **query: object) -> Any:
        """The request log."""
        return self.control("GET", "requests", **query)

    def keep_bodies(self, keeps: bool = True) -> None:
        """Whether the log holds bodies from now on."""
        self.control("POST", "requests", {"bodies": keeps})

    def clear_requests(self) -> None:
        """Forget the requests so far."""
        self.control("DELETE", "requests")

    def fault(
        self, kind: str, *, method: str = "", path_regex: str = "", body_regex: str = "", **details: object
    ) -> Any:
        """Put a fault in force, for example fault("cut_after", method="POST", times=1)."""
        match = {"method": method, "path_regex": path_regex, "body_regex": body_regex}
        return self.control("POST", "faults", {"kind": kind, "match": match} | details)

    def faults(self) -> Any:
        """The faults in force with their counters."""
        return self.control("GET", "faults")

    def clear_faults(self) -> None:
        """No faults any more."""
        self.control("DELETE", "faults")

    def clock(self, **wish: object) -> Any:
        """Read the clock, or change it: set=..., advance_seconds=..., frozen=True."""
        return self.control("POST" if wish else "GET", "clock", wish or None)

    def switch(self, **changes: object) -> Any:
        """Turn assumed behaviours; answers all switches."""
        return self.control("POST", "switches", changes)


class StandIn(Controls):
    """`with StandIn("mailchimp") as s:` gives a running service; `s.url` is its root, without a path."""

    def __init__(self, provider: str, *, port: int = 0, environment: dict[str, str] | None = None) -> None:
        self._command = [sys.executable, "-m", "standins", "--provider", provider, "--port", str(port)]
        path = os.pathsep.join(filter(None, [str(TESTS), os.environ.get("PYTHONPATH", "")]))
        self._environment = os.environ | {"PYTHONPATH": path} | (environment or {})
        super().__init__("")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Start the process and wait until it listens. Raises StandInError with what it printed."""
        self._output = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(
            self._command, env=self._environment, stdout=self._output, stderr=subprocess.STDOUT
        )
        deadline = time.monotonic() + START_SECONDS
        while not self.url:
            if self._process.poll() is not None or time.monotonic() > deadline:
                printed = self.output()
                self.stop()
                raise StandInError(f"the stand-in did not start: {printed}")
            time.sleep(POLL_SECONDS)
            self.url = self._announced()
        return self

    def _announced(self) -> str:
        found = re.search(r"listening on (http://[\d.]+:\d+)\n", self.output())
        return found[1] if found else ""

    def output(self) -> str:
        """What the process has printed so far."""
        return os.pread(self._output.fileno(), 1_000_000, 0).decode()

    def stop(self) -> None:
        """End the process; safe to call twice."""
        self._session.close()
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._output.close()

    @property
    def pid(self) -> int:
        """The process id, for measuring its memory."""
        return self._process.pid


# How the fixture of the tests is asked for the running stand-in of a provider, by its name.
Fresh = Callable[[str], StandIn]
