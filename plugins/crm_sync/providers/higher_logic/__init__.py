"""Higher Logic: the facts about its Push API, each with its source and its certainty.

documented: the vendor's own article says so. seen: a production client does so. assumed: neither;
docs/providers/higher_logic.md says what the code does if the assumption is wrong. The differences between the versions
of the API are in push_version.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_sync.contract import Provider
from crm_sync.model import Verb
from crm_sync.providers.higher_logic.form import FORM
from crm_sync.providers.higher_logic.push_version import V1, version_of

if TYPE_CHECKING:
    from collections.abc import Mapping

# Extras that change the record of a member: parameters of the mapping's ``record``, unless they have their defaults.
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
    # documented: a record is sent complete, with its groups.
    # https://support.higherlogic.com/hc/en-us/articles/6535087910548
    carries={
        "enroll": frozenset({Verb.ADD_TO_LIST, Verb.REMOVE_FROM_LIST}),
        "archive": frozenset({Verb.REMOVE_FROM_LIST}),
    },
    batch_sizes={
        # seen: production clients push 100 records a call; the vendor's limit is not known.
        "enroll": 100,
        "archive": 100,
    },
    # assumed: no limit is documented. Calls run one after the other, organizations before the people who name them.
    concurrency=1,
    organizations_first=True,
    # assumed: gateways of its kind time out after half a minute; this is twice that.
    timeout_seconds=60,
    # assumed: no limit is documented. A longer value is reported and sent all the same.
    field_bytes={"FirstName": 100, "LastName": 100, "CompanyName": 100},
    # seen: the fields of a member, and demographics, in push_version.py.
    field_types=("text", "date", "demographic"),
    # assumed: no limit is documented for the name of a community; a longer name is truncated.
    list_name_characters=100,
    documentation="https://support.higherlogic.com/hc/en-us/articles/360052976791",
    by_connection=_chosen,
)

if TYPE_CHECKING:  # so that mypy names what one of the modules lacks
    from crm_sync.contract import ClientModule, MappingModule
    from crm_sync.providers.higher_logic import client, mapping

    CLIENT: ClientModule = client
    MAPPING: MappingModule = mapping
