"""``python -m mutations.run``: how many small faults of the pipeline its tests notice (make mutate).

Each mutant of a sample is put into a copy of the tree, and the tests nearest to it run there, until one fails. A
survivor is either a gap of the tests or changes nothing that can be seen; a person decides which.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from mutations.mutants import Mutant, all_of, sample

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".demo", "__pycache__", "*.egg-info", "build", ".*_cache")
# Nearest first: what tests a module by name, then the ledger row by row, then whole runs.
UNITS = ["tests/unit/pipeline", "tests/unit/sql/test_migrated_operations.py"]
RUNS = ["tests/contract/test_syncs.py", "tests/contract/test_work_under_way.py"]
HISTORIES = [
    "tests/convergence/test_histories.py",
    "tests/convergence/test_cleared_runs.py",
    "tests/convergence/test_held_plans.py",
    "tests/convergence/test_one_record.py",
    "tests/convergence/test_opt_outs_meet_the_push.py",
    "tests/convergence/test_leavers_followed.py",
    "tests/convergence/test_shared_addresses.py",
    "tests/convergence/test_own_addresses.py",
]
SECONDS = 1200


def main() -> None:
    """Try a sample, and say which survived."""
    parser = argparse.ArgumentParser(prog="python -m mutations.run", description=__doc__)
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="mutants of files whose path has this in it")
    parser.add_argument("--list", action="store_true", help="say which they are, and try none")
    options = parser.parse_args()
    mutants = [each for each in all_of(ROOT) if options.only in each.path]
    chosen = sample(mutants, options.sample, options.seed)
    print(f"{len(chosen)} of {len(mutants)} mutants, seed {options.seed}", flush=True)
    if options.list:
        print("\n".join(map(str, chosen)))
        return
    survivors = []
    for number, mutant in enumerate(chosen, start=1):
        killer = killed_by(mutant)
        survivors += [] if killer else [mutant]
        print(f"{number:4} {'killed' if killer else 'SURVIVED':8} {mutant}  {killer}", flush=True)
    share = 1 - len(survivors) / max(1, len(chosen))
    print(f"\n{len(chosen) - len(survivors)} of {len(chosen)} killed, {share:.1%}; survivors:")
    print("\n".join(map(str, survivors)) or "none")


def killed_by(mutant: Mutant) -> str:
    """The first tests that fail with it; "" where all pass."""
    with tempfile.TemporaryDirectory(prefix="crm-sync-mutant-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        tree.parent.chmod(0o755)
        file = tree / mutant.path
        file.write_text(mutant.applied(file.read_text(encoding="utf-8")), encoding="utf-8")
        for tests in (UNITS, RUNS, HISTORIES):
            if failed(tree, tests):
                return tests[0]
    return ""


def failed(tree: Path, tests: list[str]) -> bool:
    """Whether one of them fails, or none comes to its end in time."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:randomly", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(tree / "plugins"), str(tree / "tests")]),
        "CRM_SYNC_SQL_FOLDER": str(tree / "sql"),
    }
    try:
        ended = subprocess.run(command, cwd=tree, env=environment, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return True
    return ended.returncode != 0


if __name__ == "__main__":
    main()
