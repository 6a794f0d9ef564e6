"""The Airflow of demo and tests runs this checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from local.airflow import REPOSITORY, airflow_environment


def test_the_package_is_that_of_this_checkout_whatever_the_environment_has_installed(tmp_path: Path) -> None:
    environment = airflow_environment(tmp_path, "postgresql://postgres@127.0.0.1:1/airflow", 1)
    command = [sys.executable, "-c", "import crm_sync; print(crm_sync.__file__)"]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).parent == REPOSITORY / "plugins" / "crm_sync"
