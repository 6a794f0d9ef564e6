"""A person's record is linked to where the settings say it is seen, and nowhere else."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from crm_sync.settings import OfProvider, Settings
from unit.web.conftest import Visit
from unit.web.test_nothing_untrue import holding, person


def test_a_person_is_linked_to_both_records(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    person(visit, 1, "Ann")
    holding(visit, 1, "active", remote_id="a/b c")
    assert "record at" not in visit.get("/why/1")
    monkeypatch.setenv("CRM_SYNC_CRM_RECORD_URL", "https://crm.example.org/people?id={contact_id}")
    monkeypatch.setenv("CRM_SYNC_PROVIDERS__MAILCHIMP__RECORD_URL", "https://there.example.org/{remote_id}?a={address}")
    shown = visit.page("/why/1")
    assert 'href="https://crm.example.org/people?id=1"' in shown
    assert 'href="https://there.example.org/a%2Fb%20c?a=p1%40example.org"' in shown


def test_whoever_is_not_there_has_no_record_to_link_to(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    person(visit, 1, "Ann")
    monkeypatch.setenv("CRM_SYNC_PROVIDERS__MAILCHIMP__RECORD_URL", "https://there.example.org/{remote_id}")
    assert "there.example.org" not in visit.page("/why/1")
    holding(visit, 1, "absent", reason="address_taken")
    assert "there.example.org" not in visit.page("/why/1")


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "https://x/{name}", "//x/{contact_id}", "https://x/{", "a b"]
)
def test_an_address_that_is_none_is_a_mistake(address: str) -> None:
    with pytest.raises(ValidationError):
        Settings(crm_record_url=address)
    with pytest.raises(ValidationError):
        OfProvider(record_url=address)
