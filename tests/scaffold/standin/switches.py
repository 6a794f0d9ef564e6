"""The choices this stand-in had to make where the vendor says nothing, each with its other values."""

from __future__ import annotations

from typing import Any

CHOICES: dict[str, tuple[str, ...]] = {
    "second_delete": ("404", "204"),
}
FREE: dict[str, Any] = {
    "api_key": "standin-acme-mail-key",
    "account_id": "standin",
    "fake_domains": ("fake.example.org",),
    "concurrency_limit": 10,  # not known of the real service
}
