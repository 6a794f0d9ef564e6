"""A provider is found by its folder, and what it is not is said with what there is."""

from __future__ import annotations

from typing import cast

import pytest

from crm_sync import providers
from crm_sync.contract import Credentials
from crm_sync.errors import ConfigError
from crm_sync.ledger.client_state import ClientState
from crm_sync.settings import Settings


def test_each_folder_is_a_provider_of_its_name() -> None:
    assert "mailchimp" in providers.names()
    assert providers.names() == sorted(providers.names())
    assert [providers.get(name).name for name in providers.names()] == providers.names()


@pytest.mark.parametrize("name", ["nobody", "base", "mailchimp.client", ""])
def test_an_unknown_provider_is_told_which_there_are(name: str) -> None:
    with pytest.raises(ConfigError, match="mailchimp"):
        providers.get(name)


def test_an_unknown_extra_is_refused_before_anything_is_loaded() -> None:
    with pytest.raises(ConfigError, match=r"colour, shape; it takes audience_id, redirect_uri, base_url, oauth_url"):
        providers.get("mailchimp").connect(
            Credentials("key-us1", extras={"shape": 1, "colour": 2}), Settings(), cast("ClientState", None)
        )


def test_a_phase_without_a_number_sends_one_at_a_time() -> None:
    sheet = providers.get("mailchimp")
    assert (sheet.batch_size("archive"), sheet.batch_size("enroll")) == (1, 500)


@pytest.mark.parametrize(
    ("key", "extras", "said"),
    [
        ("", {"site": "x"}, "needs the Key"),
        ("k", {}, "extra site"),
        ("k\u2026", {"site": "x"}, "keys never contain"),
        ("k\n", {"site": "x"}, "keys never contain"),
    ],
)
def test_what_a_connection_must_hold_is_asked_for_by_name(key: str, extras: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError, match=f"connection some_id.*{said}"):
        Credentials(key, extras=extras).require("some_id", "Key", "site")
