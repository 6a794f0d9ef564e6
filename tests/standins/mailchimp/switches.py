"""The choices a stand-in had to make where the vendor says nothing, each with its other values."""

from __future__ import annotations

from typing import Any

from standins import consent

CHOICES: dict[str, tuple[str, ...]] = {
    "consent": consent.CHOICES,
    "language": ("en", "de"),
    "batch_without_status": ("keep", "error"),
    "batch_tags": ("off", "on"),
    "compliance_in_batch": ("error", "silent"),
    "segment_repeat": ("error", "accepted", "ignored"),
    "left_in_segment": ("accepted", "error"),
    "account": ("active", "disabled", "forbidden"),
    "error_fields": ("plain", "dotted"),
    "since_bounds": ("after", "from"),
    "put_without_status_if_new": ("accept", "error"),
    "sms_only": ("listed", "hidden"),
    "archived_in_segment": ("refused", "added"),
}
# Who may connect: no behaviour, but values.
CLIENT: dict[str, Any] = {"client_id": "standin-client", "client_secret": "standin-secret"}
FREE: dict[str, Any] = CLIENT | {
    "api_key": "standin-us1",
    "account_id": "8d3a3db4d97663a9074efcc16",
    "redirect_uris": (),
    "fake_domains": ("fake.example.org",),
    "concurrency_limit": 10,
    "sign_up_cap": 12,
    "sign_up_cap_hours": 24,
}
