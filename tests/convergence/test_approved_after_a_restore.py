"""A plan is approved, but the CRM that it was made of is gone: everybody is compared, and the person is asked anew."""

from __future__ import annotations

import pytest

from crm_sync.pipeline import change_log
from local.postgres import DSN_VARIABLE
from local.trial import trial

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

EVE_COMES = """
    insert into crm.contact (contact_id, first_name) values (3, 'Eve');
    insert into crm.email_address (contact_id, address, is_primary) values (3, 'eve@example.org', true);
    insert into crm.list_member (list_id, contact_id) values (1, 3)
"""


def test_what_was_approved_of_another_crm_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DSN_VARIABLE, raising=False)
    with trial("mailchimp") as tried:
        mailchimp = tried["mailchimp"]
        image = tried.crm.image()
        tried.crm.do(EVE_COMES)
        mailchimp.run()
        mailchimp.settings(brake_floor=0)
        tried.crm.do("delete from crm.list_member where contact_id = 1")
        mailchimp.run()
        assert mailchimp.last_run()["state"] == "held"
        tried.crm.put_back(image)
        tried.crm.do("update crm.contact set first_name = 'Bobby' where contact_id = 2")
        assert mailchimp.world.answer(approves=True)
        mailchimp.run()
        run = mailchimp.last_run()
        assert (run["mode"], run["state"]) == ("compare", "held")
        assert run["notice"].startswith(tuple(change_log.ANOTHER_CRM))
        assert mailchimp.people()["eve@example.org"]["is_subscribed"]
        assert mailchimp.world.answer(approves=True)
        mailchimp.run()
        assert not mailchimp.people()["eve@example.org"]["is_subscribed"]
        assert mailchimp.people()["ann@example.org"]["is_subscribed"]
        assert mailchimp.people()["bob@example.org"]["names"][0] == "Bobby"
