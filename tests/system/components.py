"""Scheduler and triggerers of a real Airflow one by one: what dies, what begins anew, what only seems to be dead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from local.airflow import AirflowService
from local.background import Background, end_at_once
from local.postgres import free_port


class Components:
    """Those of an Airflow that runs. What is started here must be killed here: ``kill`` ends the first and the later
    ones alike."""

    def __init__(self, airflow: AirflowService) -> None:
        self.airflow = airflow
        self._begun: list[Background] = []

    def kill(self, name: str) -> None:
        """End each process of that name at once, with all it started."""
        for process in self.living(name):
            end_at_once(process)

    def start(self, name: str) -> Background:
        """One more process of that name."""
        begun = Background(self.airflow.home, f"{name}-{len(self._begun) + 1}")
        ports = {"AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port())}  # the one before it may be alive
        command = [str(self.airflow.programs / "airflow"), name]
        begun.start(command, self.airflow.environment | ports, self.airflow.home)
        self._begun.append(begun)
        return begun

    @contextmanager
    def stopped(self, name: str) -> Iterator[None]:
        """Each process of that name stands still inside, and goes on afterwards as though no time had passed."""
        family = [each for one in self.living(name) for each in (one, *one.children(recursive=True))]
        for each in family:
            each.suspend()
        try:
            yield
        finally:
            for each in family:
                each.resume()

    def living(self, name: str) -> list[psutil.Process]:
        """The processes of that name."""
        standalone = self.airflow.process.process()
        theirs = standalone.children() if standalone else []
        ours = [process for each in self._begun if (process := each.process())]
        return [each for each in (*theirs, *ours) if _is(each, name)]


def _is(process: psutil.Process, name: str) -> bool:
    return process.status() != psutil.STATUS_ZOMBIE and str(process.cmdline()[-1]) == name
