"""The choices a stand-in had to make where the vendor says nothing, each with its other values, and the limits."""

from __future__ import annotations

from typing import Any

from standins import consent
from standins.provider import AdminError

CHOICES: dict[str, tuple[str, ...]] = {
    "consent": consent.CHOICES,
    "refresh_mode": ("rotating", "long_lived"),
    "confirmed_opt_in": ("off", "on"),
    "conflict_wording": ("prefixed", "bare", "old"),
    "opted_out_put": ("409", "400", "kept"),
    "sign_up_of_opted_out": ("resubscribed", "refused"),
    "put_without_permission": ("kept", "implicit"),
    "lists_of_unsubscribed": ("removed", "kept"),
    "put_lists_of_unsubscribed": ("error", "ignored", "accepted"),
    "second_delete": ("404", "204"),
    "deleted_opt_out_fields": ("absent", "shown"),
    "since_bounds": ("after", "from"),
    "lists_limit": ("500", "1000"),
    "deleted_list": ("404", "shown"),
    "deleted_list_name": ("free", "taken"),
    "put_list_taken_name": ("400", "409"),
    "import_revives": ("yes", "no"),
    "blank_in_import": ("kept", "cleared"),
    "overlong_in_import": ("refused", "correctable"),
}
# Who may connect: no behaviour, but values.
CLIENT: dict[str, Any] = {
    "client_id": "standin-client",
    "client_secret": "standin-secret",
    "refresh_token": "standin-refresh-token",
}
FREE: dict[str, Any] = CLIENT | {
    "redirect_uris": (),
    "calls_per_second": 4,
    "calls_per_day": 10_000,
    "queued_activities": 1000,
    "polls_to_complete": 2,
    "import_bytes": 4_000_000,
    "fake_domains": ("fake.example.org",),
}
ALIASES = {"api_key": "client_secret"}  # the command line's --api-key


class Switches:
    """The values in force, as attributes; the first choice is the default."""

    def __init__(self) -> None:
        self._start = {name: choices[0] for name, choices in CHOICES.items()} | FREE
        self.values = dict(self._start)

    def __getattr__(self, name: str) -> Any:
        return self.__dict__["values"][name]

    def reset(self) -> None:
        """All defaults; the client's secret stays, for the command line may have given it."""
        self.values = self._start | {"client_secret": self.values["client_secret"]}

    def change(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Set some; answers all. Raises AdminError and changes nothing where one is unknown."""
        wanted = {ALIASES.get(name, name): value for name, value in wish.items()}
        for name, value in wanted.items():
            if name in CHOICES and value not in CHOICES[name]:
                raise AdminError(f"{name} is one of {', '.join(CHOICES[name])}")
            if name not in CHOICES and (name not in FREE or not _fits(name, value)):
                raise AdminError(f"no switch {name!r} of that type; there are: {', '.join([*CHOICES, *FREE])}")
        self.values |= wanted
        return self.values


def _fits(name: str, value: Any) -> bool:
    default = FREE[name]
    if isinstance(default, int):
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if isinstance(default, tuple):
        return isinstance(value, list) and all(isinstance(part, str) for part in value)
    return isinstance(value, str)
