"""An Airflow of the tests' own: its settings must be in the environment before Airflow is imported."""

from __future__ import annotations

import atexit
import base64
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
_MARK = "CRMSYNC_TEST_AIRFLOW_HOME"


def use_own_airflow() -> Path:
    """Point Airflow at a fresh home, once for the session; the home. Safe to call again."""
    if _MARK in os.environ:
        return Path(os.environ[_MARK])
    if "airflow" in sys.modules:
        raise RuntimeError("Airflow was imported before its tests could choose its home; import it inside the tests")
    home = Path(tempfile.mkdtemp(prefix="crm-sync-airflow-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    for name in [name for name in os.environ if name.startswith(("AIRFLOW_", "CRM_SYNC_"))]:
        del os.environ[name]  # a developer's own Airflow is none of the tests' business
    settings = {
        "CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__FERNET_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "API_AUTH__JWT_SECRET": "0123456789abcdef" * 4,
    }
    os.environ.update({f"AIRFLOW__{name}": value for name, value in settings.items()})
    os.environ.update({"AIRFLOW_HOME": str(home), _MARK: str(home)})
    return home


def spare_airflow_its_warnings(items: list[pytest.Item], folder: Path) -> None:
    """Warnings are errors everywhere; those of Airflow, and of what it stands on, are not ours to mend."""
    ours = pytest.mark.filterwarnings("ignore", r"error:::(crm_sync|standins|local|system)")
    for item in items:
        if folder in item.path.parents:
            item.add_marker(ours)
