"""Fills an empty CRM in a process of its own, so that making people up does not count as memory of a sync."""

from __future__ import annotations

import sys

import psycopg

from benchmarks.association import fill
from local.crm_data import create_schema


def main() -> None:
    """Arguments: the CRM's URL and how many contacts."""
    with psycopg.connect(sys.argv[1]) as connection:
        create_schema(connection)
        fill(connection, int(sys.argv[2]))


if __name__ == "__main__":
    main()
