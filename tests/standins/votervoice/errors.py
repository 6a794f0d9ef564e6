"""How VoterVoice says no: a status, and a body whose form is documented nowhere, so that it comes in two forms."""

from __future__ import annotations

import msgspec

from standins.provider import Answer

JSON = {"Content-Type": "application/json; charset=utf-8"}
TEXT = {"Content-Type": "text/plain; charset=utf-8"}

UNAUTHORIZED = "Authorization has been denied for this request."
NOT_FOUND = "The resource was not found."
BAD_METHOD = "The resource does not support this method."
NOT_IMITATED = "This call is not implemented by the stand-in."
BAD_TYPE = "The content type must be application/json."
TOO_MANY = "Too many requests."
SCRIPTED = "An error has occurred."
NO_ASSOCIATION = "The association is required."
UNKNOWN_ASSOCIATION = "The association is unknown."
ONE_FILTER = "Exactly one of contactId, email and dateUpdated is required."
UNKNOWN_CONTACT = "There is no such contact."
CONFLICT = "A contact with this contactId or emailAddress exists."
OTHER_ID = "The contactId of the body is another one than that of the query."
NOBODY = "A contactId or an emailAddress is required."
BAD_ADDRESS = "The emailAddress is not valid."
UNKNOWN_LIST = "The groupList is unknown."
BAD_CHECKSUM = "The address is not valid: its checksum is missing or wrong."
UNKNOWN_FIELD = "A custom field is unknown or named twice."
BAD_VALUE = "The value of a custom field is not of its type."
OTHER_USER = "A user with this emailAddress and other data exists."


class Refusal(Exception):  # noqa: N818 - an answer, as VoterVoice gives it, not a mistake of ours
    """One refusal: HTTP status and a sentence, which is ours."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text

    def answer(self, form: str, route: str) -> Answer:
        """The answer with its body as plain `text` or as `json`."""
        if form == "json":
            return Answer(self.status, msgspec.json.encode({"Message": self.text}), JSON, route)
        return Answer(self.status, self.text.encode(), TEXT, route)


def bad_request(text: str) -> Refusal:
    """400."""
    return Refusal(400, text)
