#!/usr/bin/env bash
# Constant Contact's own Python SDK, and contacts that are read to be kept.
#
# Guess:     contact.to_dict() and to_json() hold what the API answered, which the object has too.
# Behaviour: what the API calls read-only is left out, in answers also: contact_id, the times, deleted_at, and of the
#            address confirm_status and when and by whom it was opted out. Who keeps these dicts, has people without a
#            key; cannot tell a deleted contact from one that is there; and cannot tell which of two consents is newer.
# Way out:   contact.model_dump(mode="json", by_alias=True).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check constant-contact-api-client==1.5.0 pydantic==2.14.4
cd "$work"
venv/bin/python - <<'PY'
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version

from constant_contact_api_client import ApiClient, Configuration, ContactsApi

CONTACT = {
    "contact_id": "00000000-0000-4000-8000-000000000001",
    "email_address": {
        "address": "ann@example.org",
        "permission_to_send": "unsubscribed",
        "opt_out_source": "Contact",
        "opt_out_date": "2026-11-01T00:00:00Z",
        "confirm_status": "off",
    },
    "first_name": "Ann",
    "create_source": "Account",
    "created_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-11-02T00:00:00Z",
    "deleted_at": "2026-11-02T00:00:00Z",
}


class ConstantContact(BaseHTTPRequestHandler):
    """Answers with a page that holds this contact."""

    def do_GET(self):
        body = json.dumps({"contacts": [CONTACT], "contacts_count": 1}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def names(contact):
    """The fields of a contact, those of its address with a dot."""
    below = {f"email_address.{name}" for name, value in contact["email_address"].items() if value is not None}
    return below | {name for name, value in contact.items() if value is not None and name != "email_address"}


server = HTTPServer(("127.0.0.1", 0), ConstantContact)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_address[1]}/v3"
contacts = ContactsApi(ApiClient(Configuration(host=url, access_token="not-a-key")))
read = contacts.get_all_contacts(status="all").contacts[0]

print("constant-contact-api-client", version("constant-contact-api-client"))
print("guess: nothing is lost")
lost = names(CONTACT) - names(read.to_dict())
print("seen:  the object itself:", read.contact_id, "opted out", read.email_address.opt_out_date)
print("seen:  lost by to_dict():", ", ".join(sorted(lost)))
print("seen:  lost by model_dump():", names(CONTACT) - names(read.model_dump(mode="json", by_alias=True)) or "nothing")
address = {f"email_address.{name}" for name in ("confirm_status", "opt_out_date", "opt_out_source")}
assert lost == {"contact_id", "created_at", "updated_at", "deleted_at"} | address, "the behaviour changed"
assert json.loads(read.to_json()) == read.to_dict(), "to_json() changed"
assert names(read.model_dump(mode="json", by_alias=True)) == names(CONTACT), "the way out changed"
PY
