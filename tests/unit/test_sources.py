"""Which CRM is read, and how its changes are found, as an installation says it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crm_sync.errors import ConfigError
from crm_sync.ledger import sources


@pytest.fixture(autouse=True)
def afresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in (sources.SETTING, sources.CHANGES_SETTING):
        monkeypatch.delenv(name, raising=False)
    sources.chosen.cache_clear()
    yield
    sources.chosen.cache_clear()


def test_the_reference_crm_is_chosen_unless_another_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (sources.chosen().name, sources.chosen().compares) == ("reference", False)
    monkeypatch.setenv(sources.SETTING, "tendenci")
    sources.chosen.cache_clear()
    assert (sources.chosen().name, sources.chosen().compares) == ("tendenci", True)


def test_a_crm_with_a_change_log_may_be_compared_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(sources.CHANGES_SETTING, sources.COMPARISON)
    assert sources.chosen().compares


@pytest.mark.parametrize(
    ("name", "changes", "said"),
    [
        ("tendency", "", "must be one of civicrm, reference, tendenci"),
        ("", "triggers", "must be log or comparison"),
        ("civicrm", "log", "CiviCRM has no change log to install; remove CRM_SYNC_CRM_CHANGES"),
        ("tendenci", "log", "Tendenci has no change log to install; remove CRM_SYNC_CRM_CHANGES"),
    ],
)
def test_what_cannot_be_is_refused_with_the_remedy(
    name: str, changes: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(sources.SETTING, name)
    monkeypatch.setenv(sources.CHANGES_SETTING, changes)
    with pytest.raises(ConfigError, match=said):
        sources.chosen()
