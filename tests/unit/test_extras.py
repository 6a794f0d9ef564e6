"""What a connection's extras say, however the connection was given: as a URI, where all is text, or as JSON."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import URL

from crm_sync import providers
from crm_sync.errors import ConfigError
from crm_sync.hooks.accounts import account_hook
from crm_sync.hooks.database import CRM, STATE, database_url
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


EVERY_EXTRA = [
    (provider, name, field)
    for provider in NAMES
    for name, field in {**account_hook(provider).fields(), "enabled": {"schema": {"type": "boolean"}}}.items()
]
SAID: dict[str, tuple[str, object]] = {"boolean": ("No", False), "string": ("a b/c&d=1", "a b/c&d=1")}


@pytest.mark.parametrize(
    ("provider", "name", "field"), EVERY_EXTRA, ids=lambda value: value if value in NAMES else None
)
def test_every_extra_of_a_provider_is_of_its_type_also_by_uri(
    provider: str, name: str, field: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = field["schema"]["type"]
    kind = kinds if isinstance(kinds, str) else kinds[0]
    said, meant = SAID[kind]
    hook = connection_of(provider, monkeypatch, uri(provider, urlencode({name: said})))
    found = {"enabled": hook.is_enabled} if name == "enabled" else hook.credentials().extras
    assert found[name] == meant
    assert type(found[name]) is type(meant)


def database_of(monkeypatch: pytest.MonkeyPatch, connection_id: str, value: str) -> URL:
    monkeypatch.setenv(f"AIRFLOW_CONN_{connection_id.upper()}", value)
    return database_url(connection_id, "the database")


DATABASES = [CRM[0], STATE[0]]


@pytest.mark.parametrize("connection_id", DATABASES)
def test_a_database_by_uri_has_all_that_its_extras_say(connection_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        "sslmode": "verify-full",
        "sslrootcert": "/etc/ssl/ca.pem",
        "sslcert": "/c.pem",
        "sslkey": "/k.pem",
        "connect_timeout": "7",
        "application_name": "crm sync",
        "iam": "false",
        "sqlalchemy_query": '{"target_session_attrs": "read-write"}',
        "empty": "",
        "cursor": "dictcursor",
    }
    url = database_of(monkeypatch, connection_id, f"postgres://ann:pa%2Fss@db.example.org:5433/crm?{urlencode(said)}")
    assert (url.drivername, url.username, url.password) == ("postgresql+psycopg", "ann", "pa/ss")
    assert (url.host, url.port, url.database) == ("db.example.org", 5433, "crm")
    ours = {name: said[name] for name in said if name not in {"iam", "sqlalchemy_query", "empty", "cursor"}}
    assert dict(url.query) == {**ours, "target_session_attrs": "read-write"}
    as_json = {"conn_type": "postgres", "host": "h", "schema": "crm", "extra": {"connect_timeout": 7, "iam": False}}
    assert database_of(monkeypatch, connection_id, json.dumps(as_json)).query == {"connect_timeout": "7"}


@pytest.mark.parametrize("connection_id", DATABASES)
@pytest.mark.parametrize(
    ("extra", "fits"),
    [
        ({"iam": "maybe"}, "iam must be true or false"),
        ({"sqlalchemy_query": "a=b"}, "sqlalchemy_query must be a JSON object"),
        ({"sqlalchemy_query": [1]}, "sqlalchemy_query must be a JSON object"),
        ({"keepalives": True}, "keepalives must be text"),
    ],
)
def test_an_extra_of_a_database_that_is_not_of_its_type_is_refused(
    connection_id: str, extra: dict[str, object], fits: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match=f"{connection_id}: the extra {fits}"):
        database_of(monkeypatch, connection_id, json.dumps({"conn_type": "postgres", "extra": extra}))


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
