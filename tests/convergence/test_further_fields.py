"""Further columns of an adapted extract fill fields at the provider, each in the form of its type, and a change of one
is found like any other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from convergence.arena import Arena
from convergence.two_people import (
    ADDRESS,
    ANN_REFUSES_MAIL,
    BOB_IS_CALLED_OTHERWISE,
    OTHER_ADDRESS,
    subscribed,
    writes,
)
from crm_sync.errors import BrokenExtractError
from crm_sync.pipeline.begin import unopened
from crm_sync.settings import FieldOf
from local.adapted import adapted as adapting

# Great Expectations imports what Python 3.12 deprecates; it is the product that loads it, not a test.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.parametrize("arena", ["mailchimp"], indirect=True),
]

MORE = {"town": "text", "born": "date", "fee": "numeric", "home": "jsonb", "site": "text"}
HOME = '{"addr1": "1 Main St", "city": "Springfield", "state": "IL", "zip": "62701", "floor": 3}'
ANN_HAS_ALL = f"""
    update crm.contact set town = 'Springfield', born = '1990-02-07', fee = 12.5, site = 'https://example.org/ann',
        home = '{HOME}' where contact_id = 1
"""
FIELDS = {
    "TOWN": FieldOf("town"),
    "BORN": FieldOf("born", "birthday"),
    "SINCE": FieldOf("born", "date"),
    "FEE": FieldOf("fee", "number"),
    "HOME": FieldOf("home", "address"),
    "SITE": FieldOf("site", "url"),
}


@pytest.fixture
def adapted(played: Arena, tmp_path: Path) -> Iterator[Arena]:
    """A CRM with more columns, and an extract that returns them."""
    with adapting(played.world, "subscribers", MORE, tmp_path):
        yield played


def fields_of(arena: Arena, address: str = ADDRESS) -> dict[str, Any]:
    members = arena.standin.state()["members"]
    found: dict[str, Any] = next(each for each in members if each["address"] == address)["merge_fields"]
    return found


def trouble(arena: Arena) -> set[str]:
    rows = arena.world.query("select reason from crm_sync.exceptions where provider = 'mailchimp'")
    return {reason for (reason,) in rows}


def test_fields_are_created_filled_changed_and_cleared(adapted: Arena) -> None:
    adapted.world.crm_do(ANN_HAS_ALL)
    adapted.set_own(fields=FIELDS, create_fields=True)
    assert adapted.run("changes")
    told = fields_of(adapted)
    assert {tag: told[tag] for tag in FIELDS} == {
        "TOWN": "Springfield",
        "BORN": "02/07",
        "SINCE": "1990-02-07",
        "FEE": 12.5,
        "HOME": {"addr1": "1 Main St", "city": "Springfield", "state": "IL", "zip": "62701"},
        "SITE": "https://example.org/ann",
    }
    assert trouble(adapted) == set()
    adapted.world.crm_do("update crm.contact set town = 'Shelbyville', fee = null where contact_id = 1")
    assert adapted.run("changes")
    assert (fields_of(adapted)["TOWN"], fields_of(adapted)["FEE"]) == ("Shelbyville", "")
    adapted.standin.clear_requests()
    for mode in ("compare", "full"):
        assert adapted.run(mode)
    assert writes(adapted) == {}


def test_another_mapping_compares_everybody(adapted: Arena) -> None:
    adapted.world.crm_do(ANN_HAS_ALL)
    adapted.set_own(fields={"TOWN": FieldOf("town")}, create_fields=True)
    assert adapted.run("changes")
    adapted.set_own(fields={"TOWN": FieldOf("site")}, create_fields=True)
    assert adapted.run("changes")
    assert fields_of(adapted)["TOWN"] == "https://example.org/ann"


def test_a_field_that_is_missing_is_a_row_until_it_is_there(adapted: Arena) -> None:
    adapted.world.crm_do(ANN_HAS_ALL)
    adapted.set_own(fields={"TOWN": FieldOf("town"), "PHONE": FieldOf("town", "number")})
    assert adapted.run("changes")
    assert {"field_missing:TOWN", "field_of_other_type:PHONE"} <= trouble(adapted)
    assert "field_missing:TOWN" in str(adapted.world.query("select notice from crm_sync.run order by run_id desc")[0])
    adapted.set_own(fields={"TOWN": FieldOf("town")}, create_fields=True)
    assert adapted.run("changes")
    assert adapted.run("full")
    assert fields_of(adapted)["TOWN"] == "Springfield"
    assert trouble(adapted) == set()


def require_dues(arena: Arena) -> Any:
    """The audience has a required merge field now; a client of it."""
    client: Any = arena.world.context(unopened("mailchimp")).client
    dues = b'{"tag": "DUES", "name": "Dues", "type": "number", "required": true}'
    client._transport.call("POST", f"{client._audience}/merge-fields", body=dues)
    return client


@pytest.mark.parametrize("mode", ["compare", "full"])
def test_a_required_field_is_named_where_the_settings_fill_none(mode: str, played: Arena) -> None:
    require_dues(played)
    played.world.crm_do(BOB_IS_CALLED_OTHERWISE)
    played.run(mode)
    assert "field_required:DUES" in trouble(played)
    played.standin.clear_requests()
    played.world.crm_do("update crm.contact set first_name = 'Rob' where contact_id = 2")
    played.run("changes")
    assert "field_required:DUES" in trouble(played), "a row until somebody has looked again"
    assert "GET /lists/{list_id}/merge-fields" not in played.standin.requests(entries=0)["by_route"]


def test_a_required_field_that_nothing_fills_is_named_before_anything_is_sent(adapted: Arena) -> None:
    require_dues(adapted).create_field("TOWN", "text")
    adapted.set_own(fields={"TOWN": FieldOf("town")})
    adapted.run("changes")
    assert "field_required:DUES" in trouble(adapted)


def test_a_value_without_its_form_is_left_out_and_said(adapted: Arena) -> None:
    adapted.world.crm_do(
        "update crm.contact set site = 'ann at example', fee = 3, home = jsonb_build_object('city', 'Springfield')"
        " where contact_id = 1"
    )
    adapted.set_own(fields={**FIELDS, "TOWN": FieldOf("site", "number")}, create_fields=True)
    assert adapted.run("changes")
    told = fields_of(adapted)
    assert (told["SITE"], told["FEE"], told["HOME"], told["TOWN"]) == ("", 3, "", "")
    assert trouble(adapted) == {"field_not_valid:SITE", "field_not_valid:HOME", "field_not_valid:TOWN"}


def test_a_column_that_the_extract_lacks_is_named(adapted: Arena) -> None:
    adapted.set_own(fields={"TOWN": FieldOf("village")})
    adapted.world.begin("changes")
    run = adapted.world.last_run_id()
    adapted.world.stage("opt_outs", run)
    with pytest.raises(BrokenExtractError, match="village"):
        adapted.world.stage("extract", run)


def test_a_field_that_cannot_be_created_holds_up_nobodys_do_not_contact(adapted: Arena) -> None:
    adapted.set_own(fields={"A_TAG_TOO_LONG": FieldOf("town")}, create_fields=True)
    adapted.world.crm_do(f"{ANN_REFUSES_MAIL}; update crm.contact set first_name = 'Bobby' where contact_id = 2")
    assert adapted.run("changes")
    assert subscribed(adapted) == {OTHER_ADDRESS}
    assert "field_not_created:A_TAG_TOO_LONG" in trouble(adapted)


def test_a_value_that_a_full_run_finds_cleared_is_cleared(adapted: Arena) -> None:
    adapted.world.crm_do(ANN_HAS_ALL)
    adapted.set_own(fields={"TOWN": FieldOf("town")}, create_fields=True)
    assert adapted.run("changes")
    adapted.world.crm_do("update crm.contact set town = null where contact_id = 1")
    assert adapted.run("full")
    assert fields_of(adapted)["TOWN"] == ""
