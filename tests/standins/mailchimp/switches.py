"""The choices a stand-in had to make where the vendor says nothing, each with its other values."""

from __future__ import annotations

from typing import Any

from standins import consent
from standins.provider import AdminError

CHOICES: dict[str, tuple[str, ...]] = {
    "consent": consent.CHOICES,
    "language": ("en", "de"),
    "batch_without_status": ("keep", "error"),
    "batch_tags": ("off", "on"),
    "compliance_in_batch": ("error", "silent"),
    "second_delete": ("404", "405"),
    "segment_repeat": ("accepted", "ignored", "error"),
    "since_bounds": ("after", "from"),
    "put_without_status_if_new": ("accept", "error"),
    "archived_in_segment": ("refused", "added"),
}
# Who may connect: no behaviour, but values.
CLIENT: dict[str, Any] = {"client_id": "standin-client", "client_secret": "standin-secret"}
FREE: dict[str, Any] = CLIENT | {
    "api_key": "standin-us1",
    "redirect_uris": (),
    "fake_domains": ("fake.example.org",),
    "concurrency_limit": 10,
}
TYPES: dict[str, type] = {name: list if isinstance(value, tuple) else type(value) for name, value in FREE.items()}


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
        """Set some; answers all. Raises AdminError and changes nothing where one is unknown."""
        for name, value in wish.items():
            if name in CHOICES and value not in CHOICES[name]:
                raise AdminError(f"{name} is one of {', '.join(CHOICES[name])}")
            if name not in CHOICES and (name not in FREE or not isinstance(value, TYPES[name])):
                raise AdminError(f"no switch {name!r} of that type; there are: {', '.join([*CHOICES, *FREE])}")
        self.values |= wish
        return self.values
