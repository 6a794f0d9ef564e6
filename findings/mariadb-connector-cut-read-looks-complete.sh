#!/usr/bin/env bash
# MariaDB's own connector for Python, a streamed read of 100,000 people, and an operator (or a time limit) who ends the
# query half way.
#
# Guess:     the read raises, as the server's answer ends with error 1317, "Query execution was interrupted".
# Behaviour: fetchmany returns an empty list, as after the last row. A sync that takes that for everyone sees some
#            thousand people, and all others as gone. PyMySQL raises, on the same server and table.
# Way out:   mysqlclient or PyMySQL; or count(*) in the same snapshot, and no removal where the rows are fewer.
# Needed:    Debian or Ubuntu, a C compiler; server and headers come from its package archive, and nothing is installed.
set -euo pipefail

work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"
apt-get download -qq mariadb-server-core mariadb-server mariadb-client-core libmariadb3 libmariadb-dev liburing2 libaio1 2>/dev/null
for package in ./*.deb; do dpkg -x "$package" root; done
libraries=$work/root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo x86_64-linux-gnu)
export LD_LIBRARY_PATH=$libraries:${libraries/\/usr\//\/} LIBRARY_PATH=$libraries
export C_INCLUDE_PATH=$work/root/usr/include/mariadb MARIADB_CONFIG=$work/root/usr/bin/mariadb_config
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check mariadb==1.1.14 PyMySQL==1.2.4
mkdir data
user=$(id -un)
root/usr/bin/mariadb-install-db --no-defaults --basedir="$work/root/usr" --datadir="$work/data" --user="$user" \
    --auth-root-authentication-method=normal --skip-test-db >install.log 2>&1
root/usr/sbin/mariadbd --no-defaults --basedir="$work/root/usr" --datadir="$work/data" --user="$user" \
    --socket="$work/socket" --skip-networking >server.log 2>&1 &
server=$!
venv/bin/python - "$work/socket" <<'PY'
import sys
import time
from importlib.metadata import version

import mariadb
import pymysql
import pymysql.cursors

socket, people, seen_before = sys.argv[1], 100_000, 5_000
deadline = time.monotonic() + 120
while True:
    try:
        operator = pymysql.connect(unix_socket=socket, user="root", autocommit=True)
        break
    except pymysql.OperationalError:
        if time.monotonic() > deadline:
            raise
        time.sleep(0.2)
do = operator.cursor()
do.execute("create database crm")
do.execute("use crm")
do.execute("create table crm.contact (id int primary key, address varchar(100), note varchar(500))")
do.execute(
    "insert into crm.contact select seq, concat('person', seq, '@example.org'), repeat('x', 500)"
    f" from seq_1_to_{people}"
)


def is_running(connection_id):
    do.execute("select command from information_schema.processlist where id = %s", (connection_id,))
    return do.fetchone() == ("Query",)


def read(cursor, connection_id):
    """How many rows came, and how the read ended, where the query is killed after some."""
    cursor.execute("select id, address, note from crm.contact order by id")
    rows = 0
    try:
        while got := cursor.fetchmany(1_000):
            rows += len(got)
            if rows == seen_before:
                assert is_running(connection_id)
                do.execute(f"kill query {int(connection_id)}")
                while is_running(connection_id):
                    time.sleep(0.05)
    except Exception as error:
        return rows, f"raises {type(error).__name__} {error.args[0]}"
    return rows, "ends like a complete read"


do.execute("select version()")
print("server", do.fetchone()[0])
found = {}
streamed = mariadb.connect(unix_socket=socket, user="root")
found["mariadb"] = read(streamed.cursor(buffered=False), streamed.connection_id)
plain = pymysql.connect(unix_socket=socket, user="root", cursorclass=pymysql.cursors.SSCursor)
found["PyMySQL"] = read(plain.cursor(), plain.thread_id())
for name, (rows, end) in found.items():
    print(f"{name} {version(name)}: {rows:,} of {people:,} rows, then it {end}")
rows, end = found["mariadb"]
assert end == "ends like a complete read" and seen_before <= rows < people, "the behaviour has changed"
assert found["PyMySQL"][1] == "raises OperationalError 1317", "PyMySQL has changed"
print("seen: a cut read looks complete")
PY
