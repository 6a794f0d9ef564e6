"""Connects to the API of a CRM that takes opt-outs by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_sync import crms
from crm_sync.contract import Credentials
from crm_sync.hooks.connections import find_connection
from crm_sync.hooks.extras import read_extras
from crm_sync.ledger import sources

if TYPE_CHECKING:
    from collections.abc import Callable

    from airflow.sdk import Connection

    from crm_sync.pipeline.opt_out_writer import OptOutWriter
    from crm_sync.settings import Settings

CONNECTION = "crm_sync_crm_api"


def opt_out_writer(settings: Settings) -> Callable[[], OptOutWriter] | None:
    """What connects to the API of the chosen CRM; None where opt-outs are written by SQL. Called, it raises a
    DisconnectedError if the connection is missing or incomplete."""
    source = sources.chosen()
    return (lambda: _connect(source.api, source.title, settings)) if source.api else None


def _connect(api: str, title: str, settings: Settings) -> OptOutWriter:
    connection = find_connection(CONNECTION, "http", f"the API of {title}, which takes opt-outs")
    extras = read_extras(connection.extra_dejson, {}, CONNECTION)
    credentials = Credentials(connection.password or "", extras=extras)
    credentials.require(CONNECTION, "API key")
    return crms.connect(api, _base_url(connection), credentials, settings)


def _base_url(connection: Connection) -> str:
    """The address of the site: the host with its scheme, or the fields of the form."""
    host = connection.host or ""
    if "://" in host:
        return host
    port = f":{connection.port}" if connection.port else ""
    return f"{connection.schema or 'https'}://{host}{port}"
