"""The demo association is the same every time, looks like a real one, and has nobody outside @example.org."""

from __future__ import annotations

import pandas as pd
import psycopg
import pytest

from local.crm_data import association, create_schema, fill, fill_plain, main, plain
from local.postgres import Postgres

CONTACTS = 4000
WELL_FORMED = r"^\s*[^@\s]+@example\.org\s*$"


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return association(CONTACTS, lists=24)


@pytest.fixture(scope="module")
def primary(tables: dict[str, pd.DataFrame]) -> pd.Series:
    """Primary addresses by contact id."""
    rows = tables["email_address"]
    return rows[rows["is_primary"]].set_index("contact_id")["address"]


def test_the_same_seed_gives_the_same_association(tables: dict[str, pd.DataFrame]) -> None:
    again, other = association(CONTACTS, lists=24), association(CONTACTS, lists=24, seed=1)
    assert len(tables) == 7
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, again[name])
    assert not tables["contact"].equals(other["contact"])


def test_everybody_is_at_example_org(tables: dict[str, pd.DataFrame]) -> None:
    address = tables["email_address"]["address"].str.lower()
    elsewhere = ~address.str.match(WELL_FORMED)
    assert 0.005 < elsewhere.mean() < 0.02
    # What is not well-formed names no host that exists.
    assert address[elsewhere].str.fullmatch(r"\s*|[\w.-]+@@example\.org|[\w.-]+ at example\.org|[\w.-]+@example").all()
    assert (tables["contact"]["website"].dropna().str.endswith(".example.org")).all()


def test_addresses_are_missing_malformed_and_shared_in_part(
    tables: dict[str, pd.DataFrame], primary: pd.Series
) -> None:
    missing = 1 - len(primary) / CONTACTS
    assert 0.005 < missing < 0.02
    sharing = primary.str.strip().str.lower().value_counts()
    sharing = sharing[sharing.index != ""]
    assert (sharing == 2).sum() > CONTACTS * 0.01, "couples"
    office = sharing[sharing.index.str.startswith("office") & (sharing > 2)]
    assert len(office) > 50, "office mailboxes shared by an organization and its people"
    couples = primary[primary.str.lower().str.strip().isin(sharing.index[sharing == 2])]
    assert tables["contact"].set_index("contact_id").loc[couples.index, "kind"].eq("individual").mean() > 0.5


def test_kinds_names_and_flags(tables: dict[str, pd.DataFrame]) -> None:
    contact = tables["contact"]
    people = contact[contact["kind"] == "individual"]
    assert (contact["kind"] == "organization").sum() == CONTACTS * 0.15
    assert contact.loc[contact["kind"] == "organization", "organization_name"].notna().all()
    assert people["organization_name"].isna().all()
    assert people["first_name"].isna().any()
    assert people["last_name"].str.len().max() > 200
    names = " ".join(people["first_name"].dropna()) + " ".join(people["last_name"])
    assert "🌟" in names
    assert "محمد" in names
    assert "כהן" in names
    assert 0.02 < contact["do_not_contact"].mean() < 0.04
    assert 0.01 < tables["list_member"]["do_not_contact"].mean() < 0.03


def test_lists_differ_in_size_and_some_are_not_synchronized(tables: dict[str, pd.DataFrame]) -> None:
    lists, sizes = tables["list"].set_index("list_id"), tables["list_member"]["list_id"].value_counts()
    assert len(lists) == 24
    assert {"Weekly Newsletter", "Board of Directors", "Chapter 4"} <= set(lists["name"])
    assert 2 <= (~lists["sync_enabled"]).sum() <= 8
    assert sizes.max() > CONTACTS / 2
    assert sizes[lists.index[lists["kind"] == "committee"]].max() <= 25
    assert set(lists.index) - set(sizes.index), "an empty list"


def test_memberships_have_every_status(tables: dict[str, pd.DataFrame]) -> None:
    share = tables["membership"]["status"].value_counts(normalize=True)
    assert set(share.index) == {"active", "courtesy", "prospective", "dropped"}
    assert share["active"] > 0.6
    assert tables["relationship"].duplicated(["individual_id", "organization_id"]).sum() == 0


def test_it_loads_and_the_next_ids_are_free(crm: str) -> None:
    with psycopg.connect(crm) as connection:
        create_schema(connection)
        loaded = fill(connection, contacts=1000, organizations=100)
        for name, table in loaded.items():
            assert connection.execute(f"SELECT count(*) FROM crm.{name}").fetchone() == (len(table),)
        new = connection.execute("INSERT INTO crm.contact DEFAULT VALUES RETURNING contact_id").fetchone()
        assert new == (1001,)
        found = connection.execute("SELECT last_name FROM crm.contact WHERE kind = 'individual' ORDER BY contact_id")
        people = loaded["contact"][loaded["contact"]["kind"] == "individual"]
        assert [row[0] for row in found][:-1] == people["last_name"].tolist()


def test_small_and_odd_sizes_load(crm: str) -> None:
    with psycopg.connect(crm) as connection:
        fill(connection, contacts=30, organizations=0, lists=3)
        assert connection.execute("SELECT count(*) FROM crm.contact").fetchone() == (30,)


def test_the_plain_form_is_valid_and_even(crm: str) -> None:
    with psycopg.connect(crm) as connection:
        loaded = fill_plain(connection, contacts=500, lists=7, lists_each=3)
        found = connection.execute(
            "SELECT count(*), min(n), max(n) "
            "FROM (SELECT count(*) AS n FROM crm.list_member GROUP BY contact_id) AS shares"
        ).fetchone()
    assert found == (500, 3, 3)
    assert loaded["email_address"]["address"].str.match(WELL_FORMED).all()
    assert loaded["email_address"]["address"].is_unique
    with pytest.raises(ValueError, match="ask for more lists"):
        plain(10, lists=2, lists_each=3)


def test_the_command_line_makes_schema_and_data(postgres: Postgres, capsys: pytest.CaptureFixture[str]) -> None:
    dsn = postgres.create_database("crm_data_command")
    main(["--dsn", dsn, "--contacts", "60"])
    assert "loaded 60 contact," in capsys.readouterr().out
    with psycopg.connect(dsn) as connection:
        assert connection.execute("SELECT count(*) FROM crm.contact").fetchone() == (60,)
    postgres.drop_database("crm_data_command")
