"""A request as a handler sees it, and an answer as it gives it."""

from __future__ import annotations

from typing import Any

import msgspec

from standins.constant_contact.queries import Asked as Parameters
from standins.constant_contact.state import Account


class Asked(msgspec.Struct):
    """What the router made of a call; `raw` is the body as it came."""

    account: Account
    path: dict[str, str]
    parameters: Parameters
    body: Any = None
    raw: bytes = b""

    @property
    def query(self) -> dict[str, Any]:
        """The values of the parameters."""
        return self.parameters.values


class Reply(msgspec.Struct):
    """An answer with its status; None as content is an empty body."""

    status: int
    content: Any = None
    headers: dict[str, str] = {}
