"""Which accounts are one: the host counts where it is not the vendor's own, however it is written."""

from __future__ import annotations

from typing import cast

import pytest

from crm_sync import providers
from crm_sync.contract import Credentials
from crm_sync.errors import ConfigError
from crm_sync.ledger.client_state import ClientState
from crm_sync.transport.network import service_at
from local.world import QUICK
from unit.providers.member_rows import Notebook

OWN = ("www.votervoice.net", ".api.mailchimp.com")


@pytest.mark.parametrize(
    "url",
    [
        "https://www.votervoice.net/api",
        "https://www.votervoice.net/api/",
        "https://WWW.VoterVoice.net:443/Api",
        "https://www.votervoice.net./api",
        "https://us14.api.mailchimp.com/3.0",
        "https://us2.API.mailchimp.com/3.0/",
    ],
)
def test_the_vendors_own_hosts_are_not_named(url: str) -> None:
    assert service_at(url, *OWN) == ""


@pytest.mark.parametrize(
    ("url", "service"),
    [
        ("https://sandbox.votervoice.net/api", "sandbox.votervoice.net/"),
        ("https://SANDBOX.votervoice.net.:443/api/", "sandbox.votervoice.net/"),
        ("https://www.votervoice.net:8443/api", "www.votervoice.net:8443/"),
        ("https://notapi.mailchimp.com/3.0", "notapi.mailchimp.com/"),
        ("http://user:secret@127.0.0.1:80/api", "127.0.0.1/"),
        ("http://127.0.0.1:443/api", "127.0.0.1:443/"),
    ],
)
def test_another_host_is(url: str, service: str) -> None:
    assert service_at(url, *OWN) == service


@pytest.mark.parametrize("url", ["https://host:port/api", "https://[half/api"])
def test_what_is_no_address_is_the_connections_fault(url: str) -> None:
    with pytest.raises(ConfigError, match="base URL"):
        service_at(url)


PLACES: dict[str, tuple[dict[str, str], str, str]] = {
    "higher_logic": ({"tenant_code": "Site"}, "https://data.higherlogic.com/push/v1", "site"),
    "votervoice": (
        {"association": "Assoc", "list_name": "Members"},
        "https://www.votervoice.net/api",
        "assoc#members",
    ),
}


def identity(provider: str, **extras: str) -> str:
    client_state = cast("ClientState", Notebook())
    sheet = providers.get(provider)
    return sheet.connect(Credentials("key", extras=PLACES[provider][0] | extras), QUICK, client_state).identity()


@pytest.mark.parametrize("name", PLACES)
def test_the_same_name_at_another_host_is_another_account(name: str) -> None:
    _, own, usual = PLACES[name]
    assert {identity(name), identity(name, base_url=own + "/"), identity(name, base_url=own.upper())} == {usual}
    assert identity(name, base_url="https://sandbox.example.org/api") == f"sandbox.example.org/{usual}"
