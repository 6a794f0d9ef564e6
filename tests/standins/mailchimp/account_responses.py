"""The HTTP face of the account and its lists."""

from __future__ import annotations

from typing import Any

from standins.clock import iso
from standins.mailchimp import bulk, queries
from standins.mailchimp.asked import Asked
from standins.mailchimp.rendering import batch_document, links
from standins.mailchimp.state import Account, Audience

CONTACT = {
    "company": "Example Association",
    "addr1": "1 Example Street",
    "addr2": "",
    "city": "Springfield",
    "state": "IL",
    "zip": "62701",
    "country": "US",
}


def ping(asked: Asked) -> Any:
    """GET /ping."""
    return {"health_status": "Everything's Chimpy!"}


def root(asked: Asked) -> Any:
    """GET /: the account and how to reach it."""
    subscribers = sum(audience.counts["subscribed"] for audience in asked.account.audiences.values())
    since = iso(asked.account.audience.created)
    return {
        "account_id": asked.account.switches.account_id,
        "login_id": "12345",
        "account_name": "Example Association",
        "email": "office@example.org",
        "first_name": "Erin",
        "last_name": "Example",
        "username": "example",
        "avatar_url": "",
        "role": "owner",
        "member_since": since,
        "pricing_plan_type": "monthly",
        "first_payment": since,
        "account_timezone": "America/Chicago",
        "account_industry": "Nonprofit",
        "contact": CONTACT,
        "pro_enabled": False,
        "last_login": since,
        "total_subscribers": subscribers,
        "industry_stats": {"open_rate": 0.2, "bounce_rate": 0.01, "click_rate": 0.03},
        "_links": links("/"),
    }


def oauth_metadata(account: Account, base: str) -> Any:
    """GET /oauth2/metadata: which data centre a token belongs to."""
    return {
        "dc": "us1",
        "role": "owner",
        "accountname": "Example Association",
        "user_id": 12345,
        "login": {"email": "office@example.org", "login_id": 12345, "login_name": "example"},
        "login_url": "https://login.mailchimp.com",
        "api_endpoint": base,
    }


def lists(asked: Asked) -> Any:
    """GET /lists."""
    found = [list_document(audience, asked.query) for audience in asked.account.audiences.values()]
    return {
        "lists": found[queries.page(asked.query)],
        "total_items": len(found),
        "constraints": {"may_create": False, "max_instances": len(found), "current_total_instances": len(found)},
        "_links": links("/lists"),
    }


def one_list(asked: Asked) -> Any:
    """GET /lists/{list_id}."""
    return list_document(asked.audience, asked.query)


def batch_subscribe(asked: Asked) -> Any:
    """POST /lists/{list_id}."""
    audience = asked.audience
    batch = bulk.BatchSubscribe(asked.account, audience, asked.query)
    batch.apply(asked.body)
    return {
        "new_members": [batch_document(audience, member) for member in batch.new],
        "updated_members": [batch_document(audience, member) for member in batch.updated],
        "errors": batch.errors,
        "total_created": len(batch.new),
        "total_updated": len(batch.updated),
        "error_count": len(batch.errors),
        "_links": links(f"/lists/{audience.id}"),
    }


def list_document(audience: Audience, query: dict[str, Any]) -> dict[str, Any]:
    """A list with its numbers, which here are always fresh."""
    return {
        "id": audience.id,
        "web_id": 4711,
        "name": audience.name,
        "contact": _list_contact(),
        "permission_reminder": "You are a member of Example Association.",
        "use_archive_bar": True,
        "campaign_defaults": {
            "from_name": "Example Association",
            "from_email": "office@example.org",
            "subject": "",
            "language": "en",
        },
        "notify_on_subscribe": "",
        "notify_on_unsubscribe": "",
        "date_created": iso(audience.created),
        "list_rating": 3,
        "email_type_option": False,
        "subscribe_url_short": "https://example.org/s",
        "subscribe_url_long": "https://example.org/subscribe",
        "beamer_address": "beamer@example.org",
        "visibility": "prv",
        "double_optin": False,
        "has_welcome": False,
        "marketing_permissions": False,
        "modules": [],
        "stats": _stats(audience, query),
        "_links": links(f"/lists/{audience.id}"),
    }


def _list_contact() -> dict[str, str]:
    renamed = {"addr1": "address1", "addr2": "address2"}
    return {renamed.get(name, name): value for name, value in CONTACT.items()} | {"phone": ""}


def _stats(audience: Audience, query: dict[str, Any]) -> dict[str, Any]:
    counts = audience.counts
    stats: dict[str, Any] = {
        "member_count": counts["subscribed"],
        "unsubscribe_count": counts["unsubscribed"],
        "cleaned_count": counts["cleaned"],
        "member_count_since_send": counts["subscribed"],
        "unsubscribe_count_since_send": counts["unsubscribed"],
        "cleaned_count_since_send": counts["cleaned"],
        "campaign_count": 0,
        "campaign_last_sent": "",
        "merge_field_count": len(audience.columns.index),
        "avg_sub_rate": 0,
        "avg_unsub_rate": 0,
        "target_sub_rate": 0,
        "open_rate": 0,
        "click_rate": 0,
        "last_sub_date": "",
        "last_unsub_date": "",
    }
    if query.get("include_total_contacts"):
        stats["total_contacts"] = len(audience.members)
    return stats
