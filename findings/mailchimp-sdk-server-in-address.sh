#!/usr/bin/env bash
# Mailchimp's own Python SDK, and a member whose address holds the letters "server".
#
# Guess:     a member may be named by address, as the SDK's documentation says, and the request is about that address.
# Behaviour: the SDK puts the data center into the URL by replacing "server" wherever it stands, in the path too.
#            observer@example.org becomes obus21@example.org: another person is read, unsubscribed, tagged or deleted,
#            or nobody is found. Nothing is raised.
# Way out:   name members by the MD5 of the address in lower case (a hexadecimal number never holds these letters).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check mailchimp-marketing==3.0.80 requests==2.34.2
cd "$work"
venv/bin/python - <<'PY'
import hashlib
from importlib.metadata import version
from urllib.parse import unquote

import mailchimp_marketing
import requests

asked = []


def answered(_adapter, request, **_):
    """Instead of the network: keep the URL that would have been asked, and answer as Mailchimp does."""
    asked.append(unquote(request.url))
    response = requests.Response()
    response.status_code = 200
    response.headers["Content-Type"] = "application/json"
    response._content = b'{"status": "unsubscribed"}'
    return response


requests.adapters.HTTPAdapter.send = answered
client = mailchimp_marketing.Client({"api_key": "not-a-key", "server": "us21"})
address = "observer@example.org"
for member in (address, hashlib.md5(address.encode()).hexdigest(), "ann@example.org"):
    client.lists.update_list_member("a1b2", member, {"status": "unsubscribed"})

print("mailchimp-marketing", version("mailchimp-marketing"))
print("guess: .../members/observer@example.org")
for url in asked:
    print("seen: ", url)
root = "https://us21.api.mailchimp.com/3.0/lists/a1b2/members/"
assert asked[0] == root + "obus21@example.org", "the behaviour changed"
assert asked[1] == root + hashlib.md5(address.encode()).hexdigest(), "the way out changed"
assert asked[2] == root + "ann@example.org", "other addresses changed"
PY
