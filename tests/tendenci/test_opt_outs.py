"""An opt-out goes back as Tendenci itself would save it, and outlasts all by which Tendenci forgets it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest

from local.postgres import Postgres
from standins import Fresh
from tendenci.association import Association, association
from tendenci.running import Tendenci

pytestmark = [pytest.mark.tendenci]

# In News, Members and Board, an active member; in Board alone besides.
PERSON, ADDRESS = "person3", "person3@example.org"
Deed = Callable[[Association], object]


@pytest.fixture
def begun(postgres: Postgres, tendenci: Tendenci, fresh_standin: Fresh, source: None) -> Iterator[Association]:
    """Both e-mail providers, in step; the person has then left Mailchimp, and all know of it."""
    with association(postgres, tendenci, fresh_standin, ["mailchimp", "constant_contact"]) as made:
        made.run()
        assert ADDRESS in made["constant_contact"].holds()
        made.flags_before = made.tendenci("oracle.flags", username=PERSON)
        made["mailchimp"].standin.act("unsubscribe", address=ADDRESS)
        made.run()
        yield made


def gets_mail(begun: Association, *addresses: str) -> list[str]:
    return [name for name, side in begun.sides.items() if side.holds().keys() & set(addresses)]


def test_it_is_saved_as_tendenci_would(begun: Association) -> None:
    flags = begun.tendenci("oracle.flags", username=PERSON)
    assert [(each["group"], each["subscribed"]) for each in flags] == [
        ("Board", False), ("Members", False), ("News", False),
    ]  # fmt: skip
    before = {each["group"]: each for each in begun.flags_before}
    for each in flags:
        assert str(uuid.UUID(each["key"])) == each["key"]
        assert each["key"] != before[each["group"]]["key"]
        assert each["updated"] > before[each["group"]]["updated"]
    begun.assert_as_tendenci_says()
    assert gets_mail(begun, ADDRESS) == []


def lapse_and_renewal(begun: Association) -> Iterator[None]:
    begun.does("lapse", username=PERSON)
    yield
    begun.does("renew", username=PERSON)
    yield


def leaving_and_coming_back(begun: Association) -> Iterator[None]:
    begun.does("somebody_leaves_by_themselves", username=PERSON)
    yield
    begun.does("somebody_joins_by_themselves", username=PERSON)
    yield


def merge_with_a_second_record(begun: Association) -> Iterator[None]:
    """The record that stays has the same address, and is subscribed."""
    begun.does("share_an_address", first=PERSON, second="person9")
    yield
    begun.does("two_are_merged", master="person9", other=PERSON)
    yield


@pytest.mark.parametrize("happens", [lapse_and_renewal, leaving_and_coming_back, merge_with_a_second_record])
def test_it_outlasts_what_tendenci_forgets_it_by(
    begun: Association, happens: Callable[[Association], Iterator[None]]
) -> None:
    for _ in happens(begun):
        for _ in range(2):
            begun.run()
            assert gets_mail(begun, ADDRESS) == []
    begun.assert_as_tendenci_says()
    user = "person9" if happens is merge_with_a_second_record else PERSON
    assert {each["subscribed"] for each in begun.tendenci("oracle.flags", username=user)} == {False}
