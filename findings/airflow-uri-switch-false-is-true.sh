#!/usr/bin/env bash
# Airflow's own SMTP and PostgreSQL providers, and a connection in an environment variable, written as a URI that says
# of a switch that it is off: ?disable_ssl=false, ?iam=false.
#
# Guess:     off is off, as in the form, in JSON, or where the switch is left out.
# Behaviour: in a URI every extra is text, and the text "false" counts as true. disable_ssl=false: the mail client opens
#            the connection without TLS, where the server waits for a TLS hello, and both wait for each other until the
#            time is up. iam=false: the hook goes for an AWS token, and fails. Nothing says that "false" was taken for
#            true; other providers (mongo, ssh, sftp, trino) read the text.
# Way out:   leave such a switch out, or write the connection as JSON: "extra": {"disable_ssl": false}.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check apache-airflow-core==3.3.2 \
    apache-airflow-providers-smtp==3.2.0 apache-airflow-providers-postgres==7.1.1
cd "$work"
export AIRFLOW_HOME=$work/home AIRFLOW__LOGGING__LOGGING_LEVEL=ERROR
venv/bin/python - <<'PY'
import os
import socket
import threading
from importlib.metadata import version

from airflow.providers.postgres.hooks.postgres import PostgresHook
from airflow.providers.smtp.hooks.smtp import SmtpHook

TLS_HELLO = 0x16  # the first byte of a TLS handshake record
HOW = {
    "left out": "smtp://user:a-password@127.0.0.1:{port}/?retry_limit=1&timeout=3",
    "in a URI": "smtp://user:a-password@127.0.0.1:{port}/?retry_limit=1&timeout=3&disable_ssl=false",
    "in JSON": '{{"conn_type": "smtp", "host": "127.0.0.1", "port": {port}, "login": "user", "password": "a-password",'
    ' "extra": {{"retry_limit": 1, "timeout": 3, "disable_ssl": false}}}}',
}


def first_byte(number, how):
    """What a server on a real socket hears first: a TLS hello, or nothing."""
    heard = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen():
            accepted, _ = server.accept()
            with accepted:
                accepted.settimeout(10)
                heard.append(accepted.recv(1))

        thread = threading.Thread(target=listen)
        thread.start()
        os.environ[f"AIRFLOW_CONN_MAIL_{number}"] = how.format(port=server.getsockname()[1])
        try:
            with SmtpHook(smtp_conn_id=f"mail_{number}"):
                pass
        except Exception as error:
            ended = type(error).__name__
        thread.join()
    return "a TLS hello" if heard[0] == bytes([TLS_HELLO]) else f"no TLS, and {ended} in the end"


def token(uri):
    os.environ["AIRFLOW_CONN_DATABASE"] = uri
    try:
        PostgresHook(postgres_conn_id="database").get_conn()
    except Exception as error:
        return type(error).__name__


print("apache-airflow-providers-smtp", version("apache-airflow-providers-smtp"))
seen = {name: first_byte(number, how) for number, (name, how) in enumerate(HOW.items())}
for name, what in seen.items():
    print(f"disable_ssl off, {name}: {what}")
print("apache-airflow-providers-postgres", version("apache-airflow-providers-postgres"))
tokens = [token("postgres://u:a-password@127.0.0.1:1/db" + extra) for extra in ("", "?iam=false")]
print(f"iam off: left out {tokens[0]}, in a URI {tokens[1]}")
assert seen["left out"] == seen["in JSON"] == "a TLS hello", "the guess does not even hold there"
assert seen["in a URI"].startswith("no TLS"), "the behaviour of smtp has changed"
assert tokens == ["OperationalError", "AirflowOptionalProviderFeatureException"], "the behaviour of postgres has changed"
print('seen: "false" in a URI is true')
PY
