"""An answer of a provider without a call, for what only reads answers."""

from __future__ import annotations

import json
from typing import Any

from urllib3 import HTTPHeaderDict

from crm_sync.transport.answer import Request, Response


def answer(status: int = 200, body: Any = b"", /, *, url: str = "https://api.example.org/", **headers: str) -> Response:
    """``body``: bytes as they are, anything else as JSON. A header's name has underscores in place of hyphens."""
    named = HTTPHeaderDict({name.replace("_", "-"): value for name, value in headers.items()})
    return Response(
        Request("GET", url, {}), status, named, body if isinstance(body, bytes) else json.dumps(body).encode()
    )
