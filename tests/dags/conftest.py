"""The DAGs as Airflow reads them, in an Airflow of the tests' own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from system.airflow_home import REPOSITORY, spare_airflow_its_warnings, use_own_airflow

use_own_airflow()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of this folder let Airflow warn."""
    spare_airflow_its_warnings(items, Path(__file__).parent)


@pytest.fixture(scope="session")
def bag() -> Any:
    """All DAGs and import errors of dags/."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(REPOSITORY / "dags")


@pytest.fixture(scope="session")
def dags(bag: Any) -> list[Any]:
    """The DAG of each provider; there are some."""
    assert bag.import_errors == {}
    found = [bag.dags[name] for name in sorted(bag.dags) if name.startswith("crm_to_")]
    assert found
    return found
