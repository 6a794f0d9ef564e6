"""The calls, parameters and fields of the stand-in are the vendor's blueprint's, and what is more is named."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

import msgspec
import pytest

from standins.conformance import REPOSITORY
from standins.votervoice import bodies
from standins.votervoice.queries import COMMON
from standins.votervoice.urls import NOT_IMITATED, ROUTES, Route

FILE = Path(os.environ.get("STANDIN_SPECS", REPOSITORY.parent / "shared" / "specs")) / "votervoice.apib"
pytestmark = pytest.mark.skipif(
    not FILE.exists(),
    reason="the vendor's blueprint is not here; no part of the project; name its folder in STANDIN_SPECS",
)
RESOURCE = re.compile(r"^## .*?\[(/(?:[\w/]|\{\w+\})*)(?:\{\?([^}]*)\})?", re.MULTILINE)
# Seen in captured calls of the vendor's Postman collection, or asked for in the blueprint's prose.
PARAMETERS_SEEN = {"sitenumber", "orderBy", "orderDesc", "limit", "pageNumber", "groupList"}
FIELDS_SEEN = {"dateRegistered", "dateUpdated"}


@cache
def documented() -> dict[tuple[str, str], set[str]]:
    """Method and path of every call, with the query parameters of its resource."""
    found: dict[tuple[str, str], set[str]] = {}
    headings = [*RESOURCE.finditer(text())]
    ends = [*(heading.start() for heading in headings[1:]), len(text())]
    for heading, end in zip(headings, ends, strict=True):
        section = text()[heading.end() : end]
        path = re.sub(r"(?<=\w){", "/{", heading[1].rstrip("/"))  # a slash is missing in one of them
        names = set((heading[2] or "").split(","))
        for method in re.findall(r"^### .*\[([A-Z]+)\]", section, re.MULTILINE):
            found.setdefault((method, path), set()).update(names)
    return found


@cache
def text() -> str:
    return FILE.read_text(encoding="utf-8")


def fields(body: type[msgspec.Struct]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(body)}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.pattern}")
def test_every_call_is_documented_with_its_parameters(route: Route) -> None:
    known = documented()[route.method, route.pattern] | PARAMETERS_SEEN
    known |= set(COMMON) if not route.needs_association else set()
    assert set(route.query) - known == set()


@pytest.mark.parametrize(
    "body", [bodies.Contact, bodies.Membership, bodies.Address, bodies.Coordinates, bodies.CustomValue, bodies.User]
)
def test_every_field_is_documented(body: type[msgspec.Struct]) -> None:
    assert fields(body)
    assert {name for name in fields(body) if not re.search(rf"\b{name}\b", text())} - FIELDS_SEEN == set()


def test_what_is_documented_is_there_or_says_that_it_is_not_imitated() -> None:
    imitated = {(route.method, route.pattern) for route in ROUTES}
    assert len(documented()) > 40
    silent = [
        path for method, path in documented() if (method, path) not in imitated and not NOT_IMITATED.fullmatch(path)
    ]
    assert silent == []
