"""A test run fails where an exchange departs from the vendor's schema, says when it could not look, and keeps together
what shares a costly fixture."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from run_as_a_whole import RECORD, verdict
from run_in_parallel import TOGETHER, unit_of
from standins import conformance

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Counter[str]:
    """The faults that the recording of a made-up run has."""
    faults: Counter[str] = Counter()
    monkeypatch.setenv(RECORD, str(tmp_path))
    monkeypatch.setattr(conformance, "specs", lambda _: {"a": "schema"})
    monkeypatch.setattr(conformance, "check_recording", lambda _folder, _provider: (faults, 1_200))
    monkeypatch.setattr(conformance, "vendor", lambda _: SimpleNamespace(SEEN_TO_BE_TAKEN={"seen"}))
    return faults


def test_what_agrees_is_counted(recorded: Counter[str]) -> None:
    recorded["seen"] = 7
    assert verdict("x") == ("x: 1,200 different exchanges, all agree with the vendor's schema", True)


def test_a_departure_is_named_and_fails_the_run(recorded: Counter[str]) -> None:
    recorded["POST /lists: 'name' is missing"] = 3
    said, is_well = verdict("x")
    assert not is_well
    assert "3 x POST /lists: 'name' is missing" in said


def test_a_run_without_the_vendors_files_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conformance, "specs", lambda _: None)
    said, is_well = verdict("x")
    assert is_well
    assert "skipped" in said


def test_there_is_a_provider_with_a_schema() -> None:
    assert "mailchimp" in conformance.checked_providers()


def test_a_module_stays_together_and_so_does_a_folder_with_one_airflow() -> None:
    assert unit_of("tests/unit/test_a.py::test_b[1::2]") == "tests/unit/test_a.py"
    assert {unit_of(f"{folder}test_a.py::test_b") for folder in TOGETHER} == set(TOGETHER)
    assert all((ROOT / folder).is_dir() for folder in TOGETHER)
