"""VoterVoice: the facts about its REST API, each with its source and its certainty.

documented: the vendor's API blueprint of 2023-05-18 says so. seen: captured responses show it. assumed: neither;
docs/providers/votervoice.md says what the code does if the assumption is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_sync import forms
from crm_sync.contract import Provider
from crm_sync.model import Verb

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEEDS = "heeds_do_not_contact"


def _chosen(extras: Mapping[str, Any]) -> Mapping[str, Any]:
    """Whether Do Not Contact, which is meant for newsletters, also keeps people out of VoterVoice."""
    return {_HEEDS: bool(extras.get(_HEEDS))}


PROVIDER = Provider(
    name="votervoice",
    title="VoterVoice",
    schedule="0 0 * * *",
    form=forms.Form(
        account="One list of one association at VoterVoice.",
        fields={
            "list_name": forms.text(
                "List Name",
                "The list at VoterVoice that holds the members; empty for Default List.",
                default="Default List",
            ),
            "association": forms.text(
                "Association", "Your association's identification name at VoterVoice; your account manager knows it."
            ),
            _HEEDS: forms.switch(
                "Do Not Contact",
                "On: people with Do Not Contact are removed from VoterVoice. Off: only memberships count.",
                default=False,
            ),
            "enabled": forms.enabled("VoterVoice"),
            "base_url": forms.base_url("VoterVoice"),
        },
        labels={"password": "API Key"},
        hints={"password": "the key of the REST API"},
    ),
    audience="members",
    keyed_by="contact_id",
    verbs=frozenset({Verb.CREATE, Verb.UPDATE, Verb.ENABLE, Verb.ARCHIVE, Verb.SUPPRESS}),
    hears_opt_outs=False,
    reads_back=False,
    heeds_do_not_contact=False,
    # assumed: an e-mail address belongs to one contact only.
    leavers_first=True,
    people_wait_when=("address_taken",),
    # A person who needs another one's address is retried when everyone else has been written.
    seconds_between_polls=1,
    batch_sizes={
        # documented: there is no bulk call; each person takes one. A killed load may have to repeat a batch.
        # https://github.com/VoterVoice/vv-api-examples
        "enroll": 50,
        "archive": 50,
        "suppress": 50,
    },
    # assumed: no limit is documented; this is low enough not to look like an attack.
    concurrency=4,
    # assumed: no limit is documented.
    timeout_seconds=60,
    # assumed: no limit is documented. A longer value is reported and sent all the same.
    field_bytes={"givenNames": 100, "surname": 100, "businessCompanyName": 200},
    # documented: a custom field takes one of these.
    field_types=("text", "date", "number", "boolean", "choices"),
    # assumed: no limit is documented; the pipeline creates no lists at VoterVoice.
    list_name_characters=100,
    holds="everyone with an Active or Courtesy membership, their own or an organization's, in a list or not",
    # documented: the list of contacts that are put into no other.
    default_list="Default List",
    documentation="https://github.com/VoterVoice/vv-api-examples",
    by_connection=_chosen,
)

if TYPE_CHECKING:  # so that mypy names what one of the modules lacks
    from crm_sync.contract import ClientModule, MappingModule
    from crm_sync.providers.votervoice import client, mapping

    CLIENT: ClientModule = client
    MAPPING: MappingModule = mapping
