"""The files for Amazon MWAA belong together: each names the others as they lie there."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from local.mwaa import HOME, main


def test_what_requirements_name_is_where_mwaa_puts_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "mwaa"

    assert main([str(folder), "--airflow", "3.2.2"]) == 0

    (wheel,) = zipfile.ZipFile(folder / "plugins.zip").namelist()
    assert re.fullmatch(r"crm_sync-[\d.]+-py3-none-any\.whl", wheel)
    constraint, package = (folder / "requirements.txt").read_text().splitlines()
    assert package == f"{HOME}/plugins/{wheel}"
    named = re.fullmatch(rf'--constraint "{HOME}/(dags/[\w.]+)"', constraint)
    assert named
    assert (folder / named[1]).read_text() == "apache-airflow==3.2.2\n"
    assert "create_dags" in (folder / "dags/crm_sync_dags.py").read_text()
    assert (folder / "plugins.zip").stat().st_size < 1_000_000
    assert "docs/deploy/mwaa.md" in capsys.readouterr().out
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == [
        "crm_sync_constraints.txt", "crm_sync_dags.py", "plugins.zip", "requirements.txt",
    ]  # fmt: skip
