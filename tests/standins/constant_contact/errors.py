"""Constant Contact's refusals: an array of key and message, but one object for a bad token and for a spent limit.

Source of keys and messages: captured answers and public clients; behaviours.py names them.
"""

from __future__ import annotations

from typing import Any

VALIDATION, NOT_FOUND, CONFLICT = "contacts.api.validation.error", "contacts.api.not_found", "contacts.api.conflict"
SINGLE = frozenset({401, 429})

# All three wordings have been seen; clients cut the contact's id out of the first two.
CONFLICTS = {
    "prefixed": "Validation failed: Email already exists for contact {0}",
    "bare": "Email already exists for contact {0}",
    "old": "Validation failed: EmailAddress is not unique",
}


class Refusal(Exception):  # noqa: N818 - an answer, as Constant Contact gives it, not a mistake of ours
    """One refusal: HTTP status, key and message."""

    def __init__(self, status: int, key: str, message: str) -> None:
        super().__init__(message)
        self.status, self.key, self.message = status, key, message

    def body(self) -> Any:
        """What is sent: one object for 401 and 429, an array for all others."""
        error = {"error_key": self.key, "error_message": self.message}
        return error if self.status in SINGLE else [error]


def invalid(message: str) -> Refusal:
    """400: a value or a combination that is not allowed."""
    return Refusal(400, VALIDATION, message)


def bad_value(name: str) -> Refusal:
    """400 in the words that have been seen for a parameter or property out of range."""
    return invalid(f"{name} does not have a valid value")


def not_found(message: str = "The requested resource was not found.") -> Refusal:
    """404."""
    return Refusal(404, NOT_FOUND, message)


def conflict(message: str) -> Refusal:
    """409."""
    return Refusal(409, CONFLICT, message)


def address_taken(wording: str, contact_id: str) -> Refusal:
    """409 for an address that a contact has, a deleted one too; it names that contact, in all but the old wording."""
    return conflict(CONFLICTS[wording].format(contact_id))


def unauthorized() -> Refusal:
    """401: no token, an unknown one, or one that is past its time."""
    return Refusal(401, "unauthorized", "Unauthorized")


def forbidden() -> Refusal:
    """403: the token is good and lacks the scope."""
    return Refusal(403, "forbidden", "Forbidden")


def throttled() -> Refusal:
    """429 of the second."""
    return Refusal(429, "throttled", "Too Many Requests")


def quota_exceeded() -> Refusal:
    """429 of the day."""
    return Refusal(429, "quota_exceeded", "Limit Exceeded")


def queue_full() -> Refusal:
    """429 of the queue of activities."""
    return Refusal(429, "too_many_activities", "Too many queued activities for this user account.")


def media_type() -> Refusal:
    """415: a body that does not call itself JSON."""
    return Refusal(415, "unsupported_media_type", "The body must be application/json.")


def bad_method() -> Refusal:
    """405."""
    return Refusal(405, "method_not_allowed", "Unsupported method used.")


def not_imitated(what: str) -> Refusal:
    """501: the vendor has it, the stand-in has not."""
    return Refusal(501, "not_implemented", f"The stand-in does not imitate {what}.")


def scripted(status: int) -> Refusal:
    """The answer of a scripted fault."""
    known = {401: unauthorized(), 403: forbidden(), 404: not_found(), 409: conflict("Conflict"), 429: throttled()}
    return known.get(status, Refusal(status, "scripted", "A scripted failure."))
