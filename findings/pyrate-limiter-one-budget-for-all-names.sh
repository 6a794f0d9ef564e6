#!/usr/bin/env bash
# pyrate-limiter, and one Limiter for several names.
#
# Guess:     Limiter(Rate(2, minute)) gives every name a budget of its own: the name is said to be the bucket's key.
# Behaviour: a Limiter made from rates has one bucket, and the name only labels what lies in it. Once provider "a" has
#            used its calls, "b" waits though it has made none; and since try_acquire() waits without end by default,
#            nothing tells why the second provider's task stands still.
# Way out:   a Limiter for each name, or a BucketFactory that hands out one bucket for each name.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pyrate-limiter==4.5.1
cd "$work"
venv/bin/python - <<'PY'
from importlib.metadata import version

from pyrate_limiter import Duration, Limiter, Rate

limiter = Limiter(Rate(2, Duration.MINUTE))
seen = [(name, limiter.try_acquire(name, blocking=False)) for name in ("a", "a", "a", "b")]
limiter.close()
print("pyrate-limiter", version("pyrate-limiter"))
print("guess: a True, a True, a False, b True")
print("seen: ", ", ".join(f"{name} {got}" for name, got in seen))
assert seen == [("a", True), ("a", True), ("a", False), ("b", False)], "the behaviour changed"
PY
