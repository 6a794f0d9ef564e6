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
        "base_url": {
            "label": "Base URL",
            "description": "Empty for Mailchimp itself, at the data centre the key names; fill in for another server.",
            "schema": {"type": ["string", "null"]},
        },
    }
    form_behaviour: ClassVar[dict[str, Any]] = {
        "hidden-fields": ["host", "schema", "login", "extra"],
        "relabeling": {"password": "API Key"},
        "placeholders": {"password": "ends in a dash and the data centre, such as -us14", "port": "443"},
    }
