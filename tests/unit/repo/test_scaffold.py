"""`make provider` in a copy of the repository: what it writes passes the checks and the contract suite as it stands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from architecture.source import REPOSITORY
from scaffold import make

# As long as they may be, so that every line is.
NAME, TITLE = "an_association_of_many_letters", "The Grand & Old Society's Mail + Letters"
NOT_COPIED = (".venv", ".git", ".demo", ".airflow", ".clients", ".*_cache", ".hypothesis", "build", "node_modules")
ENVIRONMENT = Path(sys.prefix)

# Each starts processes of its own, on a machine that may be busy.
pytestmark = pytest.mark.timeout(1800)


def run(folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """A command in the copy, of which nothing but the installed packages is the repository's."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment |= {"PYTHONPATH": os.pathsep.join(str(folder / each) for each in ("plugins", "tests"))}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def run_make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`make` in the copy, which uses this environment and never builds one."""
    return run(folder, "make", f"VENV={ENVIRONMENT}", f"--old-file={ENVIRONMENT}/.ready", *arguments)


def contract_suite(folder: Path, chosen: str) -> subprocess.CompletedProcess[str]:
    """The contract suite in the copy, for the new provider alone."""
    return run(folder, sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "tests/contract", "-k", chosen)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository with one more provider."""
    folder = tmp_path_factory.mktemp("scaffold") / "repository"
    shutil.copytree(REPOSITORY, folder, ignore=shutil.ignore_patterns(*NOT_COPIED, "__pycache__", "*.egg-info"))
    done = run_make(folder, "provider", f"NAME={NAME}", f"TITLE={TITLE}")
    assert done.returncode == 0, done.stderr
    assert f"docs/providers/{NAME}.md" in done.stdout.splitlines()
    return folder


@contextmanager
def changed(path: Path, before: str, after: str) -> Iterator[None]:
    """A file of the copy with one text replaced, as long as it lasts."""
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")
    yield
    path.write_text(text, encoding="utf-8")


def test_what_is_written_passes_the_checks(copy: Path) -> None:
    done = run_make(copy, "check")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "== codespell" in done.stdout


def test_nothing_of_the_made_up_provider_is_left(copy: Path) -> None:
    places = [copy / path.relative_to(REPOSITORY) for path in make.places(NAME).values()]
    files = [file for place in places for file in ([place] if place.is_file() else place.glob("*.py"))]
    assert len(files) > 15
    assert [str(file) for file in files if "acme" in file.read_text(encoding="utf-8").lower()] == []
    assert [str(file) for file in files if "scaffold" in file.read_text(encoding="utf-8")] == []


def test_what_is_written_passes_the_contract_suite(copy: Path) -> None:
    done = contract_suite(copy, NAME)
    assert done.returncode == 0, done.stdout[-5000:]
    assert int(done.stdout.rsplit(" passed", 1)[0].split()[-1]) > 40


def test_what_must_know_every_provider_finds_it(copy: Path) -> None:
    found = ["tests/unit/repo/test_docs.py", "tests/unit/repo/test_compose.py", "tests/unit/providers/test_reasons.py"]
    found += ["tests/unit/providers/test_registry.py", "tests/dags", "tests/architecture/test_walls.py"]
    done = run(copy, sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", *found)
    assert done.returncode == 0, done.stdout[-5000:]


def test_the_convergence_suite_holds_it_to_the_crm(copy: Path) -> None:
    history = f"tests/convergence/test_other_accounts.py::test_a_rotated_key_is_no_other_account[{NAME}]"
    done = run(copy, sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", history)
    assert done.returncode == 0, done.stdout[-5000:]
    assert "1 passed" in done.stdout


@pytest.mark.parametrize(
    ("file", "function"),
    [
        (f"tests/standins/{NAME}/contract.py", "def people_sent("),
        (f"tests/standins/{NAME}/seen.py", "def wanted("),
        (f"plugins/crm_sync/providers/{NAME}/mapping.py", "def fields("),
        (f"plugins/crm_sync/providers/{NAME}/client.py", "def identity("),
    ],
)
def test_mypy_names_what_is_missing(copy: Path, file: str, function: str) -> None:
    with changed(copy / file, function, f"{function[:-1]}_not("):
        done = run(copy, ENVIRONMENT / "bin/mypy")
    assert done.returncode == 1
    assert f'"{function[4:-1]}"' in done.stdout or f"{function[4:-1]}\n" in done.stdout


def test_the_contract_suite_notices_a_client_that_archives_nobody(copy: Path) -> None:
    client = copy / f"plugins/crm_sync/providers/{NAME}/client.py"
    with changed(client, "return self._each(batch, self._delete)", "return outcomes(batch)"):
        done = contract_suite(copy, f"{NAME} and (repeated or counts_as_applied)")
    assert done.returncode == 1
    assert "test_nothing_counts_as_applied" in done.stdout


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "no name"),
        ("Acme", "no name"),
        ("acme-mail", "no name"),
        ("2acme", "no name"),
        ("acmé", "no name"),
        ("class", "no name"),
        ("a" * 31, "longer than 30"),
        ("json", "standard library"),
        ("mailchimp", "plugins/crm_sync/providers/mailchimp exists"),
        ("postal", "plugins/crm_sync/providers/postal.py exists"),
        ("clock", "tests/standins/clock.py exists"),
        ("slack", "apache-airflow-providers-slack has connections"),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_what_to_do(name: str, said: str) -> None:
    with pytest.raises(make.RefusedError, match=said):
        make.require_name(name)


@pytest.mark.parametrize("title", ["", '"Acme"', "Acme {x}", "a|b", "a\\", "x" * 41, " Acme", "Acme\n"])
def test_a_title_that_would_break_a_text_is_refused(title: str) -> None:
    with pytest.raises(make.RefusedError, match="title"):
        make.require_title(title)


def test_the_command_says_what_is_wrong_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert make.main(["json"]) == 2
    assert "standard library" in capsys.readouterr().err
    assert not any(place.exists() for place in make.places("json").values())
