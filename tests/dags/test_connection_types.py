"""What Airflow's connection form shows for every provider: it comes from the installed package."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

import pytest

from crm_sync import providers
from crm_sync.hooks.accounts import account_hook
from crm_sync.provider_info import get_provider_info


@pytest.fixture
def types() -> list[dict[str, Any]]:
    found = get_provider_info()["connection-types"]
    assert len(found) == len(providers.names()) > 0
    return list(found)


def test_airflow_finds_the_package_by_its_entry_point() -> None:
    points = entry_points(group="apache_airflow_provider")
    loaded = [point.load() for point in points if point.dist and point.dist.name == "crm-sync"]
    assert loaded == [get_provider_info], "the project is not installed: pip install --editable ."


def test_every_provider_has_a_connection_type_with_a_form(types: list[dict[str, Any]]) -> None:
    for each in types:
        assert each["hook-name"]
        assert each["conn-fields"]
        for each_field in each["conn-fields"].values():
            assert each_field["label"]
            assert each_field["description"]
        assert each["ui-field-behaviour"]["relabeling"]["password"]


def test_a_form_asks_for_what_the_data_sheet_allows(types: list[dict[str, Any]]) -> None:
    fields = {each["connection-type"]: set(each["conn-fields"]) for each in types}
    allowed = {account_hook(name).conn_type: set(providers.get(name).extras) for name in providers.names()}
    assert fields == allowed


def test_airflow_shows_the_forms_and_can_test_the_connections(types: list[dict[str, Any]]) -> None:
    from airflow.providers_manager import ProvidersManager

    manager = ProvidersManager()
    for each in types:
        kind = each["connection-type"]
        assert manager.hooks[kind].connection_testable
        assert kind in manager.field_behaviours
        for name in each["conn-fields"]:
            assert f"extra__{kind}__{name}" in manager.connection_form_widgets
