"""Bad rows are named by their ids and a reason; nothing else of them is told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from crm_sync import providers
from crm_sync.pipeline import validate
from crm_sync.settings import Settings

GOOD = [
    "a@example.org",
    " B.c+d@sub.example.org ",
    "o'hara@example.org",
    "x" * 242 + "@example.org",
    "1@2.example.org",
    "z@e-x.example.org",
]
BAD = [
    "a@@example.org",
    "a b@example.org",
    "a@example",
    ".a@example.org",
    "a.@example.org",
    "a..b@example.org",
    "a@-example.org",
    "ünï@example.org",
    "a@exämple.org",
    '"a"@example.org',
    "a@example.org\n",
    "a\n@example.org",
    "@example.org",
    "a@",
    "a@example.org\t",
    "a@[127.0.0.1]",
    "a@example.o",
    "\u212a@example.org",
]


def contacts(addresses: list[str], **columns: Any) -> pd.DataFrame:
    defaults = {"kind": "individual", "first_name": "First", "last_name": "Last", "organization_name": ""}
    return pd.DataFrame({"contact_id": range(1, len(addresses) + 1), "address": addresses}).assign(
        **{**defaults, **columns}
    )


def reasons(frame: pd.DataFrame) -> list[tuple[int, str]]:
    answer = validate.set_aside(frame, providers.get("mailchimp"))
    assert list(answer.columns) == ["contact_id", "reason", "holds_back"], "ids and reasons, nothing of the person"
    return sorted(zip(answer["contact_id"].astype(int).tolist(), answer["reason"].tolist(), strict=True))


def test_good_addresses_pass() -> None:
    assert reasons(contacts(GOOD)) == []


def test_every_bad_address_is_named() -> None:
    assert reasons(contacts(BAD)) == [(n, "address_not_valid") for n in range(1, len(BAD) + 1)]


def test_lengths_are_counted_in_bytes_and_each_rule_has_its_row() -> None:
    frame = contacts(
        ["a@example.org", "a@example.org", "x" * 243 + "@example.org"], first_name=["é" * 127, "é" * 128, "First"]
    )
    frame["last_name"] = ["Last", "x" * 256, "Last"]
    assert reasons(frame) == [(2, "fname_too_long"), (2, "lname_too_long"), (3, "address_too_long")]


@pytest.mark.parametrize(
    ("bad", "checked", "stops"), [(50, 60, False), (51, 200, True), (51, 255, False), (51, 254, True), (0, 0, False)]
)
def test_a_greater_share_than_a_healthy_crm_has_stops_the_run(bad: int, checked: int, stops: bool) -> None:
    sync: Any = SimpleNamespace(settings=Settings())
    counts = {"set_aside": bad, "checked": checked}
    error = validate._broken(sync, counts)
    assert (error is not None) is stops
    if error is not None:
        assert str(error).startswith(f"{bad} of {checked}")
        assert "set_aside_share" in str(error)
