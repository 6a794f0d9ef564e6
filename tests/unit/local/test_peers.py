"""The benchmark of peers, as far as it needs none of them installed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from benchmarks.peers.report import LEFT_OUT, Run, report
from benchmarks.peers.run import PINS, same_people, version_of

HELD: dict[str, Any] = {"ann@example.org": (True, frozenset({"News"})), "bob@example.org": (True, frozenset({"Board"}))}


def test_every_package_of_the_peers_is_pinned() -> None:
    packages = [line for line in PINS.read_text().splitlines() if not line.startswith("#")]
    assert packages
    assert [line for line in packages if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    assert re.fullmatch(r"\d+(\.\d+)+", version_of("dlt"))


def test_peers_and_ours_stand_in_one_table_with_what_each_leaves_out() -> None:
    text = report("10 PEOPLE", [Run("dlt: first", 1.5, 2.25, 90), Run("CRM Sync: idle", 0.03, 0.25, 1234)])
    rows = [line.split("  ") for line in text.splitlines()]
    cells = [[cell.strip() for cell in row if cell.strip()] for row in rows]
    assert ["dlt: first", "1.50", "2.25", "90"] in cells
    assert ["CRM Sync: idle", "0.03", "0.25", "1,234"] in cells
    assert all(f"  {who} " in text for who in LEFT_OUT)


def test_only_who_brought_the_same_people_is_compared() -> None:
    same_people(dict(HELD), HELD)
    with pytest.raises(SystemExit, match="1 of 2"):
        same_people(HELD | {"bob@example.org": (True, frozenset())}, HELD)
    with pytest.raises(SystemExit, match="1 there too many"):
        same_people(HELD | {"cem@example.org": (True, frozenset())}, HELD)
    with pytest.raises(SystemExit):
        same_people({}, {})
