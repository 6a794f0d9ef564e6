"""The entry by which anybody tries a case in one process does what tests/README.md says of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from local.trial import trial

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

README = Path(__file__).parent.parent / "README.md"


def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(example, str(README), "exec"), {})  # noqa: S102  what the page tells everybody to run
    assert "bob@example.org" in capsys.readouterr().out


def test_a_server_is_put_back_and_survives_a_crash() -> None:
    with trial("mailchimp") as tried:
        before = tried.crm.image()
        tried.crm.do("delete from crm.contact where contact_id = 2")
        tried["mailchimp"].run()
        assert not tried["mailchimp"].people()["bob@example.org"]["is_subscribed"]
        tried.crm.put_back(before)
        tried.state.crash()
        tried["mailchimp"].run()
        assert tried["mailchimp"].people()["bob@example.org"]["is_subscribed"]


def test_a_transaction_may_stay_open_over_a_run() -> None:
    with trial("mailchimp") as tried, tried.crm.connect("REPEATABLE READ") as late:
        late.execute("update crm.contact set first_name = 'Anna' where contact_id = 1")
        tried["mailchimp"].run()
        assert tried["mailchimp"].people()["ann@example.org"]["names"] == ("Ann", "")
        late.commit()
        tried["mailchimp"].run()
        assert tried["mailchimp"].people()["ann@example.org"]["names"] == ("Anna", "")
