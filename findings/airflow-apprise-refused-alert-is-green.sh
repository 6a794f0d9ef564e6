#!/usr/bin/env bash
# Airflow's Apprise hook and notifier, and an alert that reached nobody.
#
# Guess:     AppriseHook().notify() raises when the service refuses the message, as hooks do, or at least says so.
# Behaviour: Apprise answers with what became of the message; the hook drops the answer and returns None. Refused by
#            the service, a tag that is in no entry, and a URL that Apprise cannot read: all end alike, and the task
#            whose whole work is the alert is green. The reason stands only in the log, of the tag not even there.
# Way out:   build apprise.Apprise() from the connection and look at what its notify() returns.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check apache-airflow==3.3.2 apache-airflow-task-sdk==1.3.2 \
  apache-airflow-providers-apprise==2.4.1 apprise==2.2.0
cd "$work"
export AIRFLOW_HOME="$work/home" AIRFLOW__LOGGING__LOGGING_LEVEL=CRITICAL
venv/bin/python - 2>"$work/log" <<'PY' || { cat "$work/log" >&2; exit 1; }
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version

import apprise
from airflow.providers.apprise.hooks.apprise import AppriseHook

arrived = []


class Service(BaseHTTPRequestHandler):
    """Refuses every message."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        arrived.append(self.path)
        self.send_response(500)
        self.end_headers()

    def log_message(self, *_):
        pass


service = HTTPServer(("127.0.0.1", 0), Service)
threading.Thread(target=service.serve_forever, daemon=True).start()
address = f"127.0.0.1:{service.server_address[1]}/ops"


def told(url, tag):
    config = {"path": url, "tag": "operators"}
    os.environ["AIRFLOW_CONN_APPRISE_DEFAULT"] = json.dumps({"conn_type": "apprise", "extra": {"config": config}})
    return AppriseHook().notify(body="The night's run failed", tag=tag)


seen = {
    "refused by the service": told(f"json://{address}", "operators"),
    "nobody has this tag": told(f"json://{address}", "operator"),
    "a URL it cannot read": told(f"jsno://{address}", "operators"),
}
direct = apprise.Apprise(f"json://{address}").notify(body="The night's run failed")
print("apache-airflow-providers-apprise", version("apache-airflow-providers-apprise"), "apprise", version("apprise"))
print("guess: an error in each case")
for case, got in seen.items():
    print(f"seen:  {case}: returned {got}")
print(f"seen:  Apprise itself, refused: {direct!r}")
assert list(seen.values()) == [None, None, None], "the behaviour changed"
assert arrived == ["/ops", "/ops"], "what was sent changed"
assert not direct, "the way out changed"
PY
