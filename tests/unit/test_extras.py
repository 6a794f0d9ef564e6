"""What a connection's extras say, however the connection was given: as a URI, where all is text, or as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm_sync import providers
from crm_sync.errors import ConfigError
from crm_sync.hooks.accounts import account_hook
from crm_sync.hooks.extras import read_extras

NAMES = providers.names()


def connection_of(provider: str, monkeypatch: pytest.MonkeyPatch, value: str) -> Any:
    """The provider's hook, whose connection is as the environment has it."""
    monkeypatch.setenv(f"AIRFLOW_CONN_{providers.get(provider).connection_id.upper()}", value)
    return account_hook(provider)()


def uri(provider: str, query: str) -> str:
    return f"{account_hook(provider).conn_type.replace('_', '-')}://:key@host.example.org:443/?{query}"


@pytest.mark.parametrize("provider", NAMES)
@pytest.mark.parametrize("said", ["false", "False", "FALSE", "0", "no", "Off", "%20false%20"])
def test_a_connection_by_uri_switches_its_provider_off(
    provider: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not connection_of(provider, monkeypatch, uri(provider, f"enabled={said}")).is_enabled


@pytest.mark.parametrize("said", ["true", "True", "1", "yes", "ON", ""])
def test_a_connection_by_uri_leaves_its_provider_on(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = connection_of("votervoice", monkeypatch, uri("votervoice", f"enabled={said}&association=aha"))
    assert hook.is_enabled
    assert hook.credentials().extras == {"association": "aha"}


@pytest.mark.parametrize(("said", "is_on"), [(False, False), (0, False), ("off", False), (None, True), (True, True)])
def test_a_connection_by_json_is_read_alike(said: object, is_on: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    value = json.dumps({"conn_type": "higher_logic", "password": "key", "extra": {"enabled": said}})
    assert connection_of("higher_logic", monkeypatch, value).is_enabled is is_on


@pytest.mark.parametrize("said", ["maybe", "2", "falsch", "none"])
def test_what_is_neither_true_nor_false_is_refused_with_what_fits(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = connection_of("votervoice", monkeypatch, uri("votervoice", f"enabled={said}"))
    for ask in (lambda: hook.is_enabled, hook.credentials):
        with pytest.raises(ConfigError, match="votervoice_default: the extra enabled must be true or false"):
            ask()


def test_a_connection_that_is_still_to_be_made_is_not_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_VOTERVOICE_DEFAULT", raising=False)
    assert account_hook("votervoice")().is_enabled


def test_a_code_that_was_written_as_a_number_is_text() -> None:
    fields = {"tenant_code": {"schema": {"type": ["string", "null"]}}}
    assert read_extras({"tenant_code": 1234, "other": [1], "empty": " "}, fields, "x") == {
        "tenant_code": "1234",
        "other": [1],
    }


@pytest.mark.parametrize(
    ("kind", "said", "fits"),
    [
        ("integer", "many", "a whole number"),
        ("number", "nan", "a number"),
        ("string", {"a": 1}, "text"),
        ("string", True, "text"),
    ],
)
def test_a_value_that_is_not_of_its_fields_type_is_refused(kind: str, said: object, fits: str) -> None:
    with pytest.raises(ConfigError, match=f"x: the extra limit must be {fits}$"):
        read_extras({"limit": said}, {"limit": {"schema": {"type": kind}}}, "x")
    assert read_extras({"limit": "12"}, {"limit": {"schema": {"type": "integer"}}}, "x") == {"limit": 12}


@pytest.mark.parametrize(("said", "chosen"), [("2", {"push_api": "2"}), (2, {"push_api": "2"}), ("", {}), ("3", {})])
def test_facts_are_as_the_connection_chose_or_as_they_are_where_it_cannot(
    said: object, chosen: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    value = json.dumps({"conn_type": "higher_logic", "password": "key", "extra": {"push_api": said}})
    assert connection_of("higher_logic", monkeypatch, value).sheet().chosen == chosen
    monkeypatch.delenv("AIRFLOW_CONN_HIGHER_LOGIC_DEFAULT")
    assert account_hook("higher_logic")().sheet().chosen == {}
