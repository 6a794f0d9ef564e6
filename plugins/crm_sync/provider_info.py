"""Tells Airflow which connection types this package brings, with the fields of their forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_sync import providers
from crm_sync.hooks.accounts import account_hook

if TYPE_CHECKING:
    from crm_sync.hooks.account import AccountHook


def get_provider_info() -> dict[str, Any]:
    """What Airflow reads through the entry point ``apache_airflow_provider``; every provider's form by discovery."""
    return {
        "package-name": "crm-sync",
        "name": "CRM Sync",
        "description": "Keeps an association's CRM in step with its newsletter, community and advocacy services.",
        "connection-types": [_connection_type(account_hook(name)) for name in providers.names()],
    }


def _connection_type(hook: type[AccountHook]) -> dict[str, Any]:
    return {
        "connection-type": hook.conn_type,
        "hook-class-name": f"{hook.__module__}.{hook.__qualname__}",
        "hook-name": hook.hook_name,
        "conn-fields": hook.fields(),
        "ui-field-behaviour": providers.get(hook.conn_type).form.behaviour,
    }
