"""The package as people get it, and the two lines that they write to use it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD_SECONDS = 600
# What the documentation tells a stranger to write, and what may stand in a DAG file besides.
DAG_FILE = '''"""The Airflow DAGs of CRM Sync."""
from crm_sync.dags import create_dags
globals().update(create_dags())
'''


def build_wheel(folder: Path) -> Path:
    """The wheel of this checkout, built in ``folder`` of a copy: a build leaves files beside what it builds."""
    for name in ("plugins", "sql"):
        shutil.copytree(REPOSITORY / name, folder / "source" / name)
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(REPOSITORY / name, folder / "source")
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    command = [sys.executable, "-m", "pip", "wheel", *options, str(folder / "source")]
    subprocess.run(command, check=True, timeout=BUILD_SECONDS)
    (wheel,) = folder.glob("crm_sync-*.whl")
    return wheel
