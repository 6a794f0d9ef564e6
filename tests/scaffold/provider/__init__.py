"""Acme Mail: what is true of its API, each fact with its source.

documented: the vendor's own reference says so. seen: captured answers show it. assumed: neither;
docs/providers/acme_mail.md says what the code does where it is not so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_sync import forms
from crm_sync.contract import Provider
from crm_sync.model import Verb

PROVIDER = Provider(
    name="acme_mail",
    title="Acme Mail",
    schedule="*/30 * * * *",
    form=forms.Form(
        account="One account at Acme Mail.",
        fields={
            "account_id": forms.text("Account ID", "Names the account that the key belongs to."),
            "enabled": forms.enabled("Acme Mail"),
            "base_url": forms.base_url("Acme Mail"),
        },
        labels={"password": "API Key"},
        hints={"password": "the key of the API"},
    ),
    # Active members, known by the CRM's contact id. A newsletter has "subscribers" instead, keyed by address.
    audience="members",
    keyed_by="contact_id",
    verbs=frozenset({Verb.CREATE, Verb.UPDATE, Verb.ENABLE, Verb.ARCHIVE}),
    hears_opt_outs=False,
    reads_back=False,
    # Members are held whatever their Do Not Contact. A service that sends mail must heed it, and suppress.
    heeds_do_not_contact=False,
    # assumed: each record is sent whole, with the lists that it names.
    carries={
        "enroll": frozenset({Verb.ADD_TO_LIST, Verb.REMOVE_FROM_LIST}),
        "archive": frozenset({Verb.REMOVE_FROM_LIST}),
    },
    batch_sizes={
        # assumed: there is no bulk call. A batch is what a killed load may have to send again.
        "enroll": 50,
        "archive": 50,
    },
    # assumed: no limit is documented; few enough not to be taken for an attack.
    concurrency=2,
    # assumed: no limit is documented.
    timeout_seconds=60,
    # assumed: no limit is documented. A longer one is reported, and sent all the same.
    field_bytes={"first_name": 100, "last_name": 100},
    # assumed: no limit is documented; a longer name of a list is cut.
    list_name_characters=100,
    documentation="https://example.org/acme_mail",
)

if TYPE_CHECKING:  # so that mypy names what one of the modules lacks
    from crm_sync.contract import ClientModule, MappingModule
    from scaffold.provider import client, mapping

    CLIENT: ClientModule = client
    MAPPING: MappingModule = mapping
