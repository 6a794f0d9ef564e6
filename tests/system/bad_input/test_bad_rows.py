"""Rows no provider takes, names in every script, one address for thousands: set aside, or brought across."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from contract.people import add_list, add_people
from contract.worlds import assert_in_step, facts
from crm_sync.errors import BrokenExtractError, ConfigError
from crm_sync.ledger import statements
from local.world import World
from standins import StandIn

ODD_NAMES = [
    "Zoë",
    "\U0001f600 Smile",
    "مريم",
    "\u202eabc",
    'O\'Brien "the" 2nd',
    "a,b;c",
    "Back\\slash",
    "\\N",
    "\\.",
    "NULL",
    "nan",
    "line\nbreak",
    "carriage\rreturn",
    "tab\there",
    "bell\x07",
    "line\u2028sep",
    "para\u2029sep",
    "next\x85line",
    "ﬀ",
    "{1,2}",
    "<b>",
    "  spaces  ",
    "%s %(x)s",
    "$$",
    "0",
    "true",
]


def writes(standin: StandIn) -> int:
    return sum(entry["method"] != "GET" for entry in standin.requests()["requests"])


@pytest.fixture
def extract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Statements that a data team adapted: a copy of the extract."""
    (tmp_path / "extract.sql").write_text((statements.SQL / "crm/reference/extract.sql").read_text())
    monkeypatch.setenv("CRM_SYNC_SQL_FOLDER", str(tmp_path))
    statements.forget()
    yield tmp_path / "extract.sql"
    monkeypatch.undo()
    statements.forget()


def test_a_column_missing_from_an_adapted_query_is_named(world: World, standin: StandIn, extract: Path) -> None:
    good = extract.read_text()
    assert "       email.address,\n" in good
    extract.write_text(good.replace("       email.address,\n", ""))
    with pytest.raises(BrokenExtractError, match=r"subscribers of extract\.sql.*address"):
        world.run()
    assert writes(standin) == 0
    extract.write_text(good)
    statements.forget()
    world.run()
    assert_in_step(world, standin)


def test_an_adapted_query_that_asks_for_what_is_not_there_names_it(world: World, extract: Path) -> None:
    extract.write_text(extract.read_text().replace("contact.do_not_contact,", "contact.no_mail as do_not_contact,"))
    with pytest.raises(ConfigError, match="no_mail"):
        world.run()


def test_a_folder_of_the_layout_before_is_refused_before_a_run_opens(
    world: World, standin: StandIn, extract: Path
) -> None:
    (extract.parent / "extract").mkdir()
    (extract.parent / "extract/lists.sql").write_text("select 1")
    with pytest.raises(ConfigError, match=r"extract/lists\.sql is the statement lists of extract\.sql now"):
        world.run()
    assert writes(standin) == 0


@pytest.mark.parametrize(
    ("column", "spoiled"),
    [
        ("       coalesce(wanted.lists, '{}') as lists,", "       'News'::text as lists,"),
        ("       contact.do_not_contact,", "       null::boolean as do_not_contact,"),
    ],
)
def test_an_adapted_query_whose_values_do_not_fit_is_a_broken_extract(
    column: str, spoiled: str, world: World, extract: Path
) -> None:
    assert column in extract.read_text()
    extract.write_text(extract.read_text().replace(column, spoiled))
    with pytest.raises(BrokenExtractError, match=r"subscribers of extract\.sql"):
        world.run()


def test_sixty_per_cent_bad_addresses_stop_the_run_before_anything_is_sent(empty: World, standin: StandIn) -> None:
    add_list(empty.crm_dsn, 1, "News")
    add_people(empty.crm_dsn, 1, 80, lists=[1])
    add_people(empty.crm_dsn, 81, 200, lists=[1], address="person{n} at example.org")
    with pytest.raises(BrokenExtractError, match="120 of 200"):
        empty.run()
    assert writes(standin) == 0
    empty.crm_do("update crm.email_address set address = replace(address, ' at ', '@')")
    empty.run()
    assert_in_step(empty, standin)
    assert empty.query("select * from crm_sync.exceptions") == []


def test_names_in_every_script_arrive_as_written_but_for_control_characters(empty: World, standin: StandIn) -> None:
    add_list(empty.crm_dsn, 1, "News")
    for number, name in enumerate(ODD_NAMES, start=1):
        add_people(empty.crm_dsn, number, number, lists=[1], first=name)
    empty.run()
    assert_in_step(empty, standin)
    there = facts("mailchimp").names(standin.state())
    arrived = [there[f"person{n}@example.org"][0] for n in range(1, len(ODD_NAMES) + 1)]
    blank = str.maketrans({chr(code): " " for code in [*range(32), 127]})
    assert arrived == [name.translate(blank).strip() for name in ODD_NAMES]
    assert empty.run("full")["plan"] == {"planned": 0}, "and reading them back finds nothing to do"


def test_a_name_longer_than_the_field_is_set_aside_until_it_is_shortened(world: World, standin: StandIn) -> None:
    world.crm_do("update crm.contact set first_name = repeat('é', 128) where contact_id = 1")
    world.crm_do("update crm.contact set first_name = repeat('é', 127) where contact_id = 2")
    world.run()
    assert world.query("select what, contact_id, reason from crm_sync.exceptions") == [("contact", 1, "fname_too_long")]
    assert_in_step(world, standin)
    world.crm_do("update crm.contact set first_name = 'Short' where contact_id = 1")
    world.run()
    assert world.query("select * from crm_sync.exceptions") == []
    assert "person1@example.org" in facts("mailchimp").people(standin.state())
    assert_in_step(world, standin)


ODD_ADDRESSES = [
    "\t",
    "\u00a0",
    "\n",
    "carriage\rreturn@example.org",
    "tab@example.org\t",
    "new@example.org\n",
    "nbsp@example.org\u00a0",
    "line\nbreak@example.org",
    "zero\u200bwidth@example.org",
    "ünï@example.org",
    '"quoted"@example.org',
    "two@@example.org",
    "a,b@example.org",
    "\u212aelvin@example.org",
    "x" * 250 + "@example.org",
]


@pytest.mark.parametrize("mode", ["changes", "full"])
def test_an_address_no_mail_system_takes_is_a_row_with_a_reason(mode: str, synced: World, standin: StandIn) -> None:
    for number, address in enumerate(ODD_ADDRESSES, start=10):
        add_people(synced.crm_dsn, number, number, lists=[1], address=address)
    synced.run(mode)
    people = facts("mailchimp").people(standin.state())
    held = {number for number, address in enumerate(ODD_ADDRESSES, start=10) if address.strip().lower() in people}
    told = {row[0] for row in synced.query("select contact_id from crm_sync.exceptions where contact_id is not null")}
    assert held | told == set(range(10, 10 + len(ODD_ADDRESSES)))
    assert not held & told
    assert_in_step(synced, standin)
    synced.crm_do(
        "update crm.email_address set address = 'mended' || contact_id || '@example.org' where contact_id >= 10"
    )
    synced.run(mode)
    assert synced.query("select * from crm_sync.exceptions") == []
    assert_in_step(synced, standin)


def test_ten_thousand_contacts_with_one_address_are_one_subscriber(synced: World, standin: StandIn) -> None:
    add_people(synced.crm_dsn, 10, 10_009, lists=[1], address="Office@example.org", first="Office")
    synced.crm_do("insert into crm.list_member (list_id, contact_id) values (2, 10009)")
    synced.run()
    assert facts("mailchimp").people(standin.state())["office@example.org"] == (True, frozenset({"News", "Events"}))
    synced.crm_do("delete from crm.contact where contact_id between 10 and 9000")
    synced.run()
    assert_in_step(synced, standin)
    synced.crm_do("update crm.contact set do_not_contact = true where contact_id = 9500")
    synced.run()
    assert facts("mailchimp").people(standin.state())["office@example.org"] == (False, frozenset())
    assert_in_step(synced, standin)


def test_nul_and_odd_text_from_the_provider_are_read(synced: World, standin: StandIn) -> None:
    standin.act("create_segment", name="Theirs\x00 too\r\nodd")
    standin.act(
        "set_merge_fields", address="person1@example.org", merge_fields={"FNAME": "N\x00ul\r", "LNAME": "\u2028"}
    )
    synced.run("full")
    assert facts("mailchimp").names(standin.state())["person1@example.org"] == ("First1", "Last1")
    assert synced.run("full")["plan"] == {"planned": 0}
    assert_in_step(synced, standin)


def test_an_address_written_in_another_case_is_the_same_person_and_settles(synced: World, standin: StandIn) -> None:
    synced.crm_do("update crm.email_address set address = 'PERSON1@Example.ORG' where contact_id = 1")
    synced.run()
    assert_in_step(synced, standin)
    assert synced.run("full")["plan"] == {"planned": 0}


@pytest.mark.parametrize("stopped", ["preview", "broken", "died"])
def test_a_run_that_came_to_nothing_does_not_double_the_exceptions(
    stopped: str, synced: World, standin: StandIn
) -> None:
    add_people(synced.crm_dsn, 10, 10, lists=[1], address="ten at example.org")
    synced.run()
    exceptions = "select what, contact_id, reason from crm_sync.exceptions"
    assert synced.query(exceptions) == [("contact", 10, "address_not_valid")]
    if stopped == "preview":
        synced.run("full", dry_run=True)
    elif stopped == "broken":
        good, synced.settings = synced.settings, replace(synced.settings, set_aside_share=0.0, set_aside_floor=0)
        with pytest.raises(BrokenExtractError):
            synced.run("full")
        synced.settings = good
    else:
        synced.begin("full", airflow_run_id="died")
        for name in ("opt_outs", "extract", "validate"):
            synced.stage(name, "died")
    assert synced.query(exceptions) == [("contact", 10, "address_not_valid")]
    synced.crm_do("update crm.email_address set address = 'ten@example.org' where contact_id = 10")
    synced.run()
    assert synced.query(exceptions) == []
    assert_in_step(synced, standin)
