"""The demo association: made-up people, all @example.org, from a fixed seed and of any size, loaded by COPY."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psycopg
from psycopg import sql

from local import crm_words as words

CRM_SQL = Path(__file__).resolve().parents[2] / "sql/crm/reference/install"
SCHEMA_FILES = ("schema.sql", "change_log.sql", "roles.sql")
IDENTITIES = {"contact": "contact_id", "list": "list_id", "membership_type": "membership_type_id"}
ROWS_PER_COPY = 200_000
SEED = 20261101

Tables = dict[str, pd.DataFrame]


def create_schema(connection: psycopg.Connection) -> None:
    """Run the reference CRM's scripts; harmless where they have run before."""
    for name in SCHEMA_FILES:
        connection.execute((CRM_SQL / name).read_bytes())
    connection.commit()


def fill(
    connection: psycopg.Connection,
    contacts: int = 2000,
    organizations: int | None = None,
    lists: int = 15,
    seed: int = SEED,
) -> Tables:
    """Load a demo association into an empty CRM and commit; what was loaded, by table.

    ``contacts`` counts everyone, ``organizations`` of them organizations (by default 15 %).
    """
    return load(connection, association(contacts, organizations, lists, seed))


def fill_plain(connection: psycopg.Connection, contacts: int, lists: int = 10, lists_each: int = 3) -> Tables:
    """Load ``contacts`` valid individuals, each in exactly ``lists_each`` of ``lists`` synchronized lists."""
    return load(connection, plain(contacts, lists, lists_each))


def association(contacts: int, organizations: int | None = None, lists: int = 15, seed: int = SEED) -> Tables:
    """The tables of a demo association; the same arguments give the same rows."""
    rng = np.random.default_rng(seed)
    companies = round(contacts * 0.15) if organizations is None else organizations
    people = np.arange(companies + 1, contacts + 1)
    contact, usual_address = _contacts(rng, contacts, companies)
    relationship = _relationships(rng, people, companies)
    return {
        "contact": contact.drop(columns="couple"),
        "email_address": _email_addresses(rng, contact, usual_address, relationship),
        "list": _lists(lists),
        "list_member": _list_members(rng, contacts, _lists(lists), lists),
        "membership_type": pd.DataFrame(
            {"membership_type_id": range(1, len(words.MEMBERSHIP_TYPES) + 1), "name": words.MEMBERSHIP_TYPES}
        ),
        "membership": _memberships(rng, contacts, companies),
        "relationship": relationship,
    }


def plain(contacts: int, lists: int, lists_each: int) -> Tables:
    """Tables of an association without surprises."""
    if lists_each > lists:
        raise ValueError(f"nobody can be in {lists_each} of {lists} lists: ask for more lists")
    ids = np.arange(1, contacts + 1)
    text = pd.Series(ids).astype(str)
    name = {"first_name": "Person", "last_name": "No " + text}
    contact = pd.DataFrame({"contact_id": ids, "kind": "individual", **name})
    address = pd.DataFrame({"contact_id": ids, "address": "person" + text + "@example.org", "is_primary": True})
    member = pd.DataFrame({"contact_id": np.repeat(ids, lists_each)})
    member["list_id"] = (member["contact_id"] + np.tile(np.arange(lists_each), contacts)) % lists + 1
    numbers = pd.Series(range(1, lists + 1))
    names = "List " + numbers.astype(str)
    table = pd.DataFrame({"list_id": numbers, "name": names, "kind": "list", "sync_enabled": True})
    return {"contact": contact, "email_address": address, "list": table, "list_member": member}


def load(connection: psycopg.Connection, tables: Tables) -> Tables:
    """COPY the tables into the CRM, move its identity columns past the ids used, analyze, and commit."""
    for name, table in tables.items():
        columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
        statement = sql.SQL("COPY crm.{} ({}) FROM STDIN (FORMAT csv)").format(sql.Identifier(name), columns)
        for start in range(0, len(table), ROWS_PER_COPY):
            with connection.cursor().copy(statement) as copy:
                copy.write(table.iloc[start : start + ROWS_PER_COPY].to_csv(index=False, header=False))
    for name in IDENTITIES.keys() & tables.keys():
        column = IDENTITIES[name]
        restart = sql.SQL("ALTER TABLE crm.{} ALTER COLUMN {} RESTART WITH {}")
        next_id = int(tables[name][column].max()) + 1
        connection.execute(restart.format(sql.Identifier(name), sql.Identifier(column), next_id))
    connection.execute("ANALYZE")
    connection.commit()
    return tables


def _contacts(rng: np.random.Generator, contacts: int, companies: int) -> tuple[pd.DataFrame, pd.Series]:
    """Everyone, organizations first, and their usual addresses; ``couple``: shares the address of the one before."""
    ids = np.arange(1, contacts + 1)
    person = ids > companies
    couple = (rng.random(contacts) < 0.03) & (ids > companies + 1) & (ids % 2 == 0)
    firsts, lasts, slugs = _names(rng, couple)
    city, state, postal_code = np.array(words.CITIES, dtype=object)[rng.integers(len(words.CITIES), size=contacts)].T
    numbers = ids.astype(str).astype(object)
    usual = np.where(person, slugs + numbers, "office" + numbers) + "@example.org"
    table = pd.DataFrame({
        "contact_id": ids,
        "kind": np.where(person, "individual", "organization"),
        "first_name": np.where(person, _sprinkle(rng, firsts, 0.01, [None]), None),
        "last_name": np.where(person, lasts, None),
        "organization_name": np.where(person, None, _company_names(rng, contacts) + " " + numbers),
        "job_title": np.where(person, rng.choice(np.array(words.JOB_TITLES, object), contacts), None),
        "phone": "+1-555-01" + pd.Series(rng.integers(100, size=contacts)).astype(str).str.zfill(2),
        "website": np.where(person, None, "https://member" + numbers + ".example.org"),
        "address_line1": pd.Series(rng.integers(1, 9999, size=contacts)).astype(str) + " Main Street",
        "city": city, "state": state, "postal_code": postal_code, "country": "US",
        "do_not_contact": rng.random(contacts) < 0.03,
        "couple": couple,
    })  # fmt: skip
    return table, pd.Series(usual, index=ids)


def _names(rng: np.random.Generator, couple: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First and last names, and how they go into an address; a couple's second has the last name of its first."""
    first = rng.integers(len(words.FIRST_NAMES), size=len(couple))
    last = rng.integers(len(words.LAST_NAMES), size=len(couple))
    last = np.where(couple, np.roll(last, 1), last)
    firsts, first_slugs = np.array(list(words.FIRST_NAMES.items()), object)[first].T
    lasts, last_slugs = np.array(list(words.LAST_NAMES.items()), object)[last].T
    firsts = _sprinkle(rng, firsts, 0.01, words.ODD_FIRST_NAMES)
    lasts = _sprinkle(rng, lasts, 0.01, words.ODD_LAST_NAMES)
    return firsts, lasts, first_slugs + "." + last_slugs


def _email_addresses(
    rng: np.random.Generator, contact: pd.DataFrame, usual: pd.Series, relationship: pd.DataFrame
) -> pd.DataFrame:
    """Primary and further addresses: shared by couples and offices, oddly written, malformed, blank or missing."""
    ids, address = contact["contact_id"], usual.copy()
    couples = ids[contact["couple"]]
    address[couples] = usual[couples - 1].to_numpy()
    office = relationship.loc[relationship["organization_id"] % 5 == 0].drop_duplicates("individual_id")
    office = office.groupby("organization_id").head(3)
    address[office["individual_id"]] = usual[office["organization_id"]].to_numpy()
    written, luck = address.to_numpy(object), rng.random(len(ids))
    local = np.array([text.partition("@")[0] for text in written], dtype=object)
    written = np.select(
        [luck < 0.003, luck < 0.006, luck < 0.009, luck < 0.010, luck < 0.025, luck < 0.035],
        [local + "@@example.org", local + " at example.org", local + "@example", "  ",
         np.char.title(written.astype(str)).astype(object), "  " + written + " "],
        default=written,
    )  # fmt: skip
    primary = pd.DataFrame({"contact_id": ids, "address": written, "is_primary": luck < 0.99})
    further = pd.DataFrame({"contact_id": ids, "address": "private." + usual.to_numpy(object), "is_primary": False})
    return pd.concat([primary, further[rng.random(len(ids)) < 0.08]], ignore_index=True)


def _lists(count: int) -> pd.DataFrame:
    """The association's lists and committees; beyond the named ones, its regional chapters."""
    chapters = [(f"Chapter {n}", "list", n % 4 > 0, 0.02) for n in range(1, count - len(words.LISTS) + 1)]
    rows = [(name, kind, synced) for name, kind, synced, _ in (*words.LISTS, *chapters)][:count]
    table = pd.DataFrame(rows, columns=["name", "kind", "sync_enabled"])
    table.insert(0, "list_id", range(1, len(table) + 1))
    return table


def _list_members(rng: np.random.Generator, contacts: int, table: pd.DataFrame, lists: int) -> pd.DataFrame:
    """Who is in which list: from nobody to most; a committee has at most 25 members."""
    shares = [share for *_, share in words.LISTS] + [0.02] * lists
    parts = []
    for list_id, kind, share in zip(table["list_id"], table["kind"], shares, strict=False):
        size = round(contacts * share) if kind == "list" else min(25, max(3, round(contacts * share)), contacts)
        members = np.sort(rng.choice(contacts, size=size, replace=False)) + 1
        roles = rng.choice(words.COMMITTEE_ROLES, size) if kind == "committee" else None
        parts.append(pd.DataFrame({"list_id": list_id, "contact_id": members, "role": roles}))
    rows = pd.concat([part for part in parts if len(part)], ignore_index=True)
    rows["do_not_contact"] = rng.random(len(rows)) < 0.02
    rows["joined_on"] = _days(rng, len(rows))
    return rows


def _memberships(rng: np.random.Generator, contacts: int, companies: int) -> pd.DataFrame:
    """Most organizations and two in five individuals hold a membership; some held an earlier one too."""
    ids = np.arange(1, contacts + 1)
    holders = ids[rng.random(contacts) < np.where(ids <= companies, 0.85, 0.40)]
    former = holders[rng.random(len(holders)) < 0.1]
    status = rng.choice(["active", "courtesy", "prospective", "dropped"], len(holders), p=[0.8, 0.05, 0.07, 0.08])
    return pd.DataFrame({
        "contact_id": np.concatenate([holders, former]),
        "membership_type_id": rng.integers(1, len(words.MEMBERSHIP_TYPES) + 1, len(holders) + len(former)),
        "status": np.concatenate([status, np.full(len(former), "dropped")]),
        "started_on": _days(rng, len(holders) + len(former)),
    })  # fmt: skip


def _relationships(rng: np.random.Generator, people: np.ndarray, companies: int) -> pd.DataFrame:
    """Three in five individuals belong to an organization, a few of them to a second one."""
    columns = ["individual_id", "organization_id", "title", "is_primary"]
    if not companies:
        return pd.DataFrame(columns=columns)
    first = people[rng.random(len(people)) < 0.6]
    second = first[rng.random(len(first)) < 0.05]
    individual = np.concatenate([first, second])
    organization = rng.integers(1, companies + 1, len(individual))
    title = rng.choice(np.array(words.JOB_TITLES, object), len(individual))
    primary = np.arange(len(individual)) < len(first)
    rows = pd.DataFrame(dict(zip(columns, (individual, organization, title, primary), strict=True)))
    return rows.drop_duplicates(["individual_id", "organization_id"], ignore_index=True)


def _company_names(rng: np.random.Generator, count: int) -> np.ndarray:
    parts = (words.COMPANY_STARTS, words.COMPANY_TRADES, words.COMPANY_ENDS)
    start, trade, end = (rng.choice(np.array(part, object), count) for part in parts)
    names: np.ndarray = start + " " + trade + " " + end
    return names


def _sprinkle(rng: np.random.Generator, usual: np.ndarray, share: float, odd: list[str] | list[None]) -> np.ndarray:
    """``usual`` with a share of its values replaced by odd ones, by each as often as by the others."""
    chosen = np.flatnonzero(rng.random(len(usual)) < share)
    mixed = usual.copy()
    mixed[chosen] = np.resize(np.array(odd, dtype=object), len(chosen))
    return mixed


def _days(rng: np.random.Generator, count: int) -> np.ndarray:
    return (np.datetime64("2016-01-01") + rng.integers(0, 3650, count)).astype(str)


def main(arguments: list[str] | None = None) -> None:
    """``python -m local.crm_data --dsn ... --contacts N``: create the schema and load a demo association."""
    parser = argparse.ArgumentParser(prog="python -m local.crm_data", description=main.__doc__)
    parser.add_argument("--dsn", required=True, help="URL of an empty database")
    parser.add_argument("--contacts", type=int, default=2000)
    parser.add_argument("--lists", type=int, default=15)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--plain", action="store_true", help="only valid contacts, each in exactly three lists")
    chosen = parser.parse_args(arguments)
    started = time.monotonic()
    with psycopg.connect(chosen.dsn) as connection:
        create_schema(connection)
        if chosen.plain:
            tables = fill_plain(connection, chosen.contacts, chosen.lists)
        else:
            tables = fill(connection, chosen.contacts, lists=chosen.lists, seed=chosen.seed)
    counts = ", ".join(f"{len(table)} {name}" for name, table in tables.items())
    print(f"loaded {counts} in {time.monotonic() - started:.1f} s")


if __name__ == "__main__":
    main()
