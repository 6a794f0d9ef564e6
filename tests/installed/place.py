"""An environment with an Airflow of a certain release and without the checkout: what a stranger begins with."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from local.wheel import REPOSITORY

PIP_SECONDS = 1800
COMMAND_SECONDS = 600
# What Airflow's constraints file holds back, and its packages do not: with newer ones its API server does not start.
HELD_BACK = {"3.2": ("cadwyn<8", "fastapi<0.137", "pydantic<2.14")}


@dataclass
class Place:
    """``home``: the stranger's folder, which Airflow has for its own. ``took``: what they did → seconds. ``is_busy``:
    whether other programs kept all cores busy before."""

    folder: Path
    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)
    is_busy: bool = field(default_factory=lambda: os.getloadavg()[0] > (os.cpu_count() or 1))

    @property
    def programs(self) -> Path:
        """Where airflow and crm-sync are."""
        return self.folder / "bin"

    def install(self, *what: str) -> None:
        """By the pip of the environment; its packages are compiled, as Airflow starts slowly where they are not."""
        command: list[str | Path] = [self.programs / "python", "-m", "pip", "install", "--quiet", "--compile", *what]
        subprocess.run(command, check=True, timeout=PIP_SECONDS)

    def versions(self) -> dict[str, str]:
        """Package → version of those that a table of the docs names."""
        named = ("apache-airflow", "SQLAlchemy", "fastapi", "pandas")
        program = f"import importlib.metadata as m; print(*(m.version(name) for name in {named}))"
        found = subprocess.run([self.programs / "python", "-c", program], check=True, capture_output=True, text=True)
        return dict(zip(named, found.stdout.split(), strict=True))

    def versions_of_airflow(self) -> list[str]:
        """The packages of Airflow itself that an installation must leave as they are, with their versions."""
        listed: list[str | Path] = [self.programs / "python", "-m", "pip", "list", "--format", "freeze"]
        found = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.splitlines()
        names = ("apache-airflow==", "apache-airflow-core==", "apache-airflow-task-sdk==", "SQLAlchemy==", "fastapi==")
        return [line for line in found if line.startswith(names)]

    def run(self, *command: str, more: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """A command of the environment, in the stranger's home and with their connections."""
        return subprocess.run(
            [self.programs / command[0], *command[1:]],
            env={**self.environment, **(more or {})},
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Keep how long it took."""
        started = time.monotonic()
        yield
        self.took[what] = time.monotonic() - started


def place_with_airflow(version: str, more: list[str], home: Path) -> Place:
    """An environment below build/, made anew, with that Airflow alone and ``more``: requirements that narrow what pip
    would choose beside it."""
    folder = REPOSITORY / "build" / f"airflow-{version}"
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True, timeout=PIP_SECONDS)
    place = Place(folder, home)
    place.install("--upgrade", "pip")
    held_back = HELD_BACK.get(version.rpartition(".")[0], ())
    place.install(f"apache-airflow=={version}", *held_back, *more)
    return place
