"""``python -m mutations.run``: how many small faults of the pipeline its tests notice (make mutate).

The tests are run once, and what each executes is written down. Then each mutant of a sample is put into a copy of the
tree, and those tests that execute what is mutated run there, the quickest first, until one fails. A survivor is either
a gap of the tests or changes nothing that can be seen; a person decides which.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from local.postgres import DSN_VARIABLE, Postgres
from mutations.mutants import Mutant, all_of, sample
from mutations.nearest import MAP, Recorded, nearest, read
from mutations.trying import are_passed

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".demo", "__pycache__", "*.egg-info", "build", ".*_cache")
# What tests the pipeline in one process: by name, row by row, and by whole runs.
TESTS = [
    *("tests/unit/pipeline", "tests/unit/sql", "tests/unit/web", "tests/unit/test_store.py"),
    *("tests/contract/test_syncs.py", "tests/contract/test_work_under_way.py"),
    *("tests/convergence", "--ignore=tests/convergence/test_random_histories.py"),
]
RECORDED = ["--numprocesses", "auto", "--cov", "--cov-context", "test", "--cov-report="]


def main() -> None:
    """Try a sample, and say which survived. What was tried before, by the file of results, is not tried again."""
    options = parsed()
    mutants = [each for each in all_of(ROOT) if options.only in each.path]
    chosen = sample(mutants, options.sample, options.seed)
    print(f"{len(chosen)} of {len(mutants)} mutants, seed {options.seed}", flush=True)
    if options.list:
        print("\n".join(map(str, chosen)))
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped, too
    results: Path = options.results
    lines = results.read_text().splitlines() if results.exists() else []
    known = {mutant: verdict for verdict, mutant in (line.split("\t") for line in lines)}
    with server():
        tests = recorded(options.map)
        left = [each for each in chosen if str(each) not in known]
        with ThreadPoolExecutor(options.jobs) as pool:
            for mutant, verdict in zip(left, pool.map(partial(verdict_on, tests), left), strict=True):
                known[str(mutant)] = verdict
                print(f"{verdict:9} {mutant}", flush=True)
                with results.open("a") as file:
                    file.write(f"{verdict}\t{mutant}\n")
    print(report(chosen, known))


def parsed() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser(prog="python -m mutations.run", description=__doc__)
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="so many at once")
    parser.add_argument("--only", default="", help="mutants of files whose path has this in it")
    parser.add_argument("--list", action="store_true", help="say which they are, and try none")
    parser.add_argument("--map", type=Path, default=Path("build/mutations.map"), help="what each test executes")
    parser.add_argument("--results", type=Path, default=Path("build/mutations.txt"), help="what was found so far")
    return parser.parse_args()


def report(chosen: list[Mutant], known: dict[str, str]) -> str:
    """The share that was killed, and the others."""
    survivors = [each for each in map(str, chosen) if known[each] != "killed"]
    share = 1 - len(survivors) / max(1, len(chosen))
    lines = [f"\n{len(chosen) - len(survivors)} of {len(chosen)} killed, {share:.1%}; survivors:"]
    return "\n".join(lines + [f"{known[each]}: {each}" for each in survivors])


@contextmanager
def server() -> Iterator[None]:
    """One database server for the tests of all mutants, each of which would start its own."""
    with tempfile.TemporaryDirectory(prefix="crm-sync-mutations-") as folder:
        Path(folder).chmod(0o755)
        with Postgres(Path(folder) / "postgresql") as postgres:
            os.environ[DSN_VARIABLE] = postgres.dsn()
            yield


def recorded(file: Path) -> list[Recorded]:
    """What each test executes, from ``file`` where it is there."""
    coverage = file.with_suffix(".coverage")
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        print("recording what each test executes", flush=True)
        begun = file.with_suffix(".begun")
        begun.unlink(missing_ok=True)
        more = {MAP: str(begun.resolve()), "COVERAGE_FILE": str(coverage.resolve())}
        if not record(more):
            raise SystemExit(f"the tests fail without a mutant, too; what each did is in {begun}")
        begun.rename(file)
    return read(file, coverage, ROOT)


def verdict_on(tests: list[Recorded], mutant: Mutant) -> str:
    """killed, survived, or unmet: nothing executes it."""
    names = nearest(mutant, ROOT, tests)
    if not names:
        return "unmet"
    with tempfile.TemporaryDirectory(prefix="crm-sync-mutant-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        tree.parent.chmod(0o755)
        file = tree / mutant.path
        file.write_text(mutant.applied(file.read_text(encoding="utf-8")), encoding="utf-8")
        return "survived" if are_passed(tree, names) else "killed"


def record(more: dict[str, str]) -> bool:
    """Run the tests as they are; whether they pass."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "mutations.recording", *RECORDED]
    return subprocess.run([*command, *TESTS], cwd=ROOT, env=os.environ | more, check=False).returncode == 0


if __name__ == "__main__":
    main()
