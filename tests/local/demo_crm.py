"""The CRM of the demo: filled the first time, and left as people have changed it every other time."""

from __future__ import annotations

import argparse
from pathlib import Path

import psycopg

from local.crm_data import create_schema, fill

HERE = Path(__file__).resolve().parent
CONTACTS, ORGANIZATIONS, LISTS = 2000, 300, 15


def fill_once(dsn: str) -> str:
    """Create the schema and the demo association unless there are contacts; what was done, in words."""
    with psycopg.connect(dsn) as connection:
        create_schema(connection)
        count = connection.execute((HERE / "demo_contacts.sql").read_bytes()).fetchone()
        if count and count[0]:
            return f"kept as it is, {count[0]} contacts"
        fill(connection, contacts=CONTACTS, organizations=ORGANIZATIONS, lists=LISTS)
    return f"{CONTACTS} made-up contacts, {LISTS} lists and committees"


def people_met_before(dsn: str) -> list[str]:
    """The addresses of a few people whom the providers have met before the first run."""
    with psycopg.connect(dsn) as connection:
        return [address for _, address in connection.execute((HERE / "demo_past.sql").read_bytes()).fetchall()]


def main(arguments: list[str] | None = None) -> None:
    """``python -m local.demo_crm --dsn URL``; a password comes from PGPASSWORD."""
    parser = argparse.ArgumentParser(prog="python -m local.demo_crm", description=main.__doc__)
    parser.add_argument("--dsn", required=True, help="URL of the CRM's database")
    print(fill_once(parser.parse_args(arguments).dsn))


if __name__ == "__main__":
    main()
