"""What tells subscribers apart is the same whether PostgreSQL or Python makes it, for whatever an address may have."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from crm_sync.ledger.database import Database
from crm_sync.ledger.mariadb_rows import subscriber_key
from crm_sync.pipeline.extract import EVERYBODY
from crm_sync.pipeline.validate import ADDRESS_PATTERN
from local.crm_data import create_schema
from local.postgres import Postgres
from local.world import engine_url

PLACES = ("{}@example.org", "a@{}x.org", "a@x.{}rg")
SURROGATES = range(0xD800, 0xE000)
# Of every character, whether an address may have it somewhere.
PERMITTED = [
    chr(code)
    for code in range(sys.maxunicode + 1)
    if code not in SURROGATES and any(re.match(ADDRESS_PATTERN, place.format(chr(code))) for place in PLACES)
]
ADDRESSES = st.from_regex(ADDRESS_PATTERN.replace(r"\Z", ""), fullmatch=True).map(lambda text: f" {text} ")


@pytest.fixture(scope="module", params=["C.UTF-8", "C"])
def locale_crm(request: pytest.FixtureRequest, postgres: Postgres) -> Iterator[Database]:
    """The reference CRM in a database of that locale."""
    name = f"keys_{request.param.replace('.', '_').replace('-', '_').lower()}"
    with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
        text = f"create database {name} template template0 locale '{request.param}' locale_provider libc"
        connection.execute(text.encode())
    with psycopg.connect(postgres.dsn(name)) as connection:
        create_schema(connection)
        connection.execute("insert into crm.list (list_id, name, sync_enabled) values (1, 'News', true)")
    engine = create_engine(engine_url(postgres.dsn(name)))
    yield Database(engine, "the CRM")
    engine.dispose()
    postgres.drop_database(name)


def keys(crm: Database, addresses: list[str]) -> dict[str, str | None]:
    """By address as written, the key that the statement of the CRM makes. Nothing of it is kept."""
    fill = """
        insert into crm.contact (contact_id) select n from generate_series(1, %(many)s) n;
        insert into crm.list_member (list_id, contact_id) select 1, n from generate_series(1, %(many)s) n;
        insert into crm.email_address (contact_id, address, is_primary)
            select n, address, true from unnest(%(addresses)s::text[]) with ordinality as given (address, n)
    """
    with crm.trial() as transaction:
        for statement in fill.split(";\n"):
            cursor = psycopg.ClientCursor(transaction.driver)
            cursor.execute(statement.encode(), {"many": len(addresses), "addresses": addresses})
        rows = transaction.rows("crm/extract/subscribers", **EVERYBODY)
    assert len(rows) == len(addresses)
    return {row.address: row.subscriber_key for row in rows}


def test_an_address_has_no_character_beyond_ascii() -> None:
    assert len(PERMITTED) > 60
    assert all(character.isascii() for character in PERMITTED)


def test_each_character_that_an_address_may_have_makes_the_same_key(locale_crm: Database) -> None:
    found = keys(locale_crm, [place.format(each) for each in PERMITTED for place in PLACES])
    assert found == {address: subscriber_key(address) for address in found}


@settings(max_examples=20, deadline=None)
@given(st.lists(ADDRESSES, min_size=1, max_size=50, unique=True))
def test_whole_addresses_make_the_same_key(locale_crm: Database, addresses: list[str]) -> None:
    found = keys(locale_crm, addresses)
    assert found == {address: subscriber_key(address) for address in addresses}
