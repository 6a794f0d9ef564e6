"""What differs between the versions of the Push API, so that another version is another sheet and not another client.

Of version 2 the vendor's field tables could not be read: its sheet holds what is known, and nothing connects with it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PushVersion:
    """Where a push goes, where its key and tenant stand, and what its answer tells.

    ``tenant_field``, ``items_field``: names in the body; "" where the body has no such place.
    ``takes_empty_push``: whether a push of nobody is answered, which tells a wrong tenant from wrong records.
    ``counts_records``: whether the answer's count is that of the records taken.
    """

    base_url: str
    members_path: str
    key_header: str
    tenant_field: str
    items_field: str
    takes_empty_push: bool
    counts_records: bool


V1 = PushVersion(
    # documented: https://support.higherlogic.com/hc/en-us/articles/6535087910548 (one host for all customers)
    base_url="https://data.higherlogic.com/push/v1",
    # documented: same article, /members.
    members_path="/members",
    # seen: two production clients.
    key_header="x-api-key",
    # documented: same article, the site is identified by TenantCode; seen: in the body.
    tenant_field="TenantCode",
    # seen: two production clients.
    items_field="Items",
    # assumed: no source. Where it is not so, the test of the connection fails, and so does a push that is all refused.
    takes_empty_push=True,
    # assumed: the answer has a count; no source says of what.
    counts_records=True,
)

V2 = PushVersion(
    # documented: https://support.higherlogic.com/hc/en-us/articles/360052976791
    base_url="https://datapushapi.higherlogic.com/v2",
    # documented: same article.
    members_path="/contactinfo",
    # seen: a public connector's notes.
    key_header="Key",
    # assumed: the key alone names the tenant; no source says where a tenant code goes.
    tenant_field="",
    # documented: same article, the body is an array of full records.
    items_field="",
    # assumed: its answers are not documented.
    takes_empty_push=False,
    counts_records=False,
)
