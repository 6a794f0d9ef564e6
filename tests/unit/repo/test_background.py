"""What the demo starts is found again by another command, and stopped with all it started."""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path

import psutil
import pytest

from local.background import Background, BackgroundError, await_until
from local.demo import next_free_port
from local.postgres import free_port

STUBBORN_FAMILY = """
import signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def started(directory: Path, program: str) -> Background:
    background = Background(directory, "program")
    background.start([sys.executable, "-u", "-c", program], os.environ, directory)
    return background


def test_another_command_finds_and_stops_it(tmp_path: Path) -> None:
    started(tmp_path, "import time; print('up'); time.sleep(600)")
    found = Background(tmp_path, "program")
    process = found.process()
    assert process
    assert await_until(lambda: found.tail() == "up\n", 20)
    found.stop()
    assert found.process() is None
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_a_program_that_will_not_stop_is_killed_with_its_children(tmp_path: Path) -> None:
    background = started(tmp_path, STUBBORN_FAMILY)
    assert await_until(lambda: background.tail().endswith("\n"), 20)
    child = psutil.Process(int(background.tail()))
    background.stop(seconds=0.5)
    assert background.process() is None
    assert await_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 5)


def test_a_killed_program_takes_all_it_started_with_it_at_once(tmp_path: Path) -> None:
    background = started(tmp_path, STUBBORN_FAMILY)
    assert await_until(lambda: background.tail().endswith("\n"), 20)
    child = psutil.Process(int(background.tail()))
    background.kill()
    assert background.process() is None
    assert await_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 5)


def test_another_program_with_the_same_number_is_left_alone(tmp_path: Path) -> None:
    background = Background(tmp_path, "program")
    background.pid_file.write_text(json.dumps({"pid": os.getpid(), "started": 12.0}))
    assert background.process() is None
    background.stop()  # would end this very test


def test_the_error_shows_what_the_program_said(tmp_path: Path) -> None:
    background = started(tmp_path, "raise SystemExit('the remedy')")
    assert await_until(lambda: background.process() is None, 20)
    with pytest.raises(BackgroundError, match="the remedy"):
        raise background.died("ended")


def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < next_free_port(port) <= port + 100
