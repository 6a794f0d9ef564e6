"""Divides people into imports. People who join the same lists share an import, within the limits on rows and bytes: the
service silently cuts off a longer one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from crm_sync.providers.constant_contact.custom_fields import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crm_sync.providers.constant_contact.outcomes import Person

# documented: a body over 4 MB is cut off silently; taken as 4,000,000 bytes.
# https://developer.constantcontact.com/api_guide/import_contacts
MOST_BYTES = 4_000_000
# documented: 40,000 contacts, 50 lists, and addresses of 50 characters. https://api.cc.email/v3/swagger.yaml
MOST_ROWS = 40_000
MOST_LISTS = 50
LONGEST_ADDRESS = 50


class Import(NamedTuple):
    """The people of one import, and the lists that they all join."""

    people: list[Person]
    rows: list[bytes]
    lists: list[str]

    @property
    def body(self) -> bytes:
        """The JSON to send."""
        return _wrapped(self.rows, self.lists)


def fits(person: Person) -> bool:
    """Whether a person can be imported: an import needs a list, and accepts only shorter addresses."""
    return len(person.address) <= LONGEST_ADDRESS and bool(person.joins or person.lists_there)


def imports(people: Iterable[Person]) -> Iterator[Import]:
    """The imports of people who can be imported."""
    for lists, group in grouped(list(people)).items():
        yield from _parts(group, [*lists])


def grouped(people: list[Person]) -> dict[tuple[str, ...], list[Person]]:
    """Lists → the people who join them. People who join none are imported with a list that they are already in."""
    groups: dict[tuple[str, ...], list[Person]] = {}
    shared = _few_lists(person.lists_there for person in people if not person.joins)
    for person in people:
        own = sorted(person.joins)[:MOST_LISTS] or [next(each for each in shared if each in person.lists_there)]
        groups.setdefault(tuple(own), []).append(person)
    return groups


def _few_lists(lists_of_each: Iterable[list[str]]) -> list[str]:
    """A small set of lists that covers everyone; each next list is the one with the most people left."""
    left = Counter(map(frozenset, lists_of_each))
    few: list[str] = []
    while left:
        people_in: Counter[str] = Counter()
        for lists, people in left.items():
            people_in.update(dict.fromkeys(lists, people))
        few.append(max(sorted(people_in), key=people_in.__getitem__))
        left = Counter({lists: people for lists, people in left.items() if few[-1] not in lists})
    return few


def _parts(people: list[Person], lists: list[str]) -> Iterator[Import]:
    part = Import([], [], lists)
    size = empty = len(_wrapped([], lists))
    for person in people:
        row = _row(person)
        if part.rows and (size + len(row) + 1 > MOST_BYTES or len(part.rows) == MOST_ROWS):
            yield part
            part, size = Import([], [], lists), empty
        part.people.append(person)
        part.rows.append(row)
        size += len(row) + 1
    yield part


def _row(person: Person) -> bytes:
    """documented: only properties that are sent change. An empty one is left out; a later single call empties it."""
    names = {name: text for name, text in person.fields.items() if text}
    custom = {PREFIX + each.name: each.value for each in person.custom if each.value}
    return msgspec.json.encode({"email": person.address, **names, **custom})


def _wrapped(rows: list[bytes], lists: list[str]) -> bytes:
    return b'{"import_data":[' + b",".join(rows) + b'],"list_ids":' + msgspec.json.encode(lists) + b"}"
