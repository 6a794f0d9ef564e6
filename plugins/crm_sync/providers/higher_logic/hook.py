"""Higher Logic as an Airflow connection: its type, its form, and its client."""

from __future__ import annotations

from typing import Any, ClassVar

from crm_sync.hooks.account import AccountHook


class HigherLogicHook(AccountHook):
    """One site of Higher Logic."""

    provider_name = "higher_logic"
    default_conn_name = "higher_logic_default"
    conn_type = "higher_logic"
    hook_name = "Higher Logic"
    form_fields: ClassVar[dict[str, dict[str, Any]]] = {
        "tenant_code": {
            "label": "Tenant Code",
            "description": "Names your site; Higher Logic gives it to you together with the API Gateway Key.",
            "schema": {"type": ["string", "null"]},
        },
        "list_type": {
            "label": "Community Type of Lists",
            "description": "A community type that is set up at your site, which says who may see and join; empty for"
            " List.",
            "schema": {"type": ["string", "null"]},
        },
        "committee_type": {
            "label": "Community Type of Committees",
            "description": "The same for committees; empty for Committee.",
            "schema": {"type": ["string", "null"]},
        },
        "enabled": {
            "label": "Enabled",
            "description": "Off: Higher Logic is skipped, and stays as it is.",
            "schema": {"type": ["boolean", "null"], "default": True},
        },
        "base_url": {
            "label": "Base URL",
            "description": "Empty for Higher Logic itself; fill in for another server.",
            "schema": {"type": ["string", "null"]},
        },
    }
    form_behaviour: ClassVar[dict[str, Any]] = {
        "hidden-fields": ["host", "schema", "login", "extra"],
        "relabeling": {"password": "API Gateway Key"},
        "placeholders": {"password": "the key of the Push API", "port": "443"},
    }
