"""What the Airflow connection of a site asks for."""

from __future__ import annotations

from crm_sync import forms

FORM = forms.Form(
    account="One site of Higher Logic.",
    fields={
        "push_api": forms.text(
            "Push API",
            "2 where Push is the sole integration of your site: Higher Logic gave you an API key. 1 for the hybrid of"
            " Claims and Push: it gave you an API Gateway Key and a Tenant Code. Empty: 1.",
            enum=["2", "1"],
            default="2",
        ),
        "tenant_code": forms.text(
            "Tenant Code",
            "Version 1 needs it: Higher Logic gives it to you together with the API Gateway Key. With version 2 it may"
            " be any name of your site: put another one where the key is of another site.",
        ),
        "list_type": forms.text(
            "Community Type of Lists",
            "A community type that is set up at your site, which says who may see and join; empty for List.",
        ),
        "committee_type": forms.text("Community Type of Committees", "The same for committees; empty for Committee."),
        "do_not_email": forms.switch(
            "Do Not Contact Is Said",
            "On: who has Do Not Contact in the CRM, or in one of its synchronized lists, has Do Not Email there"
            " (version 2). Off: Do Not Contact has no effect.",
            default=False,
        ),
        "delete_gone": forms.switch(
            "Delete Who Is Gone",
            "On: who is gone from the CRM is deleted there (version 2), which takes their posts away. Off: they lose"
            " all groups and are no members any more, as those who lapsed do in any case.",
            default=False,
        ),
        "enabled": forms.enabled("Higher Logic"),
        "base_url": forms.base_url("Higher Logic"),
    },
    labels={"password": "API Key"},
    hints={"password": "the API key, or the API Gateway Key of version 1"},
)
