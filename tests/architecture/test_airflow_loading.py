"""What Airflow loads by itself: DAG files stay light, and the library is not run as a heap of plugins."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from architecture.source import DAGS, PLUGINS, modules

HEAVY = ("pandas", "numpy", "great_expectations")
LONGEST_DAG_FILE = 40

PARSE_DAGS = """
import gc, importlib.util, json, sys
for number, path in enumerate(sys.argv[1:]):
    spec = importlib.util.spec_from_file_location(f"dag_file_{number}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
from airflow.sdk import DAG
dags = [each.dag_id for each in gc.get_objects() if isinstance(each, DAG)]
print(json.dumps({"dags": dags, "modules": sorted(sys.modules)}))
"""
LOAD_PLUGINS = """
import json, sys
import airflow.plugins_manager as manager
plugins, errors = manager._get_plugins()
print(json.dumps({"plugins": [plugin.name for plugin in plugins], "errors": errors,
                  "modules": {name: getattr(module, "__file__", None) for name, module in list(sys.modules.items())}}))
"""


def run_airflow(program: str, home: Path, *arguments: str, plugins: Path = PLUGINS) -> Any:
    """Run a program in an Airflow of its own without a database; the JSON in its last line."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": str(PLUGINS),
    }
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def executed_by_bare_name(loaded: Any, plugins: Path) -> list[str]:
    """Files of the library that the loader ran under their stem instead of their package."""
    folder = str(plugins / "crm_sync") + os.sep
    return sorted(
        name for name, file in loaded["modules"].items() if file and file.startswith(folder) and "crm_sync" not in name
    )


def test_the_loader_leaves_the_library_alone(tmp_path: Path) -> None:
    assert len(modules(PLUGINS, "crm_sync")) >= 15
    loaded = run_airflow(LOAD_PLUGINS, tmp_path)
    assert executed_by_bare_name(loaded, PLUGINS) == []
    assert loaded["errors"] == {}
    assert [name for name in HEAVY if name in loaded["modules"]] == [], "the API server would carry these"


def test_without_the_ignore_file_the_loader_would_run_the_library(tmp_path: Path) -> None:
    plugins = tmp_path / "plugins"
    (plugins / "crm_sync").mkdir(parents=True)
    for name in ("__init__.py", "errors.py", "model.py"):
        shutil.copy(PLUGINS / "crm_sync" / name, plugins / "crm_sync")
    loaded = run_airflow(LOAD_PLUGINS, tmp_path, plugins=plugins)
    assert {"errors", "model"} <= set(executed_by_bare_name(loaded, plugins))
    shutil.copy(PLUGINS / ".airflowignore", plugins)
    assert executed_by_bare_name(run_airflow(LOAD_PLUGINS, tmp_path, plugins=plugins), plugins) == []


def test_no_plugin_file_takes_a_name_of_the_standard_library() -> None:
    paths = [path for path in PLUGINS.rglob("*") if path.suffix == ".py" or path.is_dir()]
    assert len(paths) >= 20
    assert [str(path) for path in paths if path.stem in sys.stdlib_module_names] == []


@pytest.mark.parametrize("root", [PLUGINS, DAGS], ids=["plugins", "dags"])
def test_imports_are_absolute(root: Path) -> None:
    found = modules(root)
    assert found
    assert [place for module in found for place in module.relative_imports()] == []


def test_dag_files_are_short_and_found_by_airflow() -> None:
    files = modules(DAGS)
    assert files
    for module in files:
        text = module.path.read_text()
        assert len(text.splitlines()) <= LONGEST_DAG_FILE, module.label
        assert "airflow" in text.lower(), f"{module.label}: Airflow skips files without both words"
        assert "dag" in text.lower(), f"{module.label}: Airflow skips files without both words"


def test_reading_dag_files_loads_nothing_heavy(tmp_path: Path) -> None:
    paths = [str(module.path) for module in modules(DAGS)]
    assert paths
    loaded = run_airflow(PARSE_DAGS, tmp_path, *paths)
    assert "crm_to_mailchimp" in loaded["dags"]
    heavy = ("pandas", "great_expectations", "openlineage.client", "opentelemetry.sdk.metrics")
    assert [name for name in heavy if name in loaded["modules"]] == []
