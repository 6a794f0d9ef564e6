"""All four pipelines on Tendenci itself: what its own ORM says is what each provider holds."""

from __future__ import annotations

import pytest

from tendenci.association import Association

pytestmark = [pytest.mark.tendenci]


def test_every_provider_holds_whom_tendenci_itself_names(begun: Association) -> None:
    begun.assert_as_tendenci_says()
    assert {name: side.excepted() for name, side in begun.sides.items() if side.excepted()} == {}
