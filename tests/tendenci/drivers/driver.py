"""Tendenci at work, in its own environment: reads a call in each line of its input, as JSON, makes it by Tendenci's own
ORM, views and commands, and writes what came of it."""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
import traceback

import django

MODULES = ("installing", "population", "crowd", "deeds", "oracle")


def main() -> None:
    """Serve until the input ends. What Tendenci prints goes to the log, never among the answers."""
    answers = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        django.setup()
        modules = {name: importlib.import_module(name) for name in MODULES}
        for line in sys.stdin:
            asked = json.loads(line)
            name, _, function = asked["call"].partition(".")
            try:
                told = {"answer": getattr(modules[name], function)(**asked["arguments"])}
            except Exception:  # noqa: BLE001 - the test is to see it
                told = {"crash": traceback.format_exc()}
            answers.write(json.dumps(told, default=str) + "\n")
            answers.flush()


if __name__ == "__main__":
    main()
