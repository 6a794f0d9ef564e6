"""The differences between the versions of the Push API; another version takes another sheet, not another client.

A site has version 2 if Push is its only integration, and version 1 for the hybrid of Claims and Push (documented: both
articles below).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crm_sync.errors import ConfigError

TEXT, DATE, DEMOGRAPHIC = "text", "date", "demographic"

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class PushVersion:
    """Where a push is sent, where its key and tenant are, and what its response means.

    ``number``: its number in the connection. ``key_title``, ``required``: what the connection must contain.
    ``tenant_field``, ``items_field``: names in the body; "" if the body has no such field.
    ``takes_empty_push``: whether an empty push succeeds, which distinguishes a wrong tenant from wrong records.
    ``reads_answer``: whether the body of the response says if the push succeeded; otherwise only its status does.
    ``counts_records``: whether the count in the response is the number of records accepted.
    ``can_delete``: whether a record may ask for its own deletion.
    ``texts``, ``days``: fields of a member that the pipeline leaves alone unless the settings fill them.
    ``has_demographics``: whether the names are known by which a record holds demographics.
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
    texts: frozenset[str]
    days: frozenset[str]
    has_demographics: bool

    def has_field(self, name: str, kind: str) -> bool:
        """Whether the settings may fill a field of that name and type."""
        if kind == DEMOGRAPHIC:
            return self.has_demographics
        return name in (self.days if kind == DATE else self.texts)


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
    # assumed: no source. If it is wrong, the test of the connection fails, and so does a push that is refused as a
    # whole.
    takes_empty_push=True,
    # seen: two production clients read the flag in the body, not the status.
    reads_answer=True,
    # assumed: the response has a count; no source says of what.
    counts_records=True,
    # assumed: no known client deletes.
    can_delete=False,
    # seen: two production clients.
    texts=frozenset(
        {
            *("MemberID", "PrefixCode", "MiddleName", "SuffixCode", "Designation", "InformalName"),
            *("Gender", "Ethnicity", "Age", "Bio", "ProfileImageURL"),
            *("Phone2", "Phone2Type", "Phone3", "Phone3Type", "Phone4", "Phone4Type", "Address3"),
            *("YouTubeURL", "FacebookURL", "TwitterURL", "LinkedInURL"),
            *("BloggerURL", "WordPressURL", "OtherBlogURL"),
        }
    ),
    days=frozenset({"Birthday"}),
    has_demographics=True,
)

V2 = PushVersion(
    number="2",
    # documented: https://support.higherlogic.com/hc/en-us/articles/360052976791 (Canada has another host,
    # which is then the connection's base URL)
    base_url="https://datapushapi.higherlogic.com/v2",
    # documented: same article.
    members_path="/contactinfo",
    # seen: Tendenci 16.30.
    key_header="ApiKey",
    key_title="API key",
    # seen: Tendenci 16.30 sends no tenant code; the key alone identifies the site.
    required=(),
    tenant_field="",
    # documented: same article, the body is an array of full records; seen: Tendenci 16.30.
    items_field="",
    # assumed: no source. Any response to an empty push shows whether the key is known.
    takes_empty_push=False,
    # seen: Tendenci 16.30 treats only status 200 as a success, and does not read the body.
    reads_answer=False,
    counts_records=False,
    # documented: same article, IsDeleted.
    can_delete=True,
    # seen: Tendenci 16.30; InformalName: the mapping of another vendor (Membes).
    texts=frozenset(
        {
            *("Gender", "Prefix", "InformalName"),
            *("ProfileImageURL", "FacebookURL", "TwitterURL", "LinkedinURL"),
        }
    ),
    days=frozenset({"Birthday"}),
    # documented: a record may hold demographics; no source names their fields, and a wrong name may cost the record.
    has_demographics=False,
)

_VERSIONS = {each.number: each for each in (V1, V2)}


def version_of(extras: Mapping[str, Any]) -> PushVersion:
    """The version that the connection names; version 1 if it names none. A ConfigError for an unknown one."""
    said = str(extras.get("push_api") or V1.number).strip()
    if said not in _VERSIONS:
        raise ConfigError(
            "the connection's extra push_api must be 1 or 2: 2 if Push is the site's only"
            " integration, 1 for the hybrid of Claims and Push"
        )
    return _VERSIONS[said]
