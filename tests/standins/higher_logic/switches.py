"""The choices this stand-in had to make where the vendor says nothing, each with its other values."""

from __future__ import annotations

from typing import Any

CHOICES: dict[str, tuple[str, ...]] = {
    "failure_status": ("200", "400"),
    "bad_item": ("fails_batch", "skips"),
    "unknown_tenant": ("success_false", "403"),
    "unknown_parent": ("accept", "fail"),
    "v2_answer": ("empty", "like_v1"),
    "v2_failure_status": ("400", "500"),
    "v2_unknown_contact": ("fail", "ignore"),
}
FREE: dict[str, Any] = {
    "api_key": "standin-gateway-key",
    "tenant_code": "standin-tenant",
    "fake_domains": ("fake.example.org",),
    "concurrency_limit": 10,  # not known of the real service
    "max_items": 100,
    "visible_after_seconds": 0.0,
    # Types of community that are set up, and hidden, at the site; *: whatever a push names.
    "community_types": ("*",),
}
