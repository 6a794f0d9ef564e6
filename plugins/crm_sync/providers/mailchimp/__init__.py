"""Mailchimp: the facts about its Marketing API 3.0, each with its source and its certainty.

documented: the vendor's own specification or guide says so. seen: captured traffic or an issue thread shows it.
assumed: neither, and the code does not depend on it. docs/providers/mailchimp.md says more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_sync import forms
from crm_sync.contract import OAuth2, Provider

PROVIDER = Provider(
    name="mailchimp",
    title="Mailchimp",
    schedule="*/10 * * * *",
    is_live=True,
    form=forms.Form(
        account="One audience of one Mailchimp account.",
        fields={
            "audience_id": forms.text("Audience ID", "In Mailchimp: Audience > Settings > Audience name and defaults."),
            "redirect_uri": forms.redirect_uri(),
            "base_url": forms.base_url("Mailchimp", ", for this key or token"),
            "oauth_url": forms.oauth_url("Mailchimp"),
        },
        has_login=True,
        labels={"login": "Client ID", "password": "API Key, or Client Secret"},
        hints={
            "login": "empty for an API key; the client id of a registered app, to connect in a browser",
            "password": "an API key ends in a dash and the data centre, such as -us14",
        },
    ),
    batch_sizes={
        # documented: https://mailchimp.com/developer/marketing/api/lists/batch-subscribe-or-unsubscribe/ (500 members
        # a call)
        "enroll": 500,
        # documented: https://mailchimp.com/developer/marketing/api/list-segments/batch-add-or-remove-members/ (500 of
        # each)
        "change_membership": 500,
    },
    # documented: 10 simultaneous connections a user, over all apps; two are left for other apps.
    # https://mailchimp.com/developer/marketing/docs/fundamentals/#api-limits
    concurrency=8,
    # documented: the service gives up a call after 120 seconds (same page).
    timeout_seconds=120,
    # seen: text merge fields hold 255 bytes.
    field_bytes={"FNAME": 255, "LNAME": 255},
    # documented: https://mailchimp.com/developer/marketing/docs/merge-fields/#structure
    field_types=("text", "number", "date", "birthday", "phone", "address", "zip", "url"),
    # documented: a merge field may be required (same page).
    may_require_fields=True,
    # assumed: no limit is documented for the name of a tag; the web form accepts 100 characters.
    list_name_characters=100,
    # seen: https://github.com/brandonseydel/MailChimp.Net/issues/201 (the new address exists in the audience, in any
    # state).
    replaces_when=("address_taken", "not_found"),
    # documented: no scopes; tokens do not expire; id and secret go in the body; a token does not name its data centre.
    # https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/
    oauth=OAuth2(
        url="https://login.mailchimp.com/oauth2", renews=False, names_host=True, secret_in_body=True, or_key=True
    ),
    documentation="https://mailchimp.com/developer/marketing/api/",
)

if TYPE_CHECKING:  # so that mypy names what one of the modules lacks
    from crm_sync.contract import ClientModule, MappingModule
    from crm_sync.providers.mailchimp import client, mapping

    CLIENT: ClientModule = client
    MAPPING: MappingModule = mapping
