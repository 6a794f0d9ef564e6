"""The redirect that /contacts may answer first: where it leads, and whether a key was carried to a strange host."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from standins.provider import Answer, Call

FIRST, SECOND = "/api", "/api2"
OTHER = {"localhost": "127.0.0.1", "127.0.0.1": "localhost"}


def redirected(call: Call, mode: str, below: str) -> Answer:
    """307 to the second prefix, on the same host or on another one; not to be remembered."""
    name, _, port = call.headers.get("Host", "127.0.0.1").partition(":")
    if mode == "other_host":
        name = OTHER.get(name, "localhost")
    query = urlencode(parse_qsl(call.query, keep_blank_values=True))
    location = f"http://{name}{':' + port if port else ''}{SECOND}{below}?{query}"
    return Answer(307, b"", {"Location": location, "Cache-Control": "no-store"}, below)


def leaks_a_key(call: Call, mode: str) -> bool:
    """Whether a call brought credentials, good ones or not, to the other host of a redirect."""
    is_elsewhere = mode == "other_host" and call.path.lower().startswith(SECOND + "/")
    return is_elsewhere and "Authorization" in call.headers
