#!/usr/bin/env bash
# civicrm-py (a client for CiviCRM's API 4 with queries like Django's), and a query with a limit.
#
# Guess:     filter(...).limit(1).delete() deletes one contact, or is refused as Django refuses it.
# Behaviour: limit, offset and order are left out of the call: every contact that the filter finds is deleted, or
#            changed by update(). CiviCRM's delete and update know a limit; it is only not sent. "Try it on one first",
#            or deleting in slices of a hundred, therefore does the whole thing at once.
# Way out:   get the ids with the limit, then filter(id__in=ids).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check civicrm-py==0.1.4
cd "$work"
venv/bin/python - <<'PY'
import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from urllib.parse import parse_qs

from civicrm_py import CiviClient
from civicrm_py.query.queryset import QuerySet

calls = []


class Civi(BaseHTTPRequestHandler):
    """Keeps what arrives, and answers as CiviCRM does where nobody was found."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        sent = json.loads(parse_qs(body)["params"][0] if body.startswith("params=") else body)
        calls.append((self.path.rsplit("/", 1)[1], {k: v for k, v in sent.items() if v is not None}))
        answer = b'{"version": 4, "count": 0, "countFetched": 0, "values": []}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


async def ask(url):
    async with CiviClient(base_url=url, api_key="not-a-key") as client:
        first = QuerySet(client, "Contact").filter(source="import").order_by("id").limit(1)
        await first.all()
        await first.delete()
        await first.update(do_not_email=True)


civi = HTTPServer(("127.0.0.1", 0), Civi)
threading.Thread(target=civi.serve_forever, daemon=True).start()
asyncio.run(ask(f"http://127.0.0.1:{civi.server_address[1]}/civicrm/ajax/api4"))

print("civicrm-py", version("civicrm-py"))
print("guess: all three calls carry limit 1")
for action, sent in calls:
    print("seen: ", action, json.dumps(sent))
(_, read), (_, deleted), (_, updated) = calls
where = [["source", "=", "import"]]
assert read == {"where": where, "limit": 1, "orderBy": {"id": "ASC"}}, "reading changed"
assert deleted == {"where": where}, "the behaviour changed: delete"
assert updated == {"where": where, "values": {"do_not_email": True}}, "the behaviour changed: update"
PY
