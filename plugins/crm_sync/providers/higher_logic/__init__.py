"""Higher Logic: what is true of its Push API, each fact with its source and how sure it is.

documented: the vendor's own article says so. seen: a production client does so. assumed: neither;
docs/providers/higher_logic.md says what the code does where it is not so. What differs between the versions of the
API is in push_version.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_sync.contract import Provider
from crm_sync.model import Verb
from crm_sync.providers.higher_logic.form import FORM
from crm_sync.providers.higher_logic.push_version import V1, version_of

if TYPE_CHECKING:
    from collections.abc import Mapping

# Extras that alter what is sent of somebody: parameters of the mapping's record, where they say what is not usual.
_CHOICES = ("list_type", "committee_type", "do_not_email")


def _chosen(extras: Mapping[str, Any]) -> Mapping[str, Any]:
    version = version_of(extras)
    chosen = {name: extras[name] for name in _CHOICES if extras.get(name)}
    return {"chosen": chosen if version is V1 else {**chosen, "push_api": version.number}}


PROVIDER = Provider(
    name="higher_logic",
    title="Higher Logic",
    schedule="*/30 * * * *",
    form=FORM,
    audience="members",
    keyed_by="contact_id",
    verbs=frozenset({Verb.CREATE, Verb.UPDATE, Verb.ENABLE, Verb.ARCHIVE}),
    hears_opt_outs=False,
    reads_back=False,
    heeds_do_not_contact=False,
    keeps_record=True,
    # documented: each record is sent whole, with the groups it is in.
    # https://support.higherlogic.com/hc/en-us/articles/6535087910548
    carries={
        "enroll": frozenset({Verb.ADD_TO_LIST, Verb.REMOVE_FROM_LIST}),
        "archive": frozenset({Verb.REMOVE_FROM_LIST}),
    },
    batch_sizes={
        # seen: production clients push 100 records a call; the vendor's own limit is not known.
        "enroll": 100,
        "archive": 100,
    },
    # assumed: no limit is documented; organizations go before the people who name them, one call after the other.
    concurrency=1,
    organizations_first=True,
    # assumed: gateways of its kind give up after half a minute; twice that.
    timeout_seconds=60,
    # assumed: no limit is documented. A longer one is told of, and sent all the same.
    field_bytes={"FirstName": 100, "LastName": 100, "CompanyName": 100},
    # assumed: no limit is documented for the name of a community; a longer one is cut.
    list_name_characters=100,
    documentation="https://support.higherlogic.com/hc/en-us/articles/360052976791",
    by_connection=_chosen,
)

if TYPE_CHECKING:  # so that mypy names what one of the modules lacks
    from crm_sync.contract import ClientModule, MappingModule
    from crm_sync.providers.higher_logic import client, mapping

    CLIENT: ClientModule = client
    MAPPING: MappingModule = mapping
