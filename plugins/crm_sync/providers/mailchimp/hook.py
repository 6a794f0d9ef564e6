"""Mailchimp as an Airflow connection: its type, its form, and its client."""

from __future__ import annotations

from typing import Any, ClassVar

from crm_sync.hooks.account import AccountHook


class MailchimpHook(AccountHook):
    """One audience of one Mailchimp account."""

    provider_name = "mailchimp"
    default_conn_name = "mailchimp_default"
    conn_type = "mailchimp"
    hook_name = "Mailchimp"
    form_fields: ClassVar[dict[str, dict[str, Any]]] = {
        "audience_id": {
            "label": "Audience ID",
            "description": "In Mailchimp: Audience > Settings > Audience name and defaults.",
            "schema": {"type": ["string", "null"]},
        },
        "redirect_uri": {
            "label": "Redirect URI",
            "description": "Of make connect, as the application has it there; empty for http://127.0.0.1:8765/.",
            "schema": {"type": ["string", "null"]},
        },
        "base_url": {
            "label": "Base URL",
            "description": "Empty for Mailchimp itself, where key or token belong; fill in for another server.",
            "schema": {"type": ["string", "null"]},
        },
        "oauth_url": {
            "label": "OAuth2 URL",
            "description": "Empty for Mailchimp's own authorization server; fill in for another one.",
            "schema": {"type": ["string", "null"]},
        },
    }
    form_behaviour: ClassVar[dict[str, Any]] = {
        "hidden-fields": ["host", "schema", "extra"],
        "relabeling": {"login": "Client ID", "password": "API Key, or Client Secret"},
        "placeholders": {
            "login": "empty for an API key; of a registered app, to connect in a browser",
            "password": "an API key ends in a dash and the data centre, such as -us14",
            "port": "443",
        },
    }
