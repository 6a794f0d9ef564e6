"""A wheel, installed where there is no checkout, brings all that a synchronization needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from local.wheel import DAG_FILE, build_wheel
from standins.process import StandIn
from system.association import Association, as_environment
from system.connections import connections_of

PROGRAM = """
import json
from pathlib import Path
import crm_sync
from airflow import plugins_manager
from airflow.dag_processing.dagbag import DagBag
from airflow.providers_manager import ProvidersManager
from crm_sync.web.application import create

bag = DagBag(Path("dags"))
ended = bag.dags["crm_to_mailchimp"].test(run_conf={"mode": "full"})
plugins, errors = plugins_manager._get_plugins()
print(json.dumps({
    "package": crm_sync.__file__,
    "errors": [*bag.import_errors.values(), *errors.values()],
    "dags": sorted(bag.dags),
    "file": bag.dags["crm_to_mailchimp"].fileloc,
    "state": ended.state,
    "plugins": [plugin.name for plugin in plugins].count("crm_sync"),
    "forms": "mailchimp" in ProvidersManager().hooks,
    "routes": len(create().routes),
}))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the wheel, and from this one the packages that it needs."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    wheel = build_wheel(folder)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True, timeout=600)
    python = folder / "venv/bin/python"
    (site,) = (folder / "venv/lib").glob("python*/site-packages")
    subprocess.run([*pip, "--python", str(python), "install", "--no-deps", str(wheel)], check=True, timeout=600)
    needed = folder / "needed"
    needed.mkdir()
    for each in Path(sysconfig.get_paths()["purelib"]).iterdir():
        if "crm_sync" not in each.name:  # the checkout is installed here, as another distribution of the same name
            (needed / each.name).symlink_to(each)
    # What the path files among them name is not followed from here.
    (site / "needed.pth").write_text(f"{needed}\n")
    return python


def test_an_installed_wheel_synchronizes_without_a_checkout(
    installed: Path, association: Association, state_dsn: str, standin: StandIn, tmp_path: Path
) -> None:
    news = association.list("News")
    association.contact("ann", news)
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags/crm_sync_dags.py").write_text(DAG_FILE)
    environment = {
        "PATH": f"{installed.parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__DAGS_FOLDER": str(tmp_path / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__FERNET_KEY": os.environ["AIRFLOW__CORE__FERNET_KEY"],
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path}/airflow.db",
        **as_environment(connections_of("mailchimp", association.crm_dsn, state_dsn, standin)),
    }
    run: dict[str, Any] = {"env": environment, "cwd": tmp_path, "capture_output": True, "text": True, "timeout": 1200}
    migrated = subprocess.run([installed, "-m", "airflow", "db", "migrate"], check=False, **run)
    assert migrated.returncode == 0, migrated.stderr[-2000:]
    command = installed.with_name("crm-sync")
    made = subprocess.run([command, "migrate"], check=False, **run)
    checked = subprocess.run([command, "check", "--provider", "mailchimp"], check=False, **run)
    assert (made.returncode, checked.returncode) == (0, 0), made.stderr + checked.stdout
    done = subprocess.run([installed, "-c", PROGRAM], check=False, **run)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert Path(found["package"]).is_relative_to(installed.parents[1])
    assert found["errors"] == []
    assert {"crm_to_mailchimp", "crm_sync_approval", "crm_sync_watch"} <= set(found["dags"])
    assert found["file"] == "dags/crm_sync_dags.py"  # the file of the user, where Airflow shows the code
    assert (found["state"], found["plugins"], found["forms"]) == ("success", 1, True)
    assert found["routes"] > 10
    assert [each["address"] for each in standin.state()["members"]] == ["ann@example.org"]
