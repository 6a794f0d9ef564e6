#!/usr/bin/env bash
# dlt's HTTP client in a custom destination (its way to send rows to a provider: reverse ETL).
#
# Guess:     what is set on client.session (a key in the headers, auth, a certificate) holds for all calls of the client,
#            as with the requests.Session that it looks like.
# Behaviour: session is a property that makes a new session for each thread. Destinations run in load threads, so the
#            key that was set at the top of the file is missing from every call there; a call of the same client in the
#            main thread, as one tries it first, carries it. Where the key chooses between accounts or drafts, or a
#            header asks for idempotence, nothing need fail.
# Way out:   Client(session_attrs={"headers": {...}}), or pass the headers with each call.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check dlt==1.31.0 requests==2.34.2
cd "$work"
export RUNTIME__DLTHUB_TELEMETRY=false DLT_DATA_DIR="$work/data"
venv/bin/python - <<'PY'
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version

import dlt
from dlt.sources.helpers.requests import Client

seen = {}


class Provider(BaseHTTPRequestHandler):
    """Takes everything, and keeps whether a key came with it."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        seen[self.path] = self.headers.get("Authorization")
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Provider)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_address[1]}"
KEY = {"Authorization": "Bearer not-a-key"}
plain, told = Client(), Client(session_attrs={"headers": KEY})
plain.session.headers.update(KEY)


@dlt.destination(batch_size=10)
def provider(items, table):
    plain.post(f"{url}/load", json=items)
    told.post(f"{url}/load-told", json=items)


plain.post(f"{url}/tried", json=[])
dlt.pipeline("members", destination=provider).run([{"id": 1, "email": "ann@example.org"}], table_name="people")
print("dlt", version("dlt"))
print("guess: the key in all three calls")
print("seen:  in the main thread:", seen["/tried"])
print("seen:  in the destination:", seen["/load"])
print("seen:  in the destination, by session_attrs:", seen["/load-told"])
assert seen["/tried"] == KEY["Authorization"], "the main thread changed"
assert seen["/load"] is None, "the behaviour changed"
assert seen["/load-told"] == KEY["Authorization"], "the way out changed"
PY
