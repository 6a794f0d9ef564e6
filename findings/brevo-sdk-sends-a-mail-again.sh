#!/usr/bin/env bash
# Brevo's own Python SDK, and a mail whose answer is lost.
#
# Guess:     sending is not repeated by itself, since it is no call that may be repeated: the caller gets an error and
#            decides; or a key of idempotence goes with it.
# Behaviour: every POST is made again, up to twice, after any 5xx, and no such key goes with it. Where the mail had been
#            taken before the gateway gave up waiting (502, 504), the member gets it two or three times, and a call whose
#            second try went well returns like any other, with one message id.
# Way out:   request_options={"max_retries": 0} for calls that send, or an IdempotencyKey among the mail's headers, which
#            the SDK's documentation names and which each try then carries.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check brevo-python==5.1.0 httpx==0.28.1
cd "$work"
venv/bin/python - <<'PY'
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version

from brevo import Brevo
from brevo.core.api_error import ApiError
from brevo.transactional_emails import SendTransacEmailRequestSender, SendTransacEmailRequestToItem

taken = []


class Mailer(BaseHTTPRequestHandler):
    """Takes every mail; its answers are the statuses that ``answers`` has, in turn."""

    answers = []

    def do_POST(self):
        mail = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        taken.append(mail.get("headers", {}).get("IdempotencyKey"))
        body = b'{"messageId": "<1@example.org>"}'
        self.send_response(self.answers.pop(0))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


mailer = HTTPServer(("127.0.0.1", 0), Mailer)
threading.Thread(target=mailer.serve_forever, daemon=True).start()
client = Brevo(api_key="not-a-key", base_url=f"http://127.0.0.1:{mailer.server_address[1]}")


def sent(answers, **options):
    """How one call ended, and the keys of the mails that it made."""
    taken.clear()
    Mailer.answers = list(answers)
    try:
        client.transactional_emails.send_transac_email(
            subject="Your membership ends",
            text_content="Please renew it.",
            sender=SendTransacEmailRequestSender(email="office@example.org"),
            to=[SendTransacEmailRequestToItem(email="ann@example.org")],
            **options,
        )
        ended = "returned"
    except ApiError as error:
        ended = f"ApiError {error.status_code}"
    return ended, list(taken)


print("brevo-python", version("brevo-python"))
print("guess: one mail for each call")
cases = {
    "504, then 201": sent([504, 201]),
    "502 thrice": sent([502, 502, 502]),
    "502, max_retries 0": sent([502], request_options={"max_retries": 0}),
    "504, then 201, with a key": sent([504, 201], headers={"IdempotencyKey": "renewal-1"}),
}
for case, (ended, keys) in cases.items():
    print(f"seen:  answers {case}: mails {len(keys)}, keys {keys}, {ended}")
assert cases["504, then 201"] == ("returned", [None, None]), "the behaviour changed"
assert cases["502 thrice"] == ("ApiError 502", [None, None, None]), "the behaviour changed"
assert cases["502, max_retries 0"] == ("ApiError 502", [None]), "the way out changed"
assert cases["504, then 201, with a key"] == ("returned", ["renewal-1", "renewal-1"]), "the way out changed"
PY
