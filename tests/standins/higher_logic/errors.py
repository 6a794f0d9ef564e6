"""The two ways in which Higher Logic says no: the gateway's own message, and the push's answer with success false.

The gateway's sentences are those of the kind of gateway that the header x-api-key belongs to; the sentences of a failed
push are ours, for the vendor's are not known. A failed push never names the item.
"""

from __future__ import annotations

from typing import Any

PHRASES = {
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    415: "Unsupported Media Type",
    429: "Too Many Requests",
    500: "Internal server error",
    501: "This call is not implemented by the stand-in",
    503: "Service Unavailable",
}
BAD_ITEM = "The request could not be processed: invalid member data."
BAD_REQUEST = "The request could not be read."
TOO_MANY_ITEMS = "The request holds too many items."
UNKNOWN_TENANT = "The tenant code is not valid."


class Turned(Exception):  # noqa: N818 - an answer, as the gateway gives it, not a mistake of ours
    """Turned away before the push was looked at."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status

    @property
    def body(self) -> dict[str, Any]:
        """`{"message": ...}`."""
        return gateway_message(self.status)


class Failure(Exception):  # noqa: N818 - an answer, not a mistake of ours
    """A push that failed as a whole."""

    @property
    def body(self) -> dict[str, Any]:
        """`{"success": false, ...}`, with the one sentence there is."""
        return outcome(0, str(self))


def gateway_message(status: int) -> dict[str, Any]:
    """What the gateway says with a status."""
    return {"message": PHRASES.get(status, PHRASES[500])}


def outcome(count: int, error_message: str = "") -> dict[str, Any]:
    """The answer of a push: one flag, one number and one sentence for all its items."""
    return {"success": not error_message, "count": count, "errorMessage": error_message}
