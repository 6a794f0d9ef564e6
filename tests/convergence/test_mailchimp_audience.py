"""What an audience of Mailchimp holds besides our people, and what its owner changes in it, stops nobody."""

from __future__ import annotations

import pytest

from convergence.arena import Arena
from convergence.two_people import ADDRESS, ANN_REFUSES_MAIL, OTHER_ADDRESS, person, subscribed

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.parametrize("arena", ["mailchimp"], indirect=True),
]


@pytest.mark.parametrize("status", ["subscribed", "unsubscribed", "archived"])
def test_whoever_has_no_address_there_is_passed_over(played: Arena, status: str) -> None:
    for number in range(2):
        played.standin.act("create_sms_contact", phone=f"+1202555010{number}", status=status)
    for mode in ("full", "changes"):
        assert played.run(mode)
    assert subscribed(played) == {ADDRESS, OTHER_ADDRESS}
    played.world.crm_do(ANN_REFUSES_MAIL)
    assert played.run("full")
    assert person(played, ADDRESS)["is_unsubscribed"]
    played.settle()
