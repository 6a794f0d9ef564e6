"""The names of lists at the provider. Two lists of one name would be one list, so each gets a name of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def distinct(names: Mapping[int, str]) -> dict[int, str]:
    """The name that each list is to have, by list id; ``names``: those of the CRM, in the order of the ids.

    Of two of one name, whatever their case and outer blanks, the lower id keeps it. The other is called "name (#id)",
    and "name (#id) (#id)" where a list has that for its own name.
    """
    answer: dict[int, str] = {}
    taken: set[str] = set()
    for list_id, name in names.items():
        if name.strip().casefold() not in taken:
            answer[list_id] = name.strip()
            taken.add(name.strip().casefold())
    for list_id, name in names.items():
        if list_id not in answer:
            answer[list_id] = _free(name.strip(), f" (#{list_id})", taken)
    return answer


def passing(targets: Mapping[int, str], taken: Iterable[str], longest: int) -> dict[int, str]:
    """Names for a moment, by list id, that nobody has or waits for, and that fit even where the name a list is to have
    does not. ``taken``: the names that lists have there, and are to have."""
    known = {name.casefold() for name in taken}
    return {list_id: _free(name, f" (#{list_id})", known, longest) for list_id, name in targets.items()}


def _free(name: str, number: str, taken: set[str], longest: int | None = None) -> str:
    """The name with its number, repeated until no list has that name; then it is taken."""
    tail = number
    while True:
        candidate = (name if longest is None else name[: max(0, longest - len(tail))]) + tail
        if candidate.casefold() not in taken:
            taken.add(candidate.casefold())
            return candidate
        tail += number
