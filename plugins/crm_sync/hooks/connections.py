"""Finds an Airflow connection; if it is missing, the error says how to create it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from crm_sync.errors import DisconnectedError

if TYPE_CHECKING:
    from airflow.sdk import Connection


def has_connection(connection_id: str) -> bool:
    """Whether there is such an Airflow connection."""
    try:
        BaseHook.get_connection(connection_id)
    except AirflowNotFoundException:
        return False
    return True


def find_connection(connection_id: str, connection_type: str, what: str) -> Connection:
    """The connection. If it is missing, a DisconnectedError says how to create it.

    ``what``: the database or account behind it, for that message.
    """
    try:
        return BaseHook.get_connection(connection_id)
    except AirflowNotFoundException:
        raise DisconnectedError(
            f"no Airflow connection {connection_id}, which leads to {what}; make one of type {connection_type} under"
            f" Admin > Connections, or set AIRFLOW_CONN_{connection_id.upper()}"
        ) from None
