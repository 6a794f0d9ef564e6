"""Telephone numbers and countries as services want them; what is in doubt stays as it was written."""

from __future__ import annotations

import pytest

from crm_sync.providers.postal import alpha_2, country
from crm_sync.providers.telephone import north_american


@pytest.mark.parametrize(
    "said",
    ["202-555-0143", "(202) 555-0143", "2025550143", "+1 202.555.0143", "1-202-555-0143", "1 202 555 0143"],
)
def test_a_north_american_number_has_one_form(said: str) -> None:
    assert north_american(said) == "202-555-0143"


@pytest.mark.parametrize(
    "said",
    [
        "",
        "555",
        "555-0143",
        "202-555-0143 Mary",
        "Mary 202-555-0143",
        "202-555-0143 (9-17)",
        "202-555-0143 x12",
        "202-555-0143 / 202-555-0144",
        "1-800-FLOWERS",
        "123-456-7890",
        "+49 30 23125001",
        "011 49 30 23125001",
        "030 23125001 Mary",
        "ask at the desk",
    ],
)
def test_what_is_more_or_less_than_that_stays_as_it_is_written(said: str) -> None:
    assert north_american(said) == said


@pytest.mark.parametrize(
    ("said", "letters"),
    [
        ("US", "US"),
        ("usa", "US"),
        ("U.S.A.", "US"),
        ("United States of America", "US"),
        (" Canada ", "CA"),
        ("Germany", "DE"),
        ("Vietnam", "VN"),
        ("Elbonia", ""),
        ("", ""),
    ],
)
def test_a_country_is_its_two_letters(said: str, letters: str) -> None:
    assert alpha_2(said) == letters


def test_where_a_service_is_asked_an_unknown_country_stays_as_it_is() -> None:
    assert [country(each, "") for each in ("Germany", "Elbonia", "U.S.")] == ["DE", "ELBONIA", "US"]
