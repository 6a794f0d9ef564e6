"""Constant Contact as an Airflow connection: its type, its form, and its client."""

from __future__ import annotations

from typing import Any, ClassVar

from crm_sync.hooks.account import AccountHook


class ConstantContactHook(AccountHook):
    """One Constant Contact account, by an application of the V3 API that was allowed there."""

    provider_name = "constant_contact"
    default_conn_name = "constant_contact_default"
    conn_type = "constant_contact"
    hook_name = "Constant Contact"
    form_fields: ClassVar[dict[str, dict[str, Any]]] = {
        "redirect_uri": {
            "label": "Redirect URI",
            "description": "Of make connect, as the application has it there; empty for http://127.0.0.1:8765/.",
            "schema": {"type": ["string", "null"]},
        },
        "base_url": {
            "label": "Base URL",
            "description": "Empty for Constant Contact itself; fill in for another server.",
            "schema": {"type": ["string", "null"]},
        },
        "oauth_url": {
            "label": "OAuth2 URL",
            "description": "Empty for Constant Contact's own authorization server; fill in for another one.",
            "schema": {"type": ["string", "null"]},
        },
    }
    form_behaviour: ClassVar[dict[str, Any]] = {
        "hidden-fields": ["host", "schema", "extra"],
        "relabeling": {"login": "API Key", "password": "Application Secret"},
        "placeholders": {"login": "of an application at app.constantcontact.com/pages/dma/portal", "port": "443"},
    }
