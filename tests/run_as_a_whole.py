"""At the end of a test run, holds all that the stand-ins were asked and answered against the vendors' own schemas.

The vendors' files are no part of the project; where they are not at hand, the run says so and nothing else.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from standins import conformance

RECORD = "STANDIN_RECORD"
_SAID = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Where a schema is at hand, every stand-in of this run, in whichever process, writes down its exchanges."""
    config.stash[_SAID] = []
    if RECORD not in os.environ and any(map(conformance.specs, conformance.checked_providers())):
        folder = tempfile.mkdtemp(prefix="crm-sync-exchanges-")
        os.environ[RECORD] = folder
        config.add_cleanup(lambda: shutil.rmtree(folder))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """The run fails where an exchange departs from its schema."""
    if hasattr(session.config, "workerinput"):
        return  # one of several processes; the one that started them looks at all
    for provider in conformance.checked_providers():
        said, is_well = verdict(provider)
        session.config.stash[_SAID].append(said)
        if not is_well:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def verdict(provider: str) -> tuple[str, bool]:
    """What is to be said of a provider's exchanges, and whether all agree with its schema."""
    if not conformance.specs(provider):
        return f"{provider}: skipped, the vendor's files are not here; name their folder in STANDIN_SPECS", True
    found, exchanges = conformance.check_recording(Path(os.environ[RECORD]), provider)
    taken = conformance.vendor(provider).SEEN_TO_BE_TAKEN
    departures = [f"{times} x {fault}" for fault, times in found.items() if fault not in taken]
    told = "; ".join(departures) or "all agree with the vendor's schema"
    return f"{provider}: {exchanges:,} different exchanges, {told}", not departures


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say it in any case, as a skipped test would."""
    terminalreporter.section("exchanges with the stand-ins")
    for said in config.stash[_SAID]:
        terminalreporter.line(said)
