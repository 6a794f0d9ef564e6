"""`make crm` in a copy of the repository: what it writes passes the contract suite as it stands."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from architecture.source import REPOSITORY
from scaffold import make_crm
from unit.repo.test_scaffold import NAME, NOT_COPIED, TITLE, run, run_make

# Each starts processes of its own, on a machine that may be busy.
pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository with one more CRM."""
    folder = tmp_path_factory.mktemp("scaffold") / "repository"
    shutil.copytree(REPOSITORY, folder, ignore=shutil.ignore_patterns(*NOT_COPIED, "__pycache__", "*.egg-info"))
    done = run_make(folder, "crm", f"NAME={NAME}", f"TITLE={TITLE}")
    assert done.returncode == 0, done.stderr
    assert f"docs/crms/{NAME}.md" in done.stdout.splitlines()
    return folder


def test_what_is_written_passes_the_contract_suite(copy: Path) -> None:
    tests = ["tests/contract/test_sources.py", "-k", f"{NAME} or same_changes"]
    done = run(copy, sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", *tests)
    assert done.returncode == 0, done.stdout[-5000:]
    assert int(done.stdout.rsplit(" passed", 1)[0].split()[-1]) > 25


def test_what_is_written_has_the_form_of_the_rest(copy: Path) -> None:
    made = [copy / path.relative_to(REPOSITORY) for path in make_crm.places(NAME).values()]
    assert [path for path in made if "acme" in path.read_text(encoding="utf-8").lower()] == []
    bin_folder = Path(sys.prefix) / "bin"
    for command in (["ruff", "check"], ["ruff", "format", "--check"]):
        done = run(copy, bin_folder / command[0], *command[1:], *(path for path in made if path.suffix == ".py"))
        assert done.returncode == 0, done.stdout
    done = run(copy, sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "tests/architecture/test_sql.py")
    assert done.returncode == 0, done.stdout[-5000:]


@pytest.mark.parametrize(
    ("name", "said"),
    [("", "no name"), ("Acme", "no name"), ("json", "standard library"), ("tendenci", "sql/crm/tendenci/source.toml")],
)
def test_a_name_that_cannot_be_is_refused(name: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert make_crm.main([name]) == 2
    assert said in capsys.readouterr().err
