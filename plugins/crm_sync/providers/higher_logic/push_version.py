"""What differs between the versions of the Push API, so that another version is another sheet and not another client.

Which of them a site has depends on what else feeds it: version 2 where Push is its sole integration, version 1 for the
hybrid of Claims and Push (documented: both articles below).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm_sync.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class PushVersion:
    """Where a push goes, where its key and tenant stand, and what its answer tells.

    ``number``: as the connection says it. ``key_title``, ``required``: what the connection must hold.
    ``tenant_field``, ``items_field``: names in the body; "" where the body has no such place.
    ``takes_empty_push``: whether a push of nobody is answered, which tells a wrong tenant from wrong records.
    ``reads_answer``: whether the body of an answer says what became of the push; else only its status does.
    ``counts_records``: whether the answer's count is that of the records taken.
    ``can_delete``: whether a record may ask for its own end.
    """

    number: str
    base_url: str
    members_path: str
    key_header: str
    key_title: str
    required: tuple[str, ...]
    tenant_field: str
    items_field: str
    takes_empty_push: bool
    reads_answer: bool
    counts_records: bool
    can_delete: bool


V1 = PushVersion(
    number="1",
    # documented: https://support.higherlogic.com/hc/en-us/articles/6535087910548 (one host for all customers)
    base_url="https://data.higherlogic.com/push/v1",
    # documented: same article, /members.
    members_path="/members",
    # seen: two production clients.
    key_header="x-api-key",
    key_title="API Gateway Key",
    # documented: same article, the site is identified by TenantCode; seen: in the body.
    required=("tenant_code",),
    tenant_field="TenantCode",
    # seen: two production clients.
    items_field="Items",
    # assumed: no source. Where it is not so, the test of the connection fails, and so does a push that is all refused.
    takes_empty_push=True,
    # seen: two production clients look at the flag in the body, and not at the status.
    reads_answer=True,
    # assumed: the answer has a count; no source says of what.
    counts_records=True,
    # assumed: no client does.
    can_delete=False,
)

V2 = PushVersion(
    number="2",
    # documented: https://support.higherlogic.com/hc/en-us/articles/360052976791 (in Canada another host, which is the
    # connection's base URL then)
    base_url="https://datapushapi.higherlogic.com/v2",
    # documented: same article.
    members_path="/contactinfo",
    # seen: Tendenci 16.30.
    key_header="ApiKey",
    key_title="API key",
    # seen: Tendenci 16.30, no tenant code anywhere in the request: the key alone names the site.
    required=(),
    tenant_field="",
    # documented: same article, the body is an array of full records; seen: Tendenci 16.30.
    items_field="",
    # assumed: no source says so; whatever the answer to a push of nobody, it shows whether the key is known.
    takes_empty_push=False,
    # seen: Tendenci 16.30 takes status 200, and nothing else, for a success, and does not read the body.
    reads_answer=False,
    counts_records=False,
    # documented: same article, IsDeleted.
    can_delete=True,
)

_VERSIONS = {each.number: each for each in (V1, V2)}


def version_of(extras: Mapping[str, Any]) -> PushVersion:
    """Which one the connection chose: version 1 where it says nothing. A ConfigError for one that is not known."""
    said = str(extras.get("push_api") or V1.number).strip()
    if said not in _VERSIONS:
        raise ConfigError(
            "the connection's extra push_api must be 1 or 2: 2 where Push is the site's sole"
            " integration, 1 for the hybrid of Claims and Push"
        )
    return _VERSIONS[said]
