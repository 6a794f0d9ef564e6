"""`make mwaa`: the files that Amazon MWAA installs the package from."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

from local.wheel import DAG_FILE, build_wheel

# Where MWAA unpacks plugins.zip, and where it keeps the folder dags of the bucket.
HOME = "/usr/local/airflow"
CONSTRAINTS = "crm_sync_constraints.txt"


def write_files(folder: Path, airflow: str) -> list[Path]:
    """plugins.zip, requirements.txt and dags/, for an environment with that release of Airflow; their paths."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "dags").mkdir(parents=True)
    with tempfile.TemporaryDirectory() as work, zipfile.ZipFile(folder / "plugins.zip", "w") as plugins:
        wheel = build_wheel(Path(work))
        plugins.write(wheel, wheel.name)
    texts = {
        "requirements.txt": f'--constraint "{HOME}/dags/{CONSTRAINTS}"\n{HOME}/plugins/{wheel.name}\n',
        f"dags/{CONSTRAINTS}": f"apache-airflow=={airflow}\n",
        "dags/crm_sync_dags.py": DAG_FILE,
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    return [folder / name for name in ("plugins.zip", *texts)]


def main(arguments: list[str] | None = None) -> int:
    """``python -m local.mwaa FOLDER --airflow 3.2.2``."""
    parser = argparse.ArgumentParser(prog="python -m local.mwaa", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--airflow", required=True, help="the release of the environment")
    chosen = parser.parse_args(arguments)
    for path in write_files(chosen.folder, chosen.airflow):
        print(f"{path.relative_to(chosen.folder)}: {path.stat().st_size} bytes")
    print(f"Copy all of {chosen.folder} into the bucket of the environment; docs/deploy/mwaa.md says how to go on.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
