"""How Acme Mail says no: a status, and a code and a sentence in JSON."""

from __future__ import annotations

import msgspec

from standins.provider import Answer

JSON = {"Content-Type": "application/json"}


class Refusal(Exception):  # noqa: N818 - an answer, as Acme Mail gives it, not a mistake of ours
    """One refusal: HTTP status and code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code

    def answer(self, route: str) -> Answer:
        """The answer with its body."""
        return Answer(self.status, msgspec.json.encode({"error": self.code}), JSON, route)
