"""The URL of a CRM in MariaDB or MySQL, of its Airflow connection."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from crm_sync.errors import ConfigError
from crm_sync.hooks.extras import read_extras

if TYPE_CHECKING:
    from airflow.sdk import Connection
    from sqlalchemy import URL

_KINDS = ("mysql", "mariadb")
_PORT = 3306
# The faster first: it is made of C, which must be compiled for each machine.
_DRIVERS = {"mysqldb": "MySQLdb", "pymysql": "pymysql"}
_REFUSED = {
    "mariadbconnector": "it takes an answer that was cut for its end, so that people look as though they had gone",
    "mysqlconnector": "it keeps all rows in memory",
}
_TEXT: dict[str, Any] = {"schema": {"type": "string"}}
_FIELDS: dict[str, dict[str, Any]] = {
    **dict.fromkeys(("ssl_ca", "ssl_capath", "ssl_cert", "ssl_key", "ssl_cipher", "unix_socket"), _TEXT),
    "ssl_check_hostname": {"schema": {"type": "boolean"}},
    "connect_timeout": {"schema": {"type": "integer"}},
    "read_timeout": {"schema": {"type": "integer"}},
}


def is_one(connection: Connection) -> bool:
    """Whether the connection's type says MariaDB or MySQL, with a driver (``mysql+pymysql``) or without."""
    return (connection.conn_type or "").partition("+")[0] in _KINDS


def url_of(connection: Connection) -> URL:
    """The URL, with the options for TLS and time-outs among its extras. A ConfigError if the driver is missing, or one
    that does not read exactly."""
    from sqlalchemy import URL

    extras = read_extras(connection.extra_dejson, _FIELDS, connection.conn_id)
    return URL.create(
        f"mysql+{_driver(connection)}",
        username=connection.login or None,
        password=connection.password or None,
        host=connection.host or None,
        port=connection.port or _PORT,
        database=connection.schema or None,
        query={"charset": "utf8mb4", **{name: str(value) for name, value in extras.items() if name in _FIELDS}},
    )


def _driver(connection: Connection) -> str:
    said = (connection.conn_type or "").partition("+")[2]
    if said in _REFUSED:
        raise ConfigError(
            f"connection {connection.conn_id}: the driver {said} is not used, since {_REFUSED[said]}; make the type"
            " mysql, or mysql+pymysql"
        )
    known = [said] if said else list(_DRIVERS)
    found = [each for each in known if each in _DRIVERS and importlib.util.find_spec(_DRIVERS[each])]
    if not found:
        raise ConfigError(
            f"connection {connection.conn_id}: no driver for MariaDB ({', '.join(known)}) is installed; install the"
            " extra crm-sync[mysql]"
        )
    return found[0]
