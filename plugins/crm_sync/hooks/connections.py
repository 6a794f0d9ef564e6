"""Finds an Airflow connection, or tells a person how to make the one that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from crm_sync.errors import DisconnectedError

if TYPE_CHECKING:
    from airflow.sdk import Connection


def find_connection(connection_id: str, connection_type: str, what: str) -> Connection:
    """The connection; a ConfigError that says how to make it where there is none.

    ``what`` is what the connection leads to, in a person's words.
    """
    try:
        return BaseHook.get_connection(connection_id)
    except AirflowNotFoundException:
        raise DisconnectedError(
            f"no Airflow connection {connection_id}, which leads to {what}; make one of type {connection_type} under"
            f" Admin > Connections, or set AIRFLOW_CONN_{connection_id.upper()}"
        ) from None
