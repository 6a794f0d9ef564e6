"""The Airflow connection of a CRM in MariaDB: which driver reads it, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import URL

from crm_sync.errors import ConfigError
from crm_sync.hooks.database import CRM, STATE, database_url
from crm_sync.ledger import sources

Told = Callable[..., URL]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    """The URL for a connection given as a URI, of a CRM in a database of that kind."""

    def url(uri: str, kind: str = sources.MARIADB, which: tuple[str, str] = CRM) -> URL:
        monkeypatch.setenv(f"AIRFLOW_CONN_{which[0].upper()}", uri)
        monkeypatch.setattr(sources, "chosen", lambda: sources.Source("there", "There", database=kind))
        return database_url(*which)

    yield url
    monkeypatch.undo()


@pytest.mark.parametrize("kind", ["mysql", "mariadb", "mysql+pymysql"])
def test_a_connection_is_read_by_a_driver_that_reads_exactly(told: Told, kind: str) -> None:
    url = told(f"{kind}://reader:p%40ss@db.example.org/civicrm?ssl_ca=%2Fca.pem&connect_timeout=5&other=1")
    assert url.drivername in {"mysql+pymysql", "mysql+mysqldb"}
    assert (url.host, url.port, url.database, url.username, url.password) == (
        *("db.example.org", 3306, "civicrm", "reader", "p@ss"),
    )
    assert dict(url.query) == {"charset": "utf8mb4", "ssl_ca": "/ca.pem", "connect_timeout": "5"}


@pytest.mark.parametrize("driver", ["mariadbconnector", "mysqlconnector"])
def test_a_driver_that_does_not_is_refused_with_the_reason(told: Told, driver: str) -> None:
    with pytest.raises(ConfigError, match=f"{driver} is not used, since"):
        told(f"mysql+{driver}://reader@db.example.org/civicrm")


def test_a_driver_that_is_missing_is_said(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"crm-sync\[mysql\]"):
        told("mysql://reader@db.example.org/civicrm")


@pytest.mark.parametrize(
    ("uri", "kind", "which"),
    [
        ("mysql://reader@db.example.org/civicrm", sources.POSTGRESQL, CRM),
        ("postgres://reader@db.example.org/crm", sources.MARIADB, CRM),
        ("mysql://reader@db.example.org/state", sources.MARIADB, STATE),
        (json.dumps({"conn_type": "mariadb", "host": "db.example.org"}), sources.POSTGRESQL, STATE),
    ],
)
def test_another_kind_of_database_is_refused_with_the_remedy(
    told: Told, uri: str, kind: str, which: tuple[str, str]
) -> None:
    with pytest.raises(ConfigError, match=f"connection {which[0]}: its type is .*; make it "):
        told(uri, kind, which)


def test_an_option_of_another_type_is_refused(told: Told) -> None:
    with pytest.raises(ConfigError, match="connect_timeout must be a whole number"):
        told("mysql://reader@db.example.org/civicrm?connect_timeout=soon")
