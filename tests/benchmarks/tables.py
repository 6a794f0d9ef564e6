"""The figures as tables for a person to read."""

from __future__ import annotations

from typing import Any

MIB = 1024 * 1024
MEANINGS = {"wall": "seconds", "own": "pipeline", "postgres": "PostgreSQL", "service": "stand-in"}


def table(head: list[str], rows: list[list[Any]]) -> str:
    """Columns as wide as they need; numbers right, the first column left."""
    text = [[_cell(value) for value in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in text) for i in range(len(head))]
    lines = [
        "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
        for row in text
    ]
    return "\n".join(["  " + line for line in [lines[0], "-" * len(lines[0]), *lines[1:]]])


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.2f}" if value < 100 else f"{value:.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def size_report(figures: dict[str, Any]) -> str:
    """Everything measured at one size."""
    parts = [
        f"\n{figures['contacts']:,} CONTACTS, each in 3 of 10 lists",
        "\nFirst synchronization (full), by stage: seconds by the clock, then processor seconds of each process",
        stages(figures),
        served(figures["first"]),
        "\nBeside the floor",
        floors(figures),
        "\nCalls of the first synchronization",
        calls(figures),
        "\nThe runs after it",
        runs(figures),
        f"\nPeak memory of the pipeline's process: {figures['first']['peak_bytes'] / MIB:.0f} MiB in the first"
        f" synchronization, {figures['changed']['peak_bytes'] / MIB:.0f} MiB over all runs",
    ]
    return "\n".join([*parts, *airflow(figures)])


def stages(figures: dict[str, Any]) -> str:
    """A row for each stage; "x floor" adds up to the ratio of the whole."""
    contacts, run, floor = figures["contacts"], figures["first"], figures["floor"]["wall"]
    rows = [
        [name, *(float(each[key]) for key in MEANINGS), each["wall"] / floor, int(contacts / max(each["wall"], 1e-9))]
        for name, each in {**run["pieces"], "all": run["total"]}.items()
    ]
    return table(["stage", *MEANINGS.values(), "x floor", "contacts/s"], rows)


def served(run: dict[str, Any]) -> str:
    """How much of a load is the stand-in's own."""
    load, asked = run["pieces"]["load"]["wall"], sum(run["calls_seconds"].values())
    return (
        f"  The stand-in serves one call at a time and was at work {asked:.1f} s, {asked / load:.0%} of the load."
        "\n  validate begins by loading Great Expectations: some seconds in every process, at every size."
    )


def floors(figures: dict[str, Any]) -> str:
    """The first synchronization beside the floors."""
    total = figures["first"]["total"]
    rows = [["full sync", *(float(total[key]) for key in MEANINGS), 1.0, 1.0]]
    for name, key in (
        ("floor: the same bodies to a sink", "floor"),
        ("the same bodies to the stand-in", "floor_standin"),
    ):
        each = figures[key]
        work = sum(total[k] for k in MEANINGS if k != "wall") / sum(each[k] for k in MEANINGS if k != "wall")
        rows.append([name, *(float(each[k]) for k in MEANINGS), total["wall"] / each["wall"], work])
    return table(["", *MEANINGS.values(), "full sync : this", "by processor time"], rows)


def calls(figures: dict[str, Any]) -> str:
    """Calls by route, with the stand-in's own seconds, and the fewest possible."""
    first, least = figures["first"], figures["least_calls"]
    rows = [[route, count, first["calls_seconds"][route]] for route, count in sorted(first["calls"].items())]
    writes = sum(count for route, count in first["calls"].items() if not route.startswith("GET"))
    reads = sum(first["calls"].values()) - writes
    fewest, told = sum(least.values()), ", ".join(f"{count} to {what}" for what, count in least.items())
    return table(["route", "calls", "stand-in's seconds"], rows) + (
        f"\n  Fewest possible writes: {fewest} ({told})."
        f"\n  Made: {writes} writes ({writes - fewest:+d}) and {reads} reads."
    )


def runs(figures: dict[str, Any]) -> str:
    """The other kinds of run."""
    rows = []
    kinds = (("idle", "idle"), ("second full run, nothing to do", "again"), ("1 % changed", "changed"))
    for name, key in kinds:
        run = figures[key]
        writes = sum(count for route, count in run["calls"].items() if not route.startswith("GET"))
        reads = sum(run["calls"].values()) - writes
        seconds = float(run.get("median_seconds", run["total"]["wall"]))
        rows.append([name, seconds, reads, writes, run.get("least_calls", 0), run["operations"]])
    return table(["run", "seconds", "reads", "writes", "fewest writes", "operations"], rows)


def airflow(figures: dict[str, Any]) -> list[str]:
    """What Airflow adds, where it was measured."""
    found = figures.get("airflow")
    if found is None:
        return ["\nWhat Airflow adds: measured at the first size only, or left out."]
    added = found["airflow"] - found["in_process"]
    return [
        f"\nWhat Airflow adds to an idle run: {added:.2f} s ({found['airflow']:.2f} s through dag.test(),"
        f" {found['in_process']:.2f} s the stages alone).",
        f"Not in it: the process that a worker starts for each task, which loads Airflow and the DAG anew"
        f" ({found['loading']:.1f} s here), and the scheduler's own pace.",
    ]
