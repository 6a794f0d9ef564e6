"""What hands break at the provider, in the CRM and in the state: noticed, mended by the next runs, nobody harmed."""

from __future__ import annotations

from types import ModuleType

import psycopg
import pytest
from sqlalchemy import create_engine

from contract import worlds
from contract.people import add_list
from contract.worlds import assert_in_step
from crm_sync.ledger import store
from crm_sync.ledger.database import Database
from local.postgres import Postgres
from local.world import World, engine_url
from standins import StandIn


@pytest.fixture
def told() -> ModuleType:
    return worlds.facts("mailchimp")


def lists_there(standin: StandIn) -> dict[str, int]:
    return dict(worlds.facts("mailchimp").lists(standin.state()))


def test_a_renamed_list_keeps_its_people(synced: World, standin: StandIn) -> None:
    before = {segment["id"] for segment in standin.state()["segments"]}
    synced.crm_do("update crm.list set name = 'Bulletin' where list_id = 1")
    synced.run()
    assert lists_there(standin) == {"Bulletin": 5, "Events": 2}
    assert {segment["id"] for segment in standin.state()["segments"]} == before
    assert_in_step(synced, standin)


def test_a_list_deleted_and_made_again_under_its_name_has_its_new_people(synced: World, standin: StandIn) -> None:
    synced.crm_do("delete from crm.list where list_id = 1")
    add_list(synced.crm_dsn, 3, "News")
    synced.crm_do("insert into crm.list_member (list_id, contact_id) values (3, 1), (3, 4)")
    synced.run()
    assert lists_there(standin) == {"News": 2, "Events": 2}
    assert_in_step(synced, standin)
    assert synced.run("full")["plan"] == {"planned": 0}


def test_lists_that_trade_their_names_keep_their_people(synced: World, standin: StandIn) -> None:
    synced.crm_do("update crm.list set name = case list_id when 1 then 'Events' else 'News' end")
    synced.run()
    assert lists_there(standin) == {"Events": 5, "News": 2}
    assert_in_step(synced, standin)


def test_two_lists_of_one_name_are_told_apart_by_their_number(synced: World, standin: StandIn) -> None:
    add_list(synced.crm_dsn, 3, "  news ")
    synced.crm_do("insert into crm.list_member (list_id, contact_id) values (3, 1), (3, 2)")
    synced.run()
    assert lists_there(standin) == {"News": 5, "Events": 2, "news (#3)": 2}
    assert synced.run("full")["plan"] == {"planned": 0}
    synced.crm_do("delete from crm.list where list_id = 1")
    synced.run()
    assert lists_there(standin) == {"news": 2, "Events": 2}
    assert synced.query("select * from crm_sync.exceptions") == []


def test_an_audience_emptied_by_hand_is_filled_by_a_full_run(synced: World, standin: StandIn) -> None:
    standin.act("empty_audience")
    synced.crm_do("update crm.contact set first_name = 'Changed' where contact_id = 1")
    synced.run()
    synced.run("full")
    assert_in_step(synced, standin)
    assert synced.query("select * from crm_sync.exceptions") == []


@pytest.mark.parametrize("mode", ["changes", "full"])
def test_a_tag_deleted_by_hand_comes_back_with_all_its_people(mode: str, synced: World, standin: StandIn) -> None:
    standin.act("delete_segment", name="News")
    # Somebody known joins it, and somebody new.
    synced.crm_do("insert into crm.contact (contact_id, kind, first_name) values (6, 'individual', 'Six')")
    synced.crm_do(
        "insert into crm.email_address (contact_id, address, is_primary) values (6, 'person6@example.org', true)"
    )
    synced.crm_do("insert into crm.list_member (list_id, contact_id) values (1, 6)")
    synced.run(mode)
    synced.run()  # the changes run found it gone; the next one makes it again
    assert_in_step(synced, standin)
    assert lists_there(standin) == {"News": 6, "Events": 2}
    assert synced.query("select * from crm_sync.exceptions") == []


def lose_state(world: World, postgres: Postgres) -> None:
    """The state database is gone; an empty one takes its place."""
    world.state.engine.dispose()
    name = world.state_dsn.rpartition("/")[2]
    postgres.drop_database(name)
    postgres.create_database(name)
    world.state = Database(create_engine(engine_url(world.state_dsn)), "the state database")
    store.migrate(world.state)


def test_a_lost_state_database_is_rebuilt_from_what_is_there(
    synced: World, standin: StandIn, postgres: Postgres, told: ModuleType
) -> None:
    standin.act(**told.stranger("stranger@example.org", "Theirs"))
    standin.act("unsubscribe", address="person3@example.org")
    synced.run()
    before = standin.state(history=1)
    lose_state(synced, postgres)
    standin.clear_requests()
    counts = synced.run("changes")
    assert counts["opt_outs"]["people_read_back"] == 6, "everybody is read back, whatever was asked"
    after = standin.state(history=1)
    assert told.people(after) == told.people(before)
    assert after["history"] == before["history"], "nobody was archived, unsubscribed or made twice"
    assert [entry for entry in standin.requests()["requests"] if entry["method"] != "GET"] == []
    strangers = frozenset({"stranger@example.org"})
    assert_in_step(synced, standin, strangers=strangers)
    synced.crm_do("delete from crm.list_member where contact_id = 5 and list_id = 2")
    synced.run()
    assert_in_step(synced, standin, strangers=strangers)


def test_a_lost_state_database_finds_lists_of_one_name_again(
    synced: World, standin: StandIn, postgres: Postgres
) -> None:
    add_list(synced.crm_dsn, 3, "News")
    synced.crm_do("insert into crm.list_member (list_id, contact_id) select 3, n from generate_series(1, 4) n")
    synced.run()
    assert lists_there(standin) == {"News": 5, "Events": 2, "News (#3)": 4}
    lose_state(synced, postgres)
    synced.run()
    assert synced.run("full")["plan"] == {"planned": 0}
    assert lists_there(standin) == {"News": 5, "Events": 2, "News (#3)": 4}
    assert synced.query("select * from crm_sync.exceptions") == []
    remote = synced.query("select count(distinct remote_id), count(*) from crm_sync.list_holding")
    assert remote == [(3, 3)]


def test_a_restored_crm_is_noticed_and_everybody_is_compared(
    synced: World, standin: StandIn, postgres: Postgres
) -> None:
    synced.crm.engine.dispose()
    restored = postgres.create_database("restored", template=synced.crm_dsn.rpartition("/")[2])
    # After the dump was made, the CRM went on for a while; all of that is lost.
    synced.crm_do("update crm.contact set first_name = 'Later' where contact_id = 1")
    synced.crm_do("delete from crm.list_member where contact_id = 2")
    synced.run()
    assert_in_step(synced, standin)
    left, synced.crm_dsn, left_crm = synced.crm_dsn, restored, synced.crm
    synced.crm = Database(create_engine(engine_url(restored)), "the CRM")
    synced.crm_do("update crm.contact set first_name = 'Since' where contact_id = 3")
    counts = synced.run()
    assert counts["extract"]["contacts"] == 3, "those who are not as they were last read"
    mode, notice = synced.query("select mode, notice from crm_sync.run order by run_id desc limit 1")[0]
    assert mode == "compare"
    assert "restored" in notice
    assert_in_step(synced, standin)
    names = worlds.facts("mailchimp").names(standin.state())
    assert (names["person1@example.org"][0], names["person3@example.org"][0]) == ("First1", "Since")
    assert synced.run()["extract"]["idle"] == 1
    synced.crm.engine.dispose()
    synced.crm, synced.crm_dsn = left_crm, left
    postgres.drop_database("restored")


def test_transaction_ids_that_start_again_are_noticed_too(synced: World, standin: StandIn) -> None:
    with psycopg.connect(synced.state_dsn) as connection:
        connection.execute("update crm_sync.cursor set snapshot = '4000000000:4000000000:'")
    synced.run()
    assert "restored" in synced.query("select notice from crm_sync.run order by run_id desc limit 1")[0][0]
    assert synced.run()["extract"]["idle"] == 1


@pytest.mark.parametrize("mode", ["changes", "full"])
def test_someone_whose_new_address_is_refused_still_leaves_lists(
    mode: str, synced: World, standin: StandIn, told: ModuleType
) -> None:
    synced.crm_do("update crm.email_address set address = 'five@fake.example.org' where contact_id = 5")
    synced.run()
    assert told.people(standin.state())["person5@example.org"] == (True, frozenset({"News", "Events"}))
    synced.crm_do("delete from crm.list_member where contact_id = 5 and list_id = 2")
    synced.run(mode)
    assert told.people(standin.state())["person5@example.org"] == (True, frozenset({"News"})), (
        "nobody stays in a list they left"
    )
    assert synced.query("select subscriber_key from crm_sync.exceptions where contact_id = 5") == [
        ("five@fake.example.org",)
    ]
    synced.crm_do("update crm.email_address set address = 'five@example.org' where contact_id = 5")
    synced.run()
    assert_in_step(synced, standin)
    assert synced.query("select * from crm_sync.exceptions") == []
    assert told.people(standin.state())["five@example.org"] == (True, frozenset({"News"}))
