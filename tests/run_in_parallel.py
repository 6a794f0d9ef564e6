"""Divides a test run among processes (pytest -n 2): what shares a costly fixture stays together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from collections.abc import Callable

# Folders whose modules share one Airflow; elsewhere a module is the unit.
TOGETHER = ("tests/system/pages/",)


def unit_of(node_id: str) -> str:
    """What a test may not be parted from: the tests of its module, or of its folder."""
    return next((folder for folder in TOGETHER if node_id.startswith(folder)), node_id.partition("::")[0])


class ByUnit(LoadScopeScheduling):
    """Gives whole units to whichever process is free."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Callable[..., Any]) -> ByUnit:
    """Asked by xdist once all processes have collected."""
    return ByUnit(config, log)
