"""Where a person's record is seen outside: in the CRM's own pages, and at a provider, as the settings say."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from crm_sync.hooks import configuration

if TYPE_CHECKING:
    from crm_sync.web.why import Held


def in_the_crm(contact_id: int) -> str:
    """The contact's page in the CRM; "" where nobody has said where it is."""
    return configuration.read().settings.crm_record_url.replace("{contact_id}", str(contact_id))


def at(provider: str, contact_id: int, held: Held | None) -> str:
    """The person's page at a provider; "" where nobody has said where it is, or the provider has no such person."""
    address = configuration.read().settings.own(provider).record_url
    if held is None or held.state == "absent" or ("{remote_id}" in address and not held.remote_id):
        return ""
    for name, value in (("contact_id", str(contact_id)), ("address", held.address), ("remote_id", held.remote_id)):
        address = address.replace(f"{{{name}}}", quote(value or "", safe=""))
    return address
