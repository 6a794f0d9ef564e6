"""Settings: defaults, where they are read from, and words that help where a value does not fit."""

from __future__ import annotations

from dataclasses import fields

import pytest

from crm_sync.errors import ConfigError
from crm_sync.settings import PREFIX, Settings


def test_nothing_set_is_the_defaults() -> None:
    assert Settings.from_environment({}) == Settings()
    assert Settings.from_environment({"OTHER": "1"}) == Settings()


def test_every_setting_has_a_meaning_and_is_read() -> None:
    assert fields(Settings)
    for each in fields(Settings):
        assert each.metadata["meaning"], each.name
        text = (
            each.metadata["choices"][-1]
            if each.metadata["choices"]
            else "7"
            if not isinstance(each.default, str)
            else "x"
        )
        read = getattr(Settings.from_environment({PREFIX + each.name.upper(): text}), each.name)
        assert read == type(each.default)(text)


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("BRAKE_SHARE", "ten", "float.*share"),
        ("BRAKE_SHARE", "", "float"),
        ("BRAKE_SHARE", "-0.1", "at least 0.*share"),
        ("BRAKE_FLOOR", "1.5", "int.*brake"),
        ("ROWS_PER_FRAME", "0", "at least 1"),
        ("ATTEMPTS", "0", "at least 1"),
        ("DO_NOT_CONTACT_SCOPE", "everything", "contact, list"),
    ],
)
def test_a_value_that_does_not_fit_names_the_variable_and_the_remedy(name: str, value: str, remedy: str) -> None:
    with pytest.raises(ConfigError, match=f"{PREFIX}{name}.*{remedy}"):
        Settings.from_environment({PREFIX + name: value})


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_share_that_is_no_number_does_not_take_the_brake_away(value: str) -> None:
    with pytest.raises(ConfigError, match="CRM_SYNC_BRAKE_SHARE"):
        Settings.from_environment({"CRM_SYNC_BRAKE_SHARE": value})


def test_a_provider_can_be_switched_off() -> None:
    settings = Settings.from_environment({"CRM_SYNC_DISABLED_PROVIDERS": "higher_logic, mailchimp"})
    assert not settings.is_enabled("mailchimp")
    assert settings.is_enabled("votervoice")
    assert Settings().is_enabled("mailchimp")
