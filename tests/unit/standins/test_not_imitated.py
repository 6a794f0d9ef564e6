"""What the provider's page says that its stand-in does not imitate answers 501."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
import requests

from standins import StandIn, discovery

PAGES = Path(__file__).resolve().parents[3] / "docs" / "providers"
SECTION = "## What its stand-in does not imitate"
CALL = re.compile(r"^\| `(GET|POST|PUT|PATCH|DELETE) (/\S+)` \|", re.MULTILINE)
TOLD = {page.stem: CALL.findall(page.read_text("utf-8").partition(SECTION)[2]) for page in PAGES.glob("*.md")}
ROWS = [(name, method, path) for name, calls in TOLD.items() for method, path in calls]


def test_the_pages_have_tables() -> None:
    assert {name for name, calls in TOLD.items() if calls} == set(discovery.provider_names())


def headers(provider: str, standin: StandIn) -> dict[str, str]:
    """With a key that the stand-in takes."""
    told = import_module(f"standins.{provider}.contract")
    if provider == "constant_contact":
        return {"Authorization": f"Bearer {standin.act('grant', scope='contact_data account_read')['access_token']}"}
    return {
        "mailchimp": {"Authorization": f"Bearer {told.KEY}"},
        "votervoice": {"Authorization": told.KEY},
        "higher_logic": {"ApiKey": told.KEY},
    }[provider]


@pytest.mark.parametrize(("provider", "method", "path"), ROWS, indirect=["provider"])
def test_it_says_so(provider: str, method: str, path: str, standin: StandIn) -> None:
    told = import_module(f"standins.{provider}.contract")
    address = standin.url + told.API_PATH + re.sub(r"{\w+}", "a1b2c3d4e5", path)
    query = {"association": "standin"} if provider == "votervoice" else {}
    known = headers(provider, standin)
    answer = requests.request(method, address, params=query, json={}, headers=known, timeout=30)
    assert answer.status_code == 501
