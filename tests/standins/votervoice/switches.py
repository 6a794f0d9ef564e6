"""The choices this stand-in had to make where the vendor says nothing, each with its other values."""

from __future__ import annotations

from typing import Any

from standins.provider import AdminError

CHOICES: dict[str, tuple[str, ...]] = {
    "redirect": ("off", "same_host", "other_host"),
    "duplicate": ("conflict", "second"),
    "unknown_list": ("refuse", "default_list"),
    "unknown_association": ("404", "403"),
    "second_delete": ("404", "204"),
    "put_omitted": ("cleared", "kept"),
    "checksum_type": ("string", "number"),
    "error_body": ("text", "json"),
}
FREE: dict[str, Any] = {
    "api_key": "standin-votervoice-key",
    "association": "standin",
    "fake_domains": ("fake.example.org",),
    "concurrency_limit": 10,
    "default_limit": 100,
    "largest_limit": 1000,
}
TYPES: dict[str, type] = {
    "api_key": str,
    "association": str,
    "fake_domains": list,
    "concurrency_limit": int,
    "default_limit": int,
    "largest_limit": int,
}


class Switches:
    """The values in force, as attributes; the first choice is the default."""

    def __init__(self) -> None:
        self._start = {name: choices[0] for name, choices in CHOICES.items()} | FREE
        self.values = dict(self._start)

    def __getattr__(self, name: str) -> Any:
        return self.__dict__["values"][name]

    def reset(self) -> None:
        """All defaults; the API key stays, for the command line may have given it."""
        self.values = self._start | {"api_key": self.values["api_key"]}

    def change(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Set some; answers all. A status may be given as a number. Raises AdminError and changes nothing then."""
        wanted = {name: str(value) if name in CHOICES else value for name, value in wish.items()}
        for name, value in wanted.items():
            if name in CHOICES and value not in CHOICES[name]:
                raise AdminError(f"{name} is one of {', '.join(CHOICES[name])}")
            if name not in CHOICES and (name not in FREE or not isinstance(value, TYPES[name])):
                raise AdminError(f"no switch {name!r} of that type; there are: {', '.join([*CHOICES, *FREE])}")
        self.values |= wanted
        return self.values
