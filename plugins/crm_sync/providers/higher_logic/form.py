"""The form of a site's Airflow connection."""

from __future__ import annotations

from crm_sync import forms

FORM = forms.Form(
    account="One site of Higher Logic.",
    fields={
        "push_api": forms.text(
            "Push API",
            "2 if Push is the only integration of your site: Higher Logic gave you an API key. 1 for the hybrid of"
            " Claims and Push: it gave you an API Gateway Key and a Tenant Code. Empty: 1.",
            enum=["2", "1"],
            default="2",
        ),
        "tenant_code": forms.text(
            "Tenant Code",
            "Version 1 requires it: Higher Logic gives it to you together with the API Gateway Key. With version 2 it"
            " is any name for your site; change it when the key is one of another site.",
        ),
        "list_type": forms.text(
            "Community Type of Lists",
            "A community type that is set up at your site; it decides who may see and join. Empty for List.",
        ),
        "committee_type": forms.text("Community Type of Committees", "The same for committees; empty for Committee."),
        "do_not_email": forms.switch(
            "Send Do Not Contact",
            "On: people with Do Not Contact in the CRM, or in one of its synchronized lists, get Do Not Email at Higher"
            " Logic (version 2). Off: Do Not Contact has no effect.",
            default=False,
        ),
        "delete_gone": forms.switch(
            "Delete People Gone from the CRM",
            "On: people who are gone from the CRM are deleted at Higher Logic (version 2), with their posts. Off: they"
            " lose all groups and are no longer members, as lapsed members do in any case.",
            default=False,
        ),
        "enabled": forms.enabled("Higher Logic"),
        "base_url": forms.base_url("Higher Logic"),
    },
    labels={"password": "API Key"},
    hints={"password": "the API key, or the API Gateway Key of version 1"},
)
