"""Constant Contact: the facts about its V3 API, each with its source and its certainty.

documented: the vendor's own specification or guide says so. seen: public clients or the vendor's forum show it.
assumed: neither, and the code does not depend on it. docs/providers/constant_contact.md says more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_sync import forms
from crm_sync.contract import OAuth2, Provider
from crm_sync.model import Verb

PROVIDER = Provider(
    name="constant_contact",
    title="Constant Contact",
    schedule="*/10 * * * *",
    is_live=True,
    form=forms.Form(
        account="One Constant Contact account, through an authorized application of the V3 API.",
        fields={
            "redirect_uri": forms.redirect_uri(),
            "base_url": forms.base_url("Constant Contact"),
            "oauth_url": forms.oauth_url("Constant Contact"),
        },
        has_login=True,
        labels={"login": "API Key", "password": "Application Secret"},
        hints={"login": "the API key of an application at app.constantcontact.com/pages/dma/portal"},
    ),
    batch_sizes={
        # documented: https://developer.constantcontact.com/api_guide/import_contacts (40,000 contacts an import)
        "enroll": 40_000,
        # documented: https://api.cc.email/v3/swagger.yaml (500 contact_ids in a source)
        "change_membership": 500,
        # documented: https://api.cc.email/v3/swagger.yaml (500 contact_ids)
        "archive": 500,
    },
    # documented: four calls a second and 10,000 a day for an application; more calls at once would only wait.
    # https://developer.constantcontact.com/api_guide/rate_limits
    concurrency=4,
    calls_per_second=4,
    calls_per_day=10_000,
    # A hundredth of the documented daily limit: the calls that isolating bad records may cost a run.
    isolating_calls=100,
    # assumed: no limit is documented; a page of 500 contacts takes seconds.
    timeout_seconds=60,
    # documented: names have 50 characters, an address 80. The mapping measures a byte for each character.
    # https://api.cc.email/v3/swagger.yaml
    field_bytes={"first_name": 50, "last_name": 50, "company_name": 50, "email": 80},
    # documented: a contact, and a row of an import, has up to 25 custom fields; an import names them with cf: (same
    # file).
    field_types=("string", "date"),
    most_fields=25,
    field_prefix="cf:",
    # documented: the name of a list has 255 characters (same file).
    list_name_characters=255,
    # documented: an import, and a change of memberships, names up to 50 lists (same file).
    lists_per_call=50,
    carries={
        "enroll": frozenset({Verb.ADD_TO_LIST}),
        "suppress": frozenset({Verb.REMOVE_FROM_LIST}),
        "archive": frozenset({Verb.REMOVE_FROM_LIST}),
    },
    # assumed: no source says how long an activity takes; a small one finishes within seconds.
    seconds_between_polls=10,
    hours_to_wait=2,
    # seen: an address that any contact has, in any state and even deleted, is refused (409).
    replaces_when=("address_taken", "not_found"),
    # documented by the vendor's staff in its forum: an address that somebody tried to subscribe more than five times in
    # a day, in any account, is blocked for 48 hours, and an import treats it as invalid.
    rests={"address_refused": 48},
    lists_wait_when=("too_many_lists_in_account",),
    # documented: contact_data reads and writes contacts and lists, account_read identifies the account, and without
    # offline_access there is no refresh token. https://developer.constantcontact.com/api_guide/server_flow and scopes
    oauth=OAuth2(
        url="https://authz.constantcontact.com/oauth2/default/v1",
        scopes=("contact_data", "account_read", "offline_access"),
    ),
    documentation="https://developer.constantcontact.com/api_guide/",
)

if TYPE_CHECKING:  # so that mypy names what one of the modules lacks
    from crm_sync.contract import ClientModule, MappingModule
    from crm_sync.providers.constant_contact import client, mapping

    CLIENT: ClientModule = client
    MAPPING: MappingModule = mapping
