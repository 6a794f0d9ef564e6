"""The JSON of Acme Mail, and what the extract says of lists, typed."""

from __future__ import annotations

import msgspec


class InList(msgspec.Struct):
    """A list that somebody is in."""

    id: str
    name: str


class Person(msgspec.Struct):
    """One person as a whole: what is left out is gone at the service."""

    email: str
    first_name: str
    last_name: str
    lists: list[InList]


class Held(msgspec.Struct):
    """The answer to a write, of which only the id is read."""

    id: str


class Account(msgspec.Struct):
    """Whose account answers."""

    name: str
    contact: str


class ListPlace(msgspec.Struct):
    """An entry of the extract's list_memberships."""

    list_id: int
    name: str
