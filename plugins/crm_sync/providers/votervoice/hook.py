"""VoterVoice as an Airflow connection: its type, its form, and its client."""

from __future__ import annotations

from typing import Any, ClassVar

from crm_sync.hooks.account import AccountHook


class VoterVoiceHook(AccountHook):
    """One list of one association at VoterVoice."""

    provider_name = "votervoice"
    default_conn_name = "votervoice_default"
    conn_type = "votervoice"
    hook_name = "VoterVoice"
    form_fields: ClassVar[dict[str, dict[str, Any]]] = {
        "list_name": {
            "label": "List Name",
            "description": "The list at VoterVoice that holds the members; empty for Default List.",
            "schema": {"type": ["string", "null"], "default": "Default List"},
        },
        "association": {
            "label": "Association",
            "description": "Your association's identification name at VoterVoice; your account manager knows it.",
            "schema": {"type": ["string", "null"]},
        },
        "heeds_do_not_contact": {
            "label": "Do Not Contact",
            "description": "On: whoever is not to be contacted leaves VoterVoice, too. Off: memberships alone decide.",
            "schema": {"type": ["boolean", "null"], "default": False},
        },
        "enabled": {
            "label": "Enabled",
            "description": "Off: VoterVoice is skipped, and stays as it is.",
            "schema": {"type": ["boolean", "null"], "default": True},
        },
        "base_url": {
            "label": "Base URL",
            "description": "Empty for VoterVoice itself; fill in for another server.",
            "schema": {"type": ["string", "null"]},
        },
    }
    form_behaviour: ClassVar[dict[str, Any]] = {
        "hidden-fields": ["host", "schema", "login", "extra"],
        "relabeling": {"password": "API Key"},
        "placeholders": {"password": "the key of the REST API", "port": "443"},
    }
