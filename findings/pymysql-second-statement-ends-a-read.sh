#!/usr/bin/env bash
# PyMySQL, a streamed read of 100,000 people (SSCursor, which its documentation names for many rows), and a second
# statement on the same connection before the last row, as code does that looks something up for each batch.
#
# Guess:     the second statement raises ("commands out of sync", as libmysqlclient has it), or the read goes on.
# Behaviour: the rest of the rows is thrown away with a Python warning, which logs show once at most; the next fetchmany
#            returns an empty list, as after the last row.
# Way out:   a connection for each streamed read and nothing else on it; warnings as errors; count(*) beside the rows.
# Needed:    Debian or Ubuntu; the server comes from its package archive, and nothing is installed.
set -euo pipefail

work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"
apt-get download -qq mariadb-server-core mariadb-server mariadb-client-core liburing2 libaio1 2>/dev/null
for package in ./*.deb; do dpkg -x "$package" root; done
libraries=$work/root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo x86_64-linux-gnu)
export LD_LIBRARY_PATH=$libraries:${libraries/\/usr\//\/}
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check PyMySQL==1.2.4
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
import warnings
from importlib.metadata import version

import pymysql
import pymysql.cursors

socket, people = sys.argv[1], 100_000
deadline = time.monotonic() + 120
while True:
    try:
        connection = pymysql.connect(unix_socket=socket, user="root", cursorclass=pymysql.cursors.SSCursor)
        break
    except pymysql.OperationalError:
        if time.monotonic() > deadline:
            raise
        time.sleep(0.2)
with connection.cursor(pymysql.cursors.Cursor) as do:
    do.execute("create database crm")
    do.execute("use crm")
    do.execute("create table crm.contact (id int primary key, address varchar(100))")
    do.execute(f"insert into crm.contact select seq, concat('person', seq, '@example.org') from seq_1_to_{people}")
    do.execute("select version()")
    print("server", do.fetchone()[0])
reading = connection.cursor()
reading.execute("select id, address from crm.contact order by id")
rows = len(reading.fetchmany(1_000))
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    with connection.cursor(pymysql.cursors.Cursor) as looking_up:
        looking_up.execute("select count(*) from crm.contact")
        assert looking_up.fetchone() == (people,)
    while got := reading.fetchmany(1_000):
        rows += len(got)
print(f"PyMySQL {version('PyMySQL')}: {rows:,} of {people:,} rows, no error, {len(told)} warning: {told[0].message}")
assert rows == 1_000, "the behaviour has changed"
print("seen: a second statement ends a streamed read, and it looks complete")
PY
