"""A program that outlives the command that started it, found again and stopped by a later one."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

STOP_SECONDS = 20.0


class BackgroundError(RuntimeError):
    """A program did not start; the message holds the end of its log."""


class Background:
    """One program in a process group of its own; its log and process id are ``directory/name.log`` and ``.pid``.

    The id is kept with the process's start time: after a reboot another program may wear the same number.
    """

    def __init__(self, directory: Path, name: str) -> None:
        self.log = Path(directory) / f"{name}.log"
        self.pid_file = Path(directory) / f"{name}.pid"
        self.name = name

    def start(self, command: Sequence[str], environment: Mapping[str, str], directory: Path) -> None:
        """Start ``command`` in ``directory``; its output replaces the log of the run before."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                command,
                env=dict(environment),
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal ends the command that waits, not this
                preexec_fn=_listen_to_interrupts,
            )
        process.returncode = 0  # or Popen warns that it still runs: it shall outlive this object
        started = psutil.Process(process.pid).create_time()
        self.pid_file.write_text(json.dumps({"pid": process.pid, "started": started}))

    def process(self) -> psutil.Process | None:
        """The running program, or None."""
        try:
            known = json.loads(self.pid_file.read_text())
            process = psutil.Process(known["pid"])
            is_same = abs(process.create_time() - known["started"]) < 1
            return process if is_same and process.status() != psutil.STATUS_ZOMBIE else None
        except (FileNotFoundError, ValueError, KeyError, psutil.NoSuchProcess):
            return None

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Interrupt the program, and after ``seconds`` kill it and all it started; nothing when it does not run."""
        process = self.process()
        if process:
            family = [process, *process.children(recursive=True)]
            process.send_signal(signal.SIGINT)
            _, alive = psutil.wait_procs(family, timeout=seconds)
            for each in alive:
                each.kill()
            psutil.wait_procs(alive, timeout=5)
        self.pid_file.unlink(missing_ok=True)

    def kill(self) -> None:
        """End the program and all it started at once, as a machine does that loses its power."""
        if process := self.process():
            end_at_once(process)

    def tail(self, characters: int = 3000) -> str:
        """The end of the log."""
        return self.log.read_text(errors="replace")[-characters:] if self.log.exists() else ""

    def died(self, what_for: str) -> BackgroundError:
        """The error for a program that is not (any more) there, with the end of its log."""
        return BackgroundError(f"{self.name} {what_for}; {self.log} ends with:\n{self.tail()}")


def end_at_once(process: psutil.Process) -> None:
    """Kill a process and all it started."""
    process.suspend()  # it starts no other while we look
    family = [process, *process.children(recursive=True)]
    for each in family:
        with suppress(psutil.NoSuchProcess):
            each.kill()
    psutil.wait_procs(family, timeout=5)


def await_until(ready: Callable[[], bool], seconds: float, every_seconds: float = 0.2) -> bool:
    """Call ``ready`` until it is true or ``seconds`` have passed; whether it became true."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            return False
        time.sleep(every_seconds)
    return True


def _listen_to_interrupts() -> None:
    # A shell starts background jobs with SIGINT ignored, and children inherit that: they could not be stopped gently.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
