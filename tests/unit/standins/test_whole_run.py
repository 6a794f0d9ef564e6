"""Everything that stand-ins were asked and answered in this test run is as the vendor's own schema has it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from standins import conformance


@pytest.mark.parametrize("provider", conformance.checked_providers())
def test_every_exchange_of_this_run_agrees_with_the_vendors_schema(provider: str) -> None:
    if not conformance.specs(provider):
        pytest.skip("the vendor's files are not here; no part of the project; name their folder in STANDIN_SPECS")
    found, exchanges = conformance.check_recording(Path(os.environ["STANDIN_RECORD"]), provider)
    if not exchanges:
        pytest.skip("no stand-in of this provider was asked anything in this run")
    print(f"{provider}: {exchanges} different exchanges held against the vendor's schema")
    departures = {
        fault: times for fault, times in found.items() if fault not in conformance.vendor(provider).SEEN_TO_BE_TAKEN
    }
    assert departures == {}


def test_there_is_a_provider_with_a_schema() -> None:
    assert "mailchimp" in conformance.checked_providers()
