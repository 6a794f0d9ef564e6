"""The figures as tables for a person to read."""

from __future__ import annotations

from typing import Any

from crm_sync.contract import Provider

MIB = 1024 * 1024
KINDS = {
    "first": "first synchronization",
    "idle": "idle",
    "again": "second full run, nothing to do",
    "ten": "ten people changed",
    "renamed": "1 % changed",
    "moved": "10 % change a list",
}
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


def size_report(figures: dict[str, Any], sheet: Provider) -> str:
    """Everything measured at one size."""
    parts = [
        f"\n{sheet.title.upper()}: {figures['contacts']:,} CONTACTS, each an active member and in 3 of 10 lists;"
        f" {figures['organizations']:,} organizations, {figures['homes']:,} homes",
        "\nFirst synchronization (full), by stage: seconds by the clock, then processor seconds of each process",
        stages(figures),
        served(figures["first"]),
        "\nBeside the floor",
        floors(figures),
        "\nCalls of the first synchronization",
        calls(figures["first"]),
        "\nThe runs after it",
        runs(figures, sheet),
        *at_pace(figures, sheet),
        f"\nPeak memory of the pipeline's process: {figures['first']['peak_bytes'] / MIB:.0f} MiB in the first"
        f" synchronization, {figures['moved']['peak_bytes'] / MIB:.0f} MiB over all runs",
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
        "\n  validate begins by loading Great Expectations: about a second in every process, at every size."
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
    return table(["", *MEANINGS.values(), "full sync : this", "by processor time"], rows) + promise(figures)


def promise(figures: dict[str, Any]) -> str:
    """The first synchronization beside the least that keeps its promise, where that was measured: pipeline and
    PostgreSQL, for the stand-in does the same for both."""
    if "promise" not in figures:
        return ""
    floor = figures["promise"]
    ours, least = (each["own"] + each["postgres"] for each in (figures["first"]["total"], floor))
    return (
        f"\n  Floor of the same promise: {floor['own']:.2f} + {floor['postgres']:.2f} processor seconds"
        f" (script + PostgreSQL), {floor['calls']:,} calls; ours is {ours / least:.2f} times that."
    )


def calls(first: dict[str, Any]) -> str:
    """Calls by route, with the stand-in's own seconds, and the fewest possible."""
    rows = [[route, count, first["calls_seconds"][route]] for route, count in sorted(first["calls"].items())]
    fewest = {"writes": first["fewest_writes"], "reads": first["fewest_reads"]}
    told = [f"{name}: {sum(each.values()):,} ({_told(each)})" for name, each in fewest.items() if each]
    return table(["route", "calls", "stand-in's seconds"], rows) + (
        f"\n  Fewest possible {'; '.join(told)}."
        f"\n  Made: {first['writes']:,} writes ({first['writes'] - first['fewest']:+d}) and {first['reads']:,} reads."
    )


def _told(calls: dict[str, int]) -> str:
    return ", ".join(f"{count:,} to {what}" for what, count in calls.items())


def runs(figures: dict[str, Any], sheet: Provider) -> str:
    """The other kinds of run."""
    rows = []
    for kind, name in list(KINDS.items())[1:]:
        run = figures[kind]
        seconds = float(run.get("median_seconds", run["total"]["wall"]))
        spent = (float(run["total"][who]) for who in ("own", "postgres"))
        rows.append(
            [name, seconds, *spent, run["reads"], run["writes"], run["fewest"], run["operations"], run["looks"]]
        )
    head = ["run", "seconds", "pipeline", "PostgreSQL", "reads", "writes", "fewest writes", "operations", "looks"]
    text = table(head, rows)
    told = f"\n  10 %: {figures['moves']:,} people join or leave one list, of 20; 10 of these are new."
    if any(figures[kind]["looks"] for kind in KINDS):
        told += (
            "\n  looks: how often a run comes back to ask about work that goes on there; in Airflow"
            f" {sheet.seconds_between_polls:.0f} s later, which are not in the seconds."
        )
    return text + told


def at_pace(figures: dict[str, Any], sheet: Provider) -> list[str]:
    """Each run with and without the calls a second that the vendor allows, where it allows so many only."""
    paced = figures.get("at_pace")
    if paced is None:
        return []
    rows = []
    for kind, name in KINDS.items():
        free, bound = figures[kind], paced[kind]
        seconds, waited = bound["total"]["wall"], bound["waited_seconds"]
        calls = bound["reads"] + bound["writes"]
        rows.append([name, calls, float(free["total"]["wall"]), float(seconds), waited, f"{waited / seconds:.0%}"])
    head = ["run", "calls", "seconds without", "seconds with it", "some call waits", "share"]
    return [f"\nAt the vendor's pace, {sheet.calls_per_second:g} calls a second", table(head, rows)]


_RUNS_IN_AIRFLOW = {"idle": "an idle run's tasks", "ten": "a run's tasks for ten people renamed"}


def _by_task(run: dict[str, Any]) -> str:
    parts = [f"{task} {seconds:.2f} ({run['lines'][task]} lines of log)" for task, seconds in run["seconds"].items()]
    return f"{run['all']:.2f} = {' + '.join(parts)}"


def airflow(figures: dict[str, Any]) -> list[str]:
    """What Airflow adds, where it was measured."""
    found = figures.get("airflow_cost")
    if found is None:
        return ["\nWhat Airflow adds: measured at the first size only, or left out."]
    added = found["airflow"] - found["in_process"]
    cost = figures["task_cost"]
    return [
        f"\nWhat Airflow adds to an idle run: {added:.2f} s ({found['airflow']:.2f} s through dag.test(),"
        f" {found['in_process']:.2f} s the stages alone).",
        f"Not in it: the process that a worker starts for each task, which loads Airflow and the DAG anew"
        f" ({found['loading']:.1f} s here), and the scheduler's own pace.",
        *(f"Processor seconds of {name}: {_by_task(cost[key])}" for key, name in _RUNS_IN_AIRFLOW.items()),
    ]
