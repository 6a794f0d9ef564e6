"""The page on which a person allows an application or not, and the way back from there: alike for all providers."""

from __future__ import annotations

import re
from collections.abc import Collection
from html import escape
from urllib.parse import parse_qsl, urlencode

from standins.provider import Answer, Call

# What a person says, or that the page asks.
CHOICES = ("allow", "deny", "ask")
HTML = {"Content-Type": "text/html"}
LOOPBACK = re.compile(r"http://(127\.0\.0\.1|localhost)(:\d+)?(/[^#]*)?")
PAGE = """<!doctype html><html lang="en"><title>{title}</title><link rel="icon" href="data:,"><h1>{title}</h1>
<p>{client} asks for access to the account of Example Association.</p>
<form method="post"><button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button></form></html>"""


def is_registered(redirect_uri: str, registered: Collection[str]) -> bool:
    """Whether an address is the application's own, character by character; without any, this machine's are."""
    return redirect_uri in registered if registered else LOOPBACK.fullmatch(redirect_uri) is not None


def decision(call: Call, switched: str) -> str:
    """allow or deny, by the switch or by the form of the page; "" as long as nobody has said."""
    said = dict(parse_qsl(call.body.decode("ascii", "replace"))).get("decision", "") if call.method == "POST" else ""
    return said if switched == "ask" else switched


def page(title: str, client: str) -> Answer:
    """What a person is asked; like the real ones, it forbids to be framed."""
    headers = {**HTML, "X-Frame-Options": "DENY"}
    return Answer(200, PAGE.format(title=escape(title), client=escape(client)).encode(), headers)


def refusal() -> Answer:
    """For an application or an address that is not known, nobody is sent back."""
    return Answer(400, b"<html><body><h1>400</h1><p>Your request resulted in an error.</p></body></html>", dict(HTML))


def sent_back(redirect_uri: str, answer: dict[str, str]) -> Answer:
    """The browser goes back with an answer."""
    separator = "&" if "?" in redirect_uri else "?"
    return Answer(302, b"", {"Location": redirect_uri + separator + urlencode(answer)})
