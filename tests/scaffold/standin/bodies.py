"""The request bodies as types: unknown fields and wrong types do not decode."""

from __future__ import annotations

import msgspec


class InList(msgspec.Struct, forbid_unknown_fields=True):
    """A list that a person is in."""

    id: str
    name: str


class Person(msgspec.Struct, forbid_unknown_fields=True):
    """PUT /people/{id}: the whole record."""

    email: str
    first_name: str
    last_name: str
    lists: list[InList]


read_person = msgspec.json.Decoder(Person).decode
