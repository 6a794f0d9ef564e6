"""Which calls exist: path, version of the API, handler. All are POST; what is documented and not imitated says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from standins.higher_logic import responses
from standins.higher_logic.responses import Asked


class Route(msgspec.Struct, frozen=True):
    """One call of the API."""

    path: str
    version: int
    handler: Callable[[Asked], Any]


ROUTES: tuple[Route, ...] = (
    Route("/push/v1/members", 1, responses.push_members),
    Route("/v2/contactinfo", 2, responses.push_contacts),
    Route("/v2/list", 2, responses.push_lists),
    Route("/v2/meeting", 2, responses.not_imitated),
    Route("/v2/product", 2, responses.not_imitated),
)
BY_PATH = {route.path: route for route in ROUTES}
