#!/usr/bin/env bash
# Mailchimp's own Python SDK, and an error answer without a body.
#
# Guess:     every answer of 4xx or 5xx raises ApiClientError, so a call that returns has been done.
# Behaviour: the status is looked at only when there is a body. A 503 or 429 without one, as gateways and load
#            balancers send it, is returned like a success: whoever was to be unsubscribed counts as unsubscribed.
# Way out:   look at what comes back: where it is a requests.Response, call raise_for_status().
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check mailchimp-marketing==3.0.80 requests==2.34.2
cd "$work"
venv/bin/python - <<'PY'
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version

import mailchimp_marketing
import requests
from mailchimp_marketing.api_client import ApiClientError

EMPTY, FULL = b"", b'{"title": "Service Unavailable"}'


class Gateway(BaseHTTPRequestHandler):
    """Answers 503 (or what the list's name says), with the body that is on."""

    body = EMPTY

    def do_PATCH(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(int(self.path.split("/")[3]))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_):
        pass


gateway = HTTPServer(("127.0.0.1", 0), Gateway)
threading.Thread(target=gateway.serve_forever, daemon=True).start()
client = mailchimp_marketing.Client({"api_key": "not-a-key", "server": "us21"})
client.lists.api_client.host = f"http://127.0.0.1:{gateway.server_address[1]}/3.0"


def seen(status):
    try:
        answer = client.lists.update_list_member(str(status), "0" * 32, {"status": "unsubscribed"})
    except ApiClientError as error:
        return f"ApiClientError {error.status_code}"
    return f"returned {type(answer).__name__} {getattr(answer, 'status_code', '')}"


print("mailchimp-marketing", version("mailchimp-marketing"))
print("guess: ApiClientError in every line")
results = {}
for name, Gateway.body in (("with a body", FULL), ("without a body", EMPTY)):
    for status in (429, 503):
        results[name, status] = seen(status)
        print(f"seen:  {status} {name}: {results[name, status]}")
assert results["with a body", 503] == "ApiClientError 503", "answers with a body changed"
for status in (429, 503):
    assert results["without a body", status] == f"returned Response {status}", "the behaviour changed"
PY
