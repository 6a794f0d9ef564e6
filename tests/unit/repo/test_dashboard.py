"""The dashboard asks for all that is sent and no more, by the names that it has in Prometheus; so do the docs."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from crm_sync.operators.metrics import COUNTERS, GAUGES
from local.compose import REPOSITORY

FOLDER = REPOSITORY / "docs" / "dashboards"
DASHBOARD = json.loads((FOLDER / "crm-sync.json").read_text(encoding="utf-8"))
COLLECTOR = yaml.safe_load((FOLDER / "collector.yaml").read_text(encoding="utf-8"))
SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def in_prometheus(name: str) -> str:
    """As a collector's Prometheus exporter renames it, after Airflow's prefix."""
    return f"airflow_{name.replace('.', '_')}{'_total' if name in COUNTERS else ''}"


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = DASHBOARD["panels"]
    assert len(found) >= 7
    return found


def targets() -> list[dict[str, Any]]:
    return [target for panel in panels() for target in panel["targets"]]


def test_every_metric_is_shown_and_every_metric_shown_is_sent() -> None:
    asked = {name for target in targets() for name in re.findall(r"\w*crm_sync_\w+", target["expr"])}
    assert asked == {in_prometheus(name) for name in [*COUNTERS, *GAUGES]}


def test_counters_are_asked_for_their_growth_and_gauges_for_their_value() -> None:
    for target in targets():
        grown = set(re.findall(r"increase\((\w+)", target["expr"]))
        shown = set(re.findall(r"crm_sync_\w+", target["expr"]))
        assert {name.removeprefix("airflow_") for name in grown} == {name for name in shown if name.endswith("_total")}


def test_every_panel_asks_the_chosen_source_for_the_chosen_providers() -> None:
    variables = {each["name"]: each for each in DASHBOARD["templating"]["list"]}
    assert variables.keys() == {"datasource", "provider"}
    assert (variables["datasource"]["type"], variables["datasource"]["query"]) == ("datasource", "prometheus")
    assert in_prometheus("crm_sync.calls") in variables["provider"]["query"]["query"]
    for each in [*panels(), *targets()]:
        assert each["datasource"] == SOURCE
    for target in targets():
        assert len(re.findall(r'\{provider=~"\$provider"\}', target["expr"])) == target["expr"].count("airflow_")


def test_panels_have_titles_of_their_own_and_places_of_their_own() -> None:
    assert len({panel["title"] for panel in panels()}) == len(panels())
    assert len({panel["id"] for panel in panels()}) == len(panels())
    cells = [
        (column, row)
        for place in (panel["gridPos"] for panel in panels())
        for column in range(place["x"], place["x"] + place["w"])
        for row in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(column for column, _ in cells) < 24


@pytest.mark.parametrize("name", [*COUNTERS, *GAUGES])
def test_every_metric_is_documented(name: str) -> None:
    text = (REPOSITORY / "docs" / "operating.md").read_text(encoding="utf-8")
    assert f"| `{name}` |" in text


def test_the_collector_sums_up_what_tasks_send_before_it_is_shown() -> None:
    pipeline = COLLECTOR["service"]["pipelines"]["metrics"]
    assert pipeline["processors"] == ["deltatocumulative"]
    for kind in ("receivers", "processors", "exporters"):
        assert set(pipeline[kind]) == COLLECTOR[kind].keys()
