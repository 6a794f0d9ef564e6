"""The choices a stand-in had to make where the vendor says nothing, each with its other values, and the limits."""

from __future__ import annotations

from typing import Any

from standins import consent

CHOICES: dict[str, tuple[str, ...]] = {
    "consent": consent.CHOICES,
    "refresh_mode": ("rotating", "long_lived"),
    "confirmed_opt_in": ("off", "on"),
    "conflict_wording": ("prefixed", "bare", "old"),
    "opted_out_put": ("409", "400", "kept"),
    "sign_up_of_opted_out": ("resubscribed", "refused"),
    "put_without_permission": ("kept", "implicit"),
    "lists_of_unsubscribed": ("kept", "removed"),
    "put_lists_of_unsubscribed": ("error", "ignored", "accepted"),
    "second_delete": ("404", "204"),
    "deleted_opt_out_fields": ("absent", "shown"),
    "since_bounds": ("after", "from"),
    "lists_limit": ("500", "1000"),
    "last_links": ("absent", "null"),
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
    "account_id": "p07e1standin",
    "calls_per_second": 4,
    "calls_per_day": 10_000,
    "queued_activities": 1000,
    "polls_to_complete": 2,
    "subscribe_attempts": 5,
    "import_bytes": 4_000_000,
    "fake_domains": ("fake.example.org",),
}
