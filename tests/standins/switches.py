"""The choices a stand-in had to make where its vendor says nothing: a test turns them by POST /_standin/switches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from standins.provider import AdminError


class Switches:
    """The values in force, as attributes.

    ``choices``: the values that each may have, the default first. ``free``: the defaults of those that may have any
    value of the same kind, no number below 0. ``key``: the one that the command line's --api-key sets.
    """

    def __init__(
        self, choices: Mapping[str, tuple[str, ...]], free: Mapping[str, Any], *, key: str = "api_key"
    ) -> None:
        self._choices, self._free, self._key = choices, free, key
        self._start: dict[str, Any] = {name: values[0] for name, values in choices.items()} | dict(free)
        self.values = dict(self._start)

    def __getattr__(self, name: str) -> Any:
        return self.__dict__["values"][name]

    def reset(self) -> None:
        """All defaults; the key stays, for the command line may have given it."""
        self.values = self._start | {self._key: self.values[self._key]}

    def change(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Set some; answers all. A choice may be given as a number. Raises AdminError and changes nothing then."""
        wanted = {self._key if name == "api_key" else name: value for name, value in wish.items()}
        wanted |= {name: str(value) for name, value in wanted.items() if name in self._choices}
        for name, value in wanted.items():
            if name in self._choices and value not in self._choices[name]:
                raise AdminError(f"{name} is one of {', '.join(self._choices[name])}")
            if name not in self._choices and not (name in self._free and _fits(value, self._free[name])):
                known = ", ".join([*self._choices, *self._free])
                raise AdminError(f"no switch {name!r} of that type; there are: {known}")
        self.values |= wanted
        return self.values


def _fits(value: Any, default: Any) -> bool:
    if isinstance(default, int | float):
        return isinstance(value, int | type(default)) and not isinstance(value, bool) and value >= 0
    if isinstance(default, tuple):
        return isinstance(value, list) and all(isinstance(part, str) for part in value)
    return isinstance(value, str)
