"""A Tendenci in a process of its own, with its own packages, told what happens at its association."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import urlsplit

DRIVERS = Path(__file__).resolve().parent / "drivers"
HOME = DRIVERS.parents[2] / "build" / "tendenci"
PYTHON = HOME / "bin" / "python"
TEMPLATE, FILLED = "tendenci_empty", "tendenci_filled"


class CrashError(Exception):
    """Tendenci did not do what it was asked for; its own traceback."""


class Tendenci:
    """It at work on one database of the server behind ``dsn``."""

    def __init__(self, dsn: str, folder: Path) -> None:
        place = urlsplit(dsn)
        self._environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {
            "PGHOST": str(place.hostname),
            "PGPORT": str(place.port),
            "PGUSER": str(place.username),
            "PGDATABASE": place.path.lstrip("/"),
            "DJANGO_SETTINGS_MODULE": "site_settings",
            "TENDENCI_PROJECT_ROOT": str(folder / "site"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self._log: IO[str] = (folder / "tendenci.log").open("w")

    def __enter__(self) -> Self:
        command = [str(PYTHON), "-W", "ignore", str(DRIVERS / "driver.py")]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self._log}
        self._process = subprocess.Popen(command, env=self._environment, text=True, bufsize=1, **pipes)
        return self

    def __exit__(self, *_: object) -> None:
        """It ends with its input."""
        assert self._process.stdin is not None
        with self._process, self._log:
            self._process.stdin.close()

    def __call__(self, call: str, **arguments: Any) -> Any:
        """What a function of a module in ``drivers`` returns. Raises CrashError."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"call": call, "arguments": arguments}) + "\n")
        line = self._process.stdout.readline()
        if not line:
            raise CrashError(f"it ended with {self._process.wait()}; see {self._log.name}")
        told = json.loads(line)
        if "crash" in told:
            raise CrashError(told["crash"])
        return told["answer"]
