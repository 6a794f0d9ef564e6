"""The page of settings shows each value with its origin, and addresses to nobody who may not see people."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from unit.web.conftest import Visit


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of settings."""
    text = (
        'brake_floor = 7\nalert_emails = ["team@example.org"]\nnonsense = 1\n\n[providers.mailchimp]\n'
        'schedule = "7 * * * *"\n\n[providers.mailchimp.lists]\nexclude = [3, "Board"]\n'
        "\n[providers.votervoice]\nenabled = false\n"
    )
    (tmp_path / "crm_sync.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("CRM_SYNC_CONFIG", str(tmp_path / "crm_sync.toml"))
    monkeypatch.setenv("CRM_SYNC_ATTEMPTS", "3")


def rows(page: str) -> dict[str, list[list[str]]]:
    """By key, value and origin in each table that has it."""
    found: dict[str, list[list[str]]] = {}
    for key, rest in re.findall(r'<tr><th scope="row">(\w+)</th>(.*?)</tr>', page, re.DOTALL):
        found.setdefault(key, []).append(re.findall(r"<td>(.*?)</td>", rest, re.DOTALL)[:2])
    return found


def test_each_setting_has_its_value_and_its_origin(visit: Visit) -> None:
    visit.guest.providers = ["mailchimp"]
    page = visit.page("/settings")
    found = rows(page)
    assert found["brake_floor"] == [["7", "crm_sync.toml, line 1"], ["", "default"]]
    assert found["attempts"] == [["3", "CRM_SYNC_ATTEMPTS"]]
    assert found["rows_per_frame"] == [["50000", "default"]]
    assert found["schedule"] == [["7 * * * *", "crm_sync.toml, line 6"]]
    assert found["lists"] == [["exclude = 3, Board", "crm_sync.toml, line 9"]]
    assert found["enabled"] == [["true", "default"]], "only of providers that the visitor may see"
    assert "line 3: nonsense is not a setting" in page


@pytest.mark.parametrize("sees", [True, False])
def test_addresses_are_for_people_who_may_see_people(visit: Visit, sees: bool) -> None:
    visit.guest.sees_people = sees
    page = visit.page("/settings")
    assert ("team@example.org" in page) is sees
    assert rows(page)["alert_emails"][0][0] == ("team@example.org" if sees else "1 addresses")


def test_the_page_says_which_crm_is_read_and_by_what_opt_outs_are_written(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Opt-outs are written by crm_sync_crm." in visit.page("/settings")
    monkeypatch.setenv("AIRFLOW_CONN_CRM_SYNC_CRM_WRITE_BACK", "postgres://primary.example.org/crm")
    page = visit.page("/settings")
    assert "the reference CRM, read by crm_sync_crm; a change log says what changed" in page
    assert "Opt-outs are written by crm_sync_crm_write_back where crm_sync_crm only reads." in page
