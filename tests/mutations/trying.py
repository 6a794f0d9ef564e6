"""Runs tests on a mutated copy of the tree, in a process forked from one that has loaded the libraries already."""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path

# What takes seconds to load; nothing of the project, which each process loads from its own tree.
LIBRARIES = [
    *("_pytest.assertion.rewrite", "aiohttp", "anyio", "great_expectations", "hypothesis.strategies", "jsonschema"),
    *("msgspec", "numpy", "pandas", "phonenumbers", "playwright", "psutil", "psycopg", "pycountry", "pytest"),
    *("requests", "sqlalchemy.dialects.postgresql", "tenacity", "urllib3"),
]
QUIET = ["-q", "-x", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:pytest_cov"]
QUIET += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of libraries that were loaded before
SECONDS = 600


def are_passed(tree: Path, names: list[str]) -> bool:
    """Whether the tests pass there, in time."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LIBRARIES)
    process = context.Process(target=_run, args=(str(tree), names))
    process.start()
    process.join(SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
    return process.exitcode == 0


def _run(tree: str, names: list[str]) -> None:
    os.chdir(tree)
    sys.path[:0] = [f"{tree}/plugins", f"{tree}/tests"]
    os.environ["PYTHONPATH"] = f"{tree}/plugins{os.pathsep}{tree}/tests"
    import pytest

    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    sys.exit(int(pytest.main([*QUIET, *names])))
