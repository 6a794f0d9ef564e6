"""The choices this stand-in had to make where the vendor says nothing, each with its other values."""

from __future__ import annotations

from typing import Any

CHOICES: dict[str, tuple[str, ...]] = {
    "redirect": ("off", "same_host", "other_host"),
    "duplicate": ("conflict", "second"),
    "unknown_list": ("refuse", "default_list"),
    "unknown_association": ("404", "403"),
    "second_delete": ("404", "204"),
    "delete_from_list": ("deletes", "keeps"),
    "put_omitted": ("cleared", "kept"),
    "checksum_type": ("string", "number"),
    "written": ("nothing", "record"),
    "no_address": ("absent", "empty"),
    "error_body": ("text", "json"),
}
FREE: dict[str, Any] = {
    "api_key": "standin-votervoice-key",
    "association": "standin",
    "fake_domains": ("fake.example.org",),
    "concurrency_limit": 10,  # not known of the real service
    "default_limit": 100,
    "largest_limit": 1000,
}
